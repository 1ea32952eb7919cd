using System.Buffers;

namespace AttentionServer.Text;

/// <summary>Finds tokens from left to right, the longest where several begin.</summary>
internal sealed class TokenFinder
{
    private readonly Dictionary<char, (string Form, AddedToken Token)[]> byFirstUnit;
    private readonly SearchValues<char> firstUnits;

    public TokenFinder(IEnumerable<(string Form, AddedToken Token)> forms)
    {
        byFirstUnit = forms.Where(form => form.Form.Length > 0).GroupBy(form => form.Form[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(form => form.Form.Length).ToArray());
        firstUnits = SearchValues.Create([.. byFirstUnit.Keys]);
    }

    /// <summary>Visits the tokens between two places, and the text between them, from left to right.</summary>
    public void Split(AlignedText text, int start, int end, Action<int, int, AddedToken?> visit)
    {
        var from = start;
        for (var at = start; at < end;)
        {
            var skip = text.Units(at, end).IndexOfAny(firstUnits);
            if (skip < 0) break;
            at += skip;
            if (LongestAt(text.Units(at, end)) is not var (form, token))
            {
                at++;
                continue;
            }
            var (tokenStart, tokenEnd) = (at, at + form.Length);
            at = tokenEnd;
            if (token.SingleWord && (TouchesWordBefore(text, start, tokenStart) || TouchesWordAfter(text, tokenEnd, end))) continue;
            if (token.StripLeft) while (tokenStart > from && Characters.IsWhiteSpace(text.CodePointBefore(tokenStart))) tokenStart--;
            if (token.StripRight) while (tokenEnd < end && Characters.IsWhiteSpace(text.CodePointAt(tokenEnd))) tokenEnd++;
            if (tokenStart > from) visit(from, tokenStart, null);
            visit(Math.Max(from, tokenStart), tokenEnd, token);
            from = tokenEnd;
            at = Math.Max(at, tokenEnd);
        }
        if (from < end) visit(from, end, null);
    }

    /// <summary>The longest token that a text begins with.</summary>
    public (string Form, AddedToken Token)? LongestAt(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty || !byFirstUnit.TryGetValue(rest[0], out var candidates)) return null;
        foreach (var candidate in candidates)
            if (rest.StartsWith(candidate.Form, StringComparison.Ordinal)) return candidate;
        return null;
    }

    private static bool TouchesWordBefore(AlignedText text, int start, int at) =>
        at > start && Characters.IsWordCharacter(text.CodePointBefore(at));

    private static bool TouchesWordAfter(AlignedText text, int at, int end) =>
        at < end && Characters.IsWordCharacter(text.CodePointAt(at));
}
