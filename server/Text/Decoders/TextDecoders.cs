namespace AttentionServer.Text;

/// <summary>Turns the visible sign for a space back; the one that was put before the text vanishes.</summary>
internal sealed class MetaspaceDecoder(char sign, PrependScheme scheme) : Decoder
{
    public override List<string> Rewrite(List<string> tokens)
    {
        var first = scheme == PrependScheme.Never ? " " : "";
        return [.. tokens.Select((token, i) => token.Replace(sign.ToString(), i == 0 ? first : " ", StringComparison.Ordinal))];
    }
}

/// <summary>Joins all pieces into one.</summary>
internal sealed class FuseDecoder : Decoder
{
    public override List<string> Rewrite(List<string> tokens) => [string.Concat(tokens)];
}

/// <summary>Takes up to so many of a character off the ends of each piece.</summary>
internal sealed class StripDecoder(char character, int left, int right) : Decoder
{
    public override List<string> Rewrite(List<string> tokens) => [.. tokens.Select(Strip)];

    private string Strip(string token)
    {
        var (start, end) = (0, token.Length);
        while (start < left && start < end && token[start] == character) start++;
        while (token.Length - end < right && end > start && token[end - 1] == character) end--;
        return token[start..end];
    }
}

/// <summary>Replaces what a pattern finds in each piece.</summary>
internal sealed class ReplaceDecoder(ITextFinder wanted, string replacement) : Decoder
{
    private readonly ReplaceNormalizer replacer = new(wanted, replacement);

    public override List<string> Rewrite(List<string> tokens) => [.. tokens.Select(replacer.Normalize)];
}

/// <summary>Turns the sign for the end of a word into a space, and nothing after the last.</summary>
internal sealed class WordEndDecoder(string suffix) : Decoder
{
    public override List<string> Rewrite(List<string> tokens) =>
        suffix.Length == 0 ? tokens
            : [.. tokens.Select((token, i) => token.Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}
