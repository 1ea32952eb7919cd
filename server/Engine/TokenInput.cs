using AttentionServer.Engine.Interventions;
using AttentionServer.Text;

namespace AttentionServer.Engine;

/// <summary>What a model is fed: ids and segments of one text, no padding, and what is changed on its way through the model.</summary>
public sealed record TokenInput(int[] Ids, int[] TypeIds)
{
    /// <summary>Changes to the forward pass, one after the other.</summary>
    public IReadOnlyList<Intervention> Interventions { get; init; } = [];

    /// <summary>Which tokens are scaffolding ([CLS], [SEP], padding); null where only the model can tell.</summary>
    public IReadOnlyList<bool>? Special { get; init; }

    /// <summary>How many tokens.</summary>
    public int Length => Ids.Length;

    /// <summary>The tokens of an encoding.</summary>
    public static TokenInput Of(Encoding encoding) => new(encoding.Ids, encoding.TypeIds) { Special = [.. encoding.Tokens.Select(t => t.Special)] };
}
