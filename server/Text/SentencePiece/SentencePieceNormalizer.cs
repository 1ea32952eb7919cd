namespace AttentionServer.Text;

/// <summary>
/// SentencePiece's own normalisation: the longest rule at each place, then spaces squeezed, one put before the text,
/// and all of them made visible. What a rule writes comes from all that the rule replaced. Tokens that the model's
/// maker defined stay untouched.
/// </summary>
internal sealed class SentencePieceNormalizer(SentencePieceModel model, TokenFinder untouched) : Normalizer
{
    private const int LongestKey = 64;

    private readonly CharacterMap? map = model.Rules.Length > 0 ? new CharacterMap(model.Rules) : null;
    private readonly char space = model.EscapeSpaces ? Metaspace.Sign : ' ';

    public override void Normalize(AlignedText input, int start, int end, AlignedText output)
    {
        var from = output.Length;
        var spaceBefore = model.RemoveExtraSpaces;
        var begun = false;
        for (int at = start, next; at < end; at = next)
        {
            var written = Rule(input, at, end, out next);
            var (sourceStart, sourceEnd) = (input.SourceStart(at), input.SourceEnd(next - 1));
            for (var i = 0; i < written.Length; i++)
            {
                var unit = written[i];
                if (unit == ' ' && spaceBefore) continue;
                if (!begun && model.AddDummyPrefix) output.Append(space, sourceStart, sourceEnd);
                begun = true;
                output.Append(unit == ' ' ? space : unit, sourceStart, sourceEnd);
                spaceBefore = unit == ' ' && model.RemoveExtraSpaces;
            }
        }
        if (model.RemoveExtraSpaces) output.TrimEnd(from, space);
    }

    /// <summary>What stands for the text at a place, and where the next place is.</summary>
    private ReadOnlySpan<char> Rule(AlignedText input, int at, int end, out int next)
    {
        if (untouched.LongestAt(input.Units(at, end)) is var (form, _))
        {
            next = at + form.Length;
            return form;
        }
        var c = input.CodePointAt(at);
        next = at + (c >= 0x10000 ? 2 : 1);
        var plain = c is > ' ' and < 0x7F && (next == end || input.Unit(next) < 0x7F);
        if (map is null || (plain && map.OfAscii(c) is null)) return input.Units(at, next);
        Span<byte> bytes = stackalloc byte[LongestKey * 3];
        var units = input.Units(at, Math.Min(end, at + LongestKey));
        if (char.IsHighSurrogate(units[^1])) units = units[..^1];
        var count = System.Text.Encoding.UTF8.GetBytes(units, bytes);
        if (map.Find(bytes[..count], longest: true, out var length) is not { } replacement) return input.Units(at, next);
        next = at + System.Text.Encoding.UTF8.GetCharCount(bytes[..length]);
        return replacement;
    }
}
