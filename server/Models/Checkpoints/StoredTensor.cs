namespace AttentionServer.Models.Checkpoints;

/// <summary>A tensor where it lies in a mapped file.</summary>
public sealed unsafe class StoredTensor
{
    private readonly byte* _data;

    internal StoredTensor(string name, DType type, long[] shape, byte* data, long length)
    {
        (Name, Type, Shape, Length) = (name, type, shape, length);
        _data = data;
    }

    /// <summary>Its name in the file.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public DType Type { get; }

    /// <summary>Its dimensions.</summary>
    public long[] Shape { get; }

    /// <summary>How many bytes it takes.</summary>
    public long Length { get; }

    /// <summary>The address of its first byte.</summary>
    public nint Pointer => (nint)_data;

    /// <summary>Its bytes; only for tensors below 2 GB.</summary>
    public ReadOnlySpan<byte> Bytes => new(_data, checked((int)Length));

    /// <summary>Part of its bytes.</summary>
    public ReadOnlySpan<byte> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        return new(_data + start, length);
    }
}
