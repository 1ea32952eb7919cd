using AttentionServer.Models;

namespace AttentionServer.Engine;

/// <summary>What a trace should record.</summary>
public sealed record TraceRequest
{
    /// <summary>Attention probabilities.</summary>
    public bool Attentions { get; init; }

    /// <summary>Queries, keys and values.</summary>
    public bool QueriesKeysValues { get; init; }

    /// <summary>Hidden states.</summary>
    public bool HiddenStates { get; init; }

    /// <summary>Residual sums.</summary>
    public bool BlockSums { get; init; }

    /// <summary>What the model's own head says.</summary>
    public bool Logits { get; init; }

    /// <summary>Tokens to compute word logits for; null for all. The same in each text of a batch.</summary>
    public int[]? WordsAt { get; init; }

    /// <summary>All that either of two requests wants; places of words are this one's.</summary>
    public TraceRequest With(TraceRequest other) => this with
    {
        Attentions = Attentions || other.Attentions,
        QueriesKeysValues = QueriesKeysValues || other.QueriesKeysValues,
        HiddenStates = HiddenStates || other.HiddenStates,
        BlockSums = BlockSums || other.BlockSums,
        Logits = Logits || other.Logits,
    };

    internal bool IsNothing(HeadKind? head) => !Attentions && !QueriesKeysValues && !HiddenStates && !BlockSums && !(Logits && head != null);

    internal GraphSpec Spec(HeadKind? head, bool padded) => new()
    {
        Attentions = Attentions,
        QueriesKeysValues = QueriesKeysValues,
        HiddenStates = HiddenStates,
        BlockSums = BlockSums,
        Head = Logits ? head : null,
        PickedRows = Logits && WordsAt != null && head is HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel,
        Padded = padded,
    };
}
