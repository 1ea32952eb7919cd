namespace AttentionServer.Models.Checkpoints;

/// <summary>A tensor as 32-bit floats in memory that lives as long as its checkpoint.</summary>
public sealed record WeightTensor(string Name, long[] Shape, nint Pointer, long Bytes)
{
    /// <summary>The numbers; only for tensors below 2 GB.</summary>
    public unsafe ReadOnlySpan<float> Floats => new((void*)Pointer, checked((int)(Bytes / sizeof(float))));
}
