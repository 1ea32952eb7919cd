namespace AttentionServer.Models.Checkpoints;

/// <summary>A tensor where it lies in a mapped file; using it after the file was disposed is an error, not a crash.</summary>
public sealed unsafe class StoredTensor
{
    // A view with its numbers in another order, as PyTorch saves transposed weights, is put in order when first used.
    private readonly Lazy<NativeBuffer>? _ordered;

    internal StoredTensor(string name, DType type, long[] shape, MappedFile file, long offset, long length, long[]? strides = null)
    {
        (Name, Type, Shape, File, Offset, Length) = (name, type, shape, file, offset, length);
        _ordered = strides == null ? null : new(() => Order(strides));
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
    public nint Pointer => (nint)At(0, Length);

    /// <summary>Its bytes; only for tensors below 2 GB.</summary>
    public ReadOnlySpan<byte> Bytes => Slice(0, checked((int)Length));

    internal MappedFile File { get; }

    internal long Offset { get; }

    /// <summary>Part of its bytes.</summary>
    public ReadOnlySpan<byte> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - length);
        return length == 0 ? [] : new(At(start, length), length);
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

    private byte* At(long start, long length)
    {
        var inFile = File.At(Offset + (_ordered == null ? start : 0), _ordered == null ? length : 0);
        return _ordered == null ? inFile : (byte*)_ordered.Value.Pointer + start;
    }

    private NativeBuffer Order(long[] strides)
    {
        using var hold = File.Keep();
        var size = Type.Size();
        var reach = Shape.Select((d, i) => (d - 1) * strides[i]).Sum() + 1;
        var source = File.At(Offset, reach * size);
        var buffer = new NativeBuffer(Length);
        var target = (byte*)buffer.Pointer;
        var index = new long[Shape.Length];
        long from = 0;
        for (long i = 0; i < Count; i++)
        {
            for (var b = 0; b < size; b++)
                target[(i * size) + b] = source[(from * size) + b];
            for (var axis = Shape.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < Shape[axis])
                    break;
                from -= Shape[axis] * strides[axis];
                index[axis] = 0;
            }
        }

        return buffer;
    }
}
