using System.Runtime.InteropServices;
using System.Text;

namespace AttentionServer.Text;

/// <summary>
/// The Unicode normalisation forms NFC, NFD, NFKC and NFKD (Unicode Standard Annex 15).
/// A source range follows the order of the text: what a character decomposes into comes from that character, a
/// composed character comes from its base, and marks that were put into canonical order trade ranges with each other.
/// </summary>
internal sealed class UnicodeNormalizer(NormalizationForm form) : Normalizer
{
    private readonly bool compose = form is NormalizationForm.FormC or NormalizationForm.FormKC;
    private readonly TwoStageTable<ushort> decompositions = form is NormalizationForm.FormC or NormalizationForm.FormD
        ? UnicodeTables.CanonicalDecomposition
        : UnicodeTables.CompatibilityDecomposition;

    /// <summary>A character of the result; Taken = how many characters of the input it uses up.</summary>
    private readonly record struct Piece(int Character, byte Class, int Taken);

    public override void Normalize(AlignedText input, int start, int end, AlignedText output)
    {
        // Nothing below U+00A0 decomposes, combines or composes with its like.
        if (!input.Units(start, end).ContainsAnyExceptInRange('\0', '\u009F'))
        {
            output.Append(input, start, end);
            return;
        }
        var pieces = Decompose(input, start, end);
        if (compose) Compose(pieces);
        var order = new SourceOrder(input, start, output);
        foreach (var piece in pieces) order.Write(piece.Character, piece.Taken);
    }

    private List<Piece> Decompose(AlignedText input, int start, int end)
    {
        var pieces = new List<Piece>(end - start);
        var unordered = 0;
        for (var i = start; i < end; i++)
        {
            var c = input.CodePointAt(i);
            if (c >= 0x10000) i++;
            if (Hangul.IsSyllable(c))
            {
                Order(pieces, unordered);
                Hangul.Decompose(c, out var lead, out var vowel, out var trail);
                pieces.Add(new Piece(lead, 0, 1));
                pieces.Add(new Piece(vowel, 0, 0));
                if (trail != 0) pieces.Add(new Piece(trail, 0, 0));
                unordered = pieces.Count;
                continue;
            }
            var at = c < 0xA0 ? 0 : decompositions[c];
            var count = at == 0 ? 1 : UnicodeTables.Sequences[at];
            for (var k = 0; k < count; k++)
            {
                var d = at == 0 ? c : UnicodeTables.Sequences[at + 1 + k];
                var combining = UnicodeTables.CombiningClass[d];
                if (combining == 0)
                {
                    Order(pieces, unordered);
                    unordered = pieces.Count + 1;
                }
                pieces.Add(new Piece(d, combining, k == 0 ? 1 : 0));
            }
        }
        Order(pieces, unordered);
        return pieces;
    }

    /// <summary>Puts the marks from <paramref name="from"/> on into canonical order: by combining class, equals as they stand.</summary>
    private static void Order(List<Piece> pieces, int from)
    {
        for (var i = from + 1; i < pieces.Count; i++)
        {
            var piece = pieces[i];
            var k = i;
            for (; k > from && pieces[k - 1].Class > piece.Class; k--) pieces[k] = pieces[k - 1];
            pieces[k] = piece;
        }
    }

    /// <summary>Joins each starter with the marks and starters after it that are not blocked from it, in place.</summary>
    private static void Compose(List<Piece> pieces)
    {
        var all = CollectionsMarshal.AsSpan(pieces);
        var starter = -1;
        var written = 0;
        for (var i = 0; i < all.Length; i++)
        {
            var piece = all[i];
            // Between the starter and this character stand only marks that were written and did not compose.
            var blocked = starter >= 0 && written - 1 > starter && all[written - 1].Class >= piece.Class;
            if (starter >= 0 && !blocked && Composition(all[starter].Character, piece.Character) is var composed and not 0)
            {
                all[starter] = new Piece(composed, 0, all[starter].Taken + piece.Taken);
                continue;
            }
            if (piece.Class == 0) starter = written;
            all[written++] = piece;
        }
        pieces.RemoveRange(written, pieces.Count - written);
    }

    private static int Composition(int first, int second) =>
        Hangul.Compose(first, second) is var syllable and not 0 ? syllable
        : second < 0x300 ? 0
        : UnicodeTables.Compositions.GetValueOrDefault((first, second));
}
