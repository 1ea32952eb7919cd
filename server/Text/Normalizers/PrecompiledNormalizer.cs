using System.Text;

namespace AttentionServer.Text;

/// <summary>
/// SentencePiece's rules as the `tokenizers` library applies them: to each grapheme cluster of up to five bytes as a
/// whole (by the shortest rule that it begins with), and where that finds nothing to each of its characters.
/// </summary>
internal sealed class PrecompiledNormalizer(CharacterMap map) : Normalizer
{
    private const int LongestWholeCluster = 5;

    public override void Normalize(AlignedText input, int start, int end, AlignedText output)
    {
        var writer = new Writer(input, start, output);
        for (var i = start; i < end;)
        {
            var next = Graphemes.NextBoundary(input, i, end);
            if (next == i + 1 && input.Unit(i) < 0x80) writer.Replace(1, map.OfAscii(input.Unit(i)), input.Unit(i));
            else Cluster(input, i, next, writer);
            i = next;
        }
        writer.Flush();
    }

    private void Cluster(AlignedText input, int start, int end, Writer writer)
    {
        Span<byte> bytes = stackalloc byte[LongestWholeCluster];
        if (System.Text.Encoding.UTF8.TryGetBytes(input.Units(start, end), bytes, out var length)
            && map.Find(bytes[..length], longest: false, out _) is { } whole)
        {
            writer.Replace(CodePoints(input, start, end), whole, 0);
            return;
        }
        for (var i = start; i < end;)
        {
            var c = input.CodePointAt(i);
            var count = new Rune(c).EncodeToUtf8(bytes);
            writer.Replace(1, map.Find(bytes[..count], longest: false, out _), c);
            i += c >= 0x10000 ? 2 : 1;
        }
    }

    private static int CodePoints(AlignedText input, int start, int end)
    {
        var count = 0;
        for (var i = start; i < end; i++) if (!char.IsLowSurrogate(input.Unit(i))) count++;
        return count;
    }

    /// <summary>
    /// Hands out source ranges in the order of the text. A replacement that is longer than what it replaces shares the
    /// last range; what a shorter one leaves over goes to its last character, or when it is empty to the one before it.
    /// Where there is none before it (a control deleted at the very start), the ranges that follow begin too early by
    /// what was deleted: so they do in the library, and models and their published offsets agree with it.
    /// </summary>
    private sealed class Writer(AlignedText input, int start, AlignedText output)
    {
        private readonly List<(int Character, int Taken)> pieces = [];

        public void Replace(int replaced, string? by, int itself)
        {
            if (by is null)
            {
                pieces.Add((itself, 1));
                return;
            }
            var written = 0;
            foreach (var rune in by.EnumerateRunes())
            {
                pieces.Add((rune.Value, 1));
                written++;
            }
            for (var i = 0; i < written - replaced; i++) pieces[^(i + 1)] = (pieces[^(i + 1)].Character, 0);
            if (written < replaced && pieces.Count > 0) pieces[^1] = (pieces[^1].Character, pieces[^1].Taken + replaced - written);
        }

        public void Flush()
        {
            var order = new SourceOrder(input, start, output);
            foreach (var (character, taken) in pieces) order.Write(character, taken);
        }
    }
}
