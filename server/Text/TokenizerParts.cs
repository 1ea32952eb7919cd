namespace AttentionServer.Text;

/// <summary>What a tokenizer consists of besides its model: the steps before it and after it.</summary>
internal sealed record TokenizerParts
{
    public required AddedTokens Added { get; init; }

    public PreTokenizer? PreTokenizer { get; init; }

    public Template Template { get; init; } = Template.Bare;

    public Decoder? Decoder { get; init; }

    public SpecialTokens Special { get; init; } = new();
}
