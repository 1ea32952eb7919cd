namespace AttentionServer.Text;

/// <summary>Replaces what a pattern finds; the replacement comes from where the last character replaced came from.</summary>
internal sealed class ReplaceNormalizer(ITextFinder wanted, string replacement) : Normalizer
{
    public override void Normalize(AlignedText input, int start, int end, AlignedText output)
    {
        var from = start;
        foreach (var match in wanted.Find(input, start, end))
        {
            output.Append(input, from, match.Start);
            from = match.End;
            if (match.End == start) continue;
            foreach (var unit in replacement) output.Append(unit, input.SourceStart(match.End - 1), input.SourceEnd(match.End - 1));
        }
        output.Append(input, from, end);
    }
}

/// <summary>Puts a text before any text that is not empty; it shares the place of the first character.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override void Normalize(AlignedText input, int start, int end, AlignedText output)
    {
        if (start == end) return;
        foreach (var unit in prefix) output.Append(unit, input.SourceStart(start), input.SourceEnd(start));
        output.Append(input, start, end);
    }
}

/// <summary>Takes white space off the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    public override void Normalize(AlignedText input, int start, int end, AlignedText output)
    {
        // White space has no characters beyond the basic plane, so units will do.
        while (left && start < end && Characters.IsWhiteSpace(input.Unit(start))) start++;
        while (right && start < end && Characters.IsWhiteSpace(input.Unit(end - 1))) end--;
        output.Append(input, start, end);
    }
}

/// <summary>Writes every UTF-8 byte as a visible character, as <see cref="ByteLevelPreTokenizer"/> does after splitting.</summary>
internal sealed class ByteLevelNormalizer : Normalizer
{
    public override void Normalize(AlignedText input, int start, int end, AlignedText output) =>
        ByteAlphabet.Spell(input, start, end, output);
}

/// <summary>SentencePiece's "nmt" cleaning: controls out, the many kinds of space and break to spaces.</summary>
internal sealed class NmtNormalizer : CharacterNormalizer
{
    protected override void Append(int c, int start, int end, AlignedText output)
    {
        if (c is (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F) return;
        var space = c is 0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF
            or Characters.Replacement;
        output.AppendCodePoint(space ? ' ' : c, start, end);
    }
}
