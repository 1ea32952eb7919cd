namespace AttentionServer.Text;

/// <summary>
/// Takes the spaces that byte-level tokens begin or end with ("Ġthe") out of their source ranges.
/// With <paramref name="addsPrefixSpace"/>, the first space of a first token was put there and covers nothing.
/// </summary>
internal sealed class RangeTrimmer(bool addsPrefixSpace)
{
    public void Apply(List<Token> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var leading = token.Text.TakeWhile(IsSpace).Count();
            var trailing = token.Text.Reverse().TakeWhile(IsSpace).Count();
            if (leading + trailing == 0) continue;
            var (start, end) = token.Range;
            if (leading > 0 && addsPrefixSpace && (i == 0 || start == 0)) leading--;
            start = Math.Min(start + leading, end);
            if (end >= trailing) end = Math.Max(end - trailing, start);
            tokens[i] = token with { Range = new TextRange(start, end) };
        }
    }

    private static bool IsSpace(char c) => c == ByteAlphabet.Space || Characters.IsWhiteSpace(c);
}
