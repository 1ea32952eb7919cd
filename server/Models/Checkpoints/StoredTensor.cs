namespace AttentionServer.Models.Checkpoints;

/// <summary>A tensor where it lies in a mapped file; using it after the file was disposed is an error, not a crash.</summary>
public sealed unsafe class StoredTensor
{
    private readonly long _offset;

    internal StoredTensor(string name, DType type, long[] shape, MappedFile file, long offset, long length)
    {
        (Name, Type, Shape, File, _offset, Length) = (name, type, shape, file, offset, length);
    }

    /// <summary>Its name in the file.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public DType Type { get; }

    /// <summary>Its dimensions.</summary>
    public long[] Shape { get; }

    /// <summary>How many bytes it takes.</summary>
    public long Length { get; }

    /// <summary>How many numbers it holds.</summary>
    public long Count => Length / Type.Size();

    /// <summary>The address of its first byte, valid until the file is disposed.</summary>
    public nint Pointer => (nint)File.At(_offset, Length);

    /// <summary>Its bytes; only for tensors below 2 GB.</summary>
    public ReadOnlySpan<byte> Bytes => Slice(0, checked((int)Length));

    internal MappedFile File { get; }

    internal long Offset => _offset;

    /// <summary>Part of its bytes.</summary>
    public ReadOnlySpan<byte> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - length);
        return File.Bytes(_offset + start, length);
    }

    /// <summary>A copy as 32-bit floats; for float types only.</summary>
    public float[] ToFloats()
    {
        if (!Type.IsFloat())
            throw new CheckpointException($"tensor '{Name}': {File.Path}: it holds {Type.Name()}, not floats: read its bytes");
        using var hold = File.Keep();
        var values = new float[Count];
        fixed (float* target = values)
            Widening.ToFloat(Type, (byte*)Pointer, target, values.LongLength);
        return values;
    }
}
