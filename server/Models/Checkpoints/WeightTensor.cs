using System.Runtime.InteropServices;

namespace AttentionServer.Models.Checkpoints;

/// <summary>A tensor as 32-bit floats in memory that lives as long as its checkpoint.</summary>
public sealed record WeightTensor(string Name, long[] Shape, nint Pointer, long Bytes)
{
    /// <summary>The numbers; only for tensors below 2 GB.</summary>
    public unsafe ReadOnlySpan<float> Floats => new((void*)Pointer, checked((int)(Bytes / sizeof(float))));
}

/// <summary>Memory outside the collected heap, aligned for vectors.</summary>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    private const nuint Alignment = 64;

    public NativeBuffer(long bytes) : base(0, ownsHandle: true) =>
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment));

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte.</summary>
    public nint Pointer => handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
