namespace AttentionServer.Text;

/// <summary>What a tokenizer consists of besides its model: the steps before it and after it.</summary>
internal sealed record TokenizerParts
{
    public required AddedTokens Added { get; init; }

    public PreTokenizer? PreTokenizer { get; init; }

    public Template Template { get; init; } = Template.Bare;

    /// <summary>Narrows the ranges of tokens that contain spaces; null leaves them.</summary>
    public RangeTrimmer? Trimmer { get; init; }

    public Decoder? Decoder { get; init; }

    /// <summary>Whether decoded text is tidied as English punctuation wants it.</summary>
    public bool CleansUp { get; init; }

    public SpecialTokens Special { get; init; } = new();
}
