namespace AttentionServer.Text;

/// <summary>What a tokenizer made of a text or a pair of texts: tokens, each with its exact source range.</summary>
public sealed class Encoding
{
    /// <summary>Puts tokens together; a token's range belongs to the member text its segment names.</summary>
    public Encoding(string source, string? pair, IReadOnlyList<Token> tokens, int[] typeIds, Truncation? truncation = null)
    {
        Source = source;
        Pair = pair;
        Tokens = tokens;
        Ids = [.. tokens.Select(token => token.Id)];
        TypeIds = typeIds;
        Truncation = truncation;
    }

    /// <summary>The text, or the first member of a pair.</summary>
    public string Source { get; }

    /// <summary>The second member of a pair.</summary>
    public string? Pair { get; }

    /// <summary>The tokens in the order the model reads them, those of the template included.</summary>
    public IReadOnlyList<Token> Tokens { get; }

    /// <summary>The token ids, in the order of <see cref="Tokens"/>.</summary>
    public int[] Ids { get; }

    /// <summary>The token type ids (BERT's segment ids), in the order of <see cref="Tokens"/>.</summary>
    public int[] TypeIds { get; }

    /// <summary>What did not fit into the budget; null when everything did.</summary>
    public Truncation? Truncation { get; }

    /// <summary>The source text that a token covers; empty for tokens of the template.</summary>
    public ReadOnlySpan<char> SourceOf(Token token)
    {
        ArgumentNullException.ThrowIfNull(token);
        var member = token.Segment == Segment.Passage ? Pair : Source;
        return member.AsSpan(token.Range.Start, token.Range.Length);
    }
}
