namespace AttentionServer.Text;

/// <summary>Extended grapheme clusters (Unicode Standard Annex 29, version 17): what a reader takes for one character.</summary>
internal static class Graphemes
{
    private enum Break
    {
        Other, CarriageReturn, LineFeed, Control, Extend, Joiner, RegionalIndicator, Prepend, SpacingMark, L, V, T, LV, LVT, Pictograph,
    }

    private enum Conjunct
    {
        None, Linker, Consonant, Extend,
    }

    /// <summary>Where the cluster that begins at <paramref name="start"/> ends.</summary>
    public static int NextBoundary(AlignedText text, int start, int end)
    {
        var c = text.CodePointAt(start);
        var at = start + (c >= 0x10000 ? 2 : 1);
        if (at < end && c is >= ' ' and < 0x7F && text.Unit(at) < 0x7F) return at;
        var before = BreakOf(c);
        var flags = before == Break.RegionalIndicator;
        var pictograph = before == Break.Pictograph;
        var pictographJoined = false;
        var consonant = ConjunctOf(c) == Conjunct.Consonant;
        var linked = false;
        while (at < end)
        {
            c = text.CodePointAt(at);
            var after = BreakOf(c);
            var conjunct = ConjunctOf(c);
            var joins = Joins(before, after)
                || (after == Break.Pictograph && pictographJoined)
                || (after == Break.RegionalIndicator && flags)
                || (conjunct == Conjunct.Consonant && consonant && linked);
            if (!joins) return at;
            // Flags are pairs: a third indicator begins the next one.
            flags = false;
            pictographJoined = pictograph && after == Break.Joiner;
            pictograph = after == Break.Pictograph || (pictograph && after == Break.Extend);
            if (conjunct == Conjunct.Linker) linked = true;
            if (conjunct is Conjunct.Consonant or Conjunct.None) (consonant, linked) = (conjunct == Conjunct.Consonant, false);
            before = after;
            at += c >= 0x10000 ? 2 : 1;
        }
        return end;
    }

    /// <summary>The rules that look at two neighbours only (GB3 to GB9b).</summary>
    private static bool Joins(Break before, Break after) => before switch
    {
        Break.CarriageReturn => after == Break.LineFeed,
        Break.LineFeed or Break.Control => false,
        _ when after is Break.CarriageReturn or Break.LineFeed or Break.Control => false,
        Break.L when after is Break.L or Break.V or Break.LV or Break.LVT => true,
        Break.LV or Break.V when after is Break.V or Break.T => true,
        Break.LVT or Break.T when after is Break.T => true,
        Break.Prepend => true,
        _ => after is Break.Extend or Break.Joiner or Break.SpacingMark,
    };

    private static Break BreakOf(int c) => (Break)(UnicodeTables.Properties[c] >> 12 & 15);

    private static Conjunct ConjunctOf(int c) => (Conjunct)(UnicodeTables.Properties[c] >> 16 & 3);
}
