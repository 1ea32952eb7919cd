namespace AttentionServer.Text;

/// <summary>How a text is encoded.</summary>
public sealed record EncodeOptions
{
    /// <summary>Whether the template's tokens ([CLS], [SEP], ...) are added.</summary>
    public bool AddSpecial { get; init; } = true;

    /// <summary>The most tokens allowed, those of the template included; null for no limit.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Which member of a pair gives way when the budget is too small.</summary>
    public TruncationStrategy Truncate { get; init; } = TruncationStrategy.LongestFirst;
}
