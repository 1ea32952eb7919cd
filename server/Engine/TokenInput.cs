using AttentionServer.Text;

namespace AttentionServer.Engine;

/// <summary>What a model is fed: ids and segments of one text, no padding.</summary>
public sealed record TokenInput(int[] Ids, int[] TypeIds)
{
    /// <summary>How many tokens.</summary>
    public int Length => Ids.Length;

    /// <summary>The tokens of an encoding.</summary>
    public static TokenInput Of(Encoding encoding) => new(encoding.Ids, encoding.TypeIds);
}
