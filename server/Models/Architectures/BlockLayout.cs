namespace AttentionServer.Models.Architectures;

/// <summary>
/// How an architecture spells and orders one block: attention, its residual sum, a feed-forward network and its
/// residual sum. The graph is composed from it, and methods that recompute parts of a block read the same names.
/// </summary>
public sealed record BlockLayout
{
    /// <summary>The projection to queries; ignored when <see cref="Fused"/> is set.</summary>
    public string Query { get; init; } = "";

    /// <summary>The projection to keys.</summary>
    public string Key { get; init; } = "";

    /// <summary>The projection to values.</summary>
    public string Value { get; init; } = "";

    /// <summary>One projection to queries, keys and values side by side; null where they are three.</summary>
    public string? Fused { get; init; }

    /// <summary>The projection of the mixed values back to hidden states.</summary>
    public required string Output { get; init; }

    /// <summary>The layer normalisation of the attention half: after its sum, or before it when <see cref="NormFirst"/>.</summary>
    public required string AttentionNorm { get; init; }

    /// <summary>The feed-forward network's first projection.</summary>
    public required string Up { get; init; }

    /// <summary>The feed-forward network's second projection.</summary>
    public required string Down { get; init; }

    /// <summary>The layer normalisation of the feed-forward half: after its sum, or before it when <see cref="NormFirst"/>.</summary>
    public required string OutputNorm { get; init; }

    /// <summary>Normalises what enters a half instead of its sum (pre-LayerNorm).</summary>
    public bool NormFirst { get; init; }

    /// <summary>Weights are stored [in, out] (GPT-2's Conv1D) instead of [out, in].</summary>
    public bool InputsFirst { get; init; }

    /// <summary>The spelling of BERT, RoBERTa and ELECTRA, under the name of a layer.</summary>
    public static BlockLayout OfBert(string layer) => new()
    {
        Query = $"{layer}.attention.self.query",
        Key = $"{layer}.attention.self.key",
        Value = $"{layer}.attention.self.value",
        Output = $"{layer}.attention.output.dense",
        AttentionNorm = $"{layer}.attention.output.LayerNorm",
        Up = $"{layer}.intermediate.dense",
        Down = $"{layer}.output.dense",
        OutputNorm = $"{layer}.output.LayerNorm",
    };
}
