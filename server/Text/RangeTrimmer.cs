namespace AttentionServer.Text;

/// <summary>
/// Takes the spaces that byte-level tokens begin or end with ("Ġthe") out of their source ranges.
/// With <paramref name="addsPrefixSpace"/>, the one space that a first token begins with was put there and covers nothing.
/// </summary>
internal sealed class RangeTrimmer(bool addsPrefixSpace)
{
    public void Apply(List<Token> tokens, string source)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var (leading, trailing) = Spaces(token.Text);
            if (leading + trailing == 0) continue;
            var (start, end) = token.Range;
            if (leading == 1 && addsPrefixSpace && (i == 0 || start == 0)) leading = 0;
            for (; leading > 0 && start < end; leading--) start += IsPair(source, start, end) ? 2 : 1;
            for (; trailing > 0 && end > start; trailing--) end -= end - start > 1 && IsPair(source, end - 2, end) ? 2 : 1;
            tokens[i] = token with { Range = new TextRange(start, end) };
        }
    }

    private static (int Leading, int Trailing) Spaces(string token)
    {
        var (leading, trailing) = (0, 0);
        while (leading < token.Length && IsSpace(token[leading])) leading++;
        while (trailing < token.Length && IsSpace(token[^(trailing + 1)])) trailing++;
        return (leading, trailing);
    }

    private static bool IsPair(string source, int at, int end) =>
        at + 1 < end && char.IsHighSurrogate(source[at]) && char.IsLowSurrogate(source[at + 1]);

    private static bool IsSpace(char c) => c == ByteAlphabet.Space || Characters.IsWhiteSpace(c);
}
