using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Training;

/// <summary>Floats outside the collected heap that stay where they are, all zero at first.</summary>
internal sealed unsafe class Slab : IDisposable
{
    private readonly NativeBuffer _buffer;

    public Slab(long count)
    {
        Count = count;
        _buffer = new NativeBuffer(count * sizeof(float));
        for (long at = 0; at < count; at += 1 << 24)
            Span(at, (int)Math.Min(1 << 24, count - at)).Clear();
    }

    /// <summary>How many floats.</summary>
    public long Count { get; }

    /// <summary>The address of a float.</summary>
    public nint Pointer(long offset) => _buffer.Pointer + (nint)(offset * sizeof(float));

    /// <summary>Some of the floats.</summary>
    public Span<float> Span(long offset, int count) => new((float*)_buffer.Pointer + offset, count);

    public void Dispose() => _buffer.Dispose();
}
