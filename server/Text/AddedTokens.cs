using System.Buffers;

namespace AttentionServer.Text;

/// <summary>A token that is looked for in the text as it stands, before the model sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">What it looks like in the text.</param>
/// <param name="SingleWord">Whether it may not touch a word character on either side.</param>
/// <param name="StripLeft">Whether it takes the white space to its left.</param>
/// <param name="StripRight">Whether it takes the white space to its right.</param>
/// <param name="Normalized">Whether its normal form is looked for in the normalised text instead.</param>
/// <param name="Special">Whether decoding may skip it.</param>
internal sealed record AddedToken(
    int Id, string Content, bool SingleWord = false, bool StripLeft = false, bool StripRight = false, bool Normalized = false, bool Special = true);

/// <summary>All added tokens of a tokenizer: finds them in a text, and normalises what stands between them.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<int, AddedToken> byId = [];
    private readonly Dictionary<string, AddedToken> byContent = new(StringComparer.Ordinal);
    private readonly Finder asWritten;
    private readonly Finder inNormalForm;
    private readonly Normalizer? normalizer;

    public AddedTokens(IEnumerable<AddedToken> tokens, Normalizer? normalizer)
    {
        this.normalizer = normalizer;
        foreach (var token in tokens.Where(token => token.Content.Length > 0))
        {
            byId[token.Id] = token;
            byContent[token.Content] = token;
        }
        asWritten = new Finder(byContent.Values.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        inNormalForm = new Finder(byContent.Values.Where(token => token.Normalized)
            .Select(token => (normalizer?.Normalize(token.Content) ?? token.Content, token)));
    }

    public IEnumerable<AddedToken> All => byId.Values;

    public AddedToken? Find(int id) => byId.GetValueOrDefault(id);

    public AddedToken? Find(string content) => byContent.GetValueOrDefault(content);

    /// <summary>The words of a text before any pre-tokenizer: its added tokens, and the normalised text between them.</summary>
    public WordList Extract(AlignedText text)
    {
        var words = new WordList();
        var normal = new AlignedText(text.Length);
        asWritten.Split(text, 0, text.Length, (start, end, token) =>
        {
            if (token is not null)
            {
                words.Add(text, start, end, token.Id);
                return;
            }
            var (source, from, to) = (text, start, end);
            if (normalizer is not null)
            {
                from = normal.Length;
                normalizer.Normalize(text, start, end, normal);
                (source, to) = (normal, normal.Length);
            }
            inNormalForm.Split(source, from, to, (s, e, found) => words.Add(source, s, e, found?.Id ?? -1));
        });
        return words;
    }

    /// <summary>Finds tokens from left to right, the longest where several begin.</summary>
    private sealed class Finder
    {
        private readonly Dictionary<char, (string Form, AddedToken Token)[]> byFirstUnit;
        private readonly SearchValues<char> firstUnits;

        public Finder(IEnumerable<(string Form, AddedToken Token)> forms)
        {
            byFirstUnit = forms.Where(form => form.Form.Length > 0).GroupBy(form => form.Form[0])
                .ToDictionary(group => group.Key, group => group.OrderByDescending(form => form.Form.Length).ToArray());
            firstUnits = SearchValues.Create([.. byFirstUnit.Keys]);
        }

        public void Split(AlignedText text, int start, int end, Action<int, int, AddedToken?> visit)
        {
            var from = start;
            for (var at = start; at < end;)
            {
                var skip = text.Units(at, end).IndexOfAny(firstUnits);
                if (skip < 0) break;
                at += skip;
                if (Match(text.Units(at, end)) is not var (form, token))
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

        private (string Form, AddedToken Token)? Match(ReadOnlySpan<char> rest)
        {
            foreach (var candidate in byFirstUnit[rest[0]])
                if (rest.StartsWith(candidate.Form, StringComparison.Ordinal)) return candidate;
            return null;
        }

        private static bool TouchesWordBefore(AlignedText text, int start, int at) => at > start && Characters.IsWordCharacter(text.CodePointBefore(at));

        private static bool TouchesWordAfter(AlignedText text, int at, int end) => at < end && Characters.IsWordCharacter(text.CodePointAt(at));
    }
}
