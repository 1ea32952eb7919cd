namespace AttentionServer.Text;

/// <summary>The ids of the tokens with a role; null where the vocabulary has none for it.</summary>
public sealed record SpecialTokens
{
    /// <summary>Fills a batch up to its longest member.</summary>
    public int? Pad { get; init; }

    /// <summary>Stands for text that the vocabulary cannot spell.</summary>
    public int? Unk { get; init; }

    /// <summary>Begins the input; classifiers read it.</summary>
    public int? Cls { get; init; }

    /// <summary>Ends a member of the input.</summary>
    public int? Sep { get; init; }

    /// <summary>Hides a token that the model should guess.</summary>
    public int? Mask { get; init; }

    /// <summary>Begins a text.</summary>
    public int? Bos { get; init; }

    /// <summary>Ends a text.</summary>
    public int? Eos { get; init; }
}
