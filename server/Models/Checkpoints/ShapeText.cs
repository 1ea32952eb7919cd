namespace AttentionServer.Models.Checkpoints;

/// <summary>How shapes are written in messages.</summary>
internal static class ShapeText
{
    /// <summary>[2,3], or [] for a scalar.</summary>
    public static string Of(ReadOnlySpan<long> shape) => $"[{string.Join(',', shape.ToArray())}]";
}
