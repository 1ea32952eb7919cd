using AttentionServer.Text;

namespace AttentionServer.Methods.Readings;

/// <summary>What becomes of special tokens when a map is read.</summary>
public enum SpecialRule
{
    /// <summary>They stay.</summary>
    Keep,

    /// <summary>They are left out; what others drew on them is not told.</summary>
    Drop,

    /// <summary>They are left out, and what a row draws on the others is scaled so that it sums to 1.</summary>
    Renormalise,
}

/// <summary>Tokens read as one: a word, or a single token.</summary>
public sealed record TokenGroup(string Text, IReadOnlyList<int> Tokens, bool Special);

/// <summary>
/// How the tokens of a text are put together. What a word is drawn on is the sum over its tokens; what it draws is their mean, so that
/// rows that sum to 1 still do (Clark et al. 2019, What Does BERT Look At?).
/// </summary>
public sealed class TokenGroups
{
    private readonly bool _renormalise;

    private TokenGroups(int tokens, IReadOnlyList<TokenGroup> groups, bool renormalise) => (Tokens, Groups, _renormalise) = (tokens, groups, renormalise);

    /// <summary>How many tokens the text has.</summary>
    public int Tokens { get; }

    /// <summary>The groups in the order of the text.</summary>
    public IReadOnlyList<TokenGroup> Groups { get; }

    /// <summary>Groups that somebody else chose.</summary>
    public static TokenGroups Of(int tokens, IReadOnlyList<TokenGroup> groups) => new(tokens, groups, renormalise: false);

    /// <summary>The groups of an encoded text and its pair.</summary>
    public static TokenGroups Of(IReadOnlyList<Token> tokens, string text, string? pair, bool words, SpecialRule special)
    {
        var groups = new List<TokenGroup>();
        for (var i = 0; i < tokens.Count;)
        {
            var (first, end) = (tokens[i], i + 1);
            while (words && !first.Special && first.Word >= 0 && end < tokens.Count && tokens[end] is { Special: false } next && next.Word == first.Word && next.Segment == first.Segment)
                end++;
            if (!first.Special || special == SpecialRule.Keep)
                groups.Add(new(words ? Spelled(tokens, i, end, text, pair) : first.Text, [.. Enumerable.Range(i, end - i)], first.Special));
            i = end;
        }

        return new(tokens.Count, groups, special == SpecialRule.Renormalise);
    }

    /// <summary>A map [T,T] as one of groups [G,G].</summary>
    public float[] Map(ReadOnlySpan<float> map)
    {
        var read = new float[Groups.Count * Groups.Count];
        for (var to = 0; to < Groups.Count; to++)
        {
            var row = read.AsSpan(to * Groups.Count, Groups.Count);
            var whole = 0.0;
            for (var from = 0; from < Groups.Count; from++)
            {
                var sum = 0.0;
                foreach (var i in Groups[to].Tokens)
                    foreach (var j in Groups[from].Tokens)
                        sum += map[(i * Tokens) + j];
                sum /= Groups[to].Tokens.Count;
                (row[from], whole) = ((float)sum, whole + sum);
            }

            if (_renormalise && whole != 0)
                foreach (ref var score in row)
                    score = (float)(score / whole);
        }

        return read;
    }

    /// <summary>One number for each token as one for each group: their sum.</summary>
    public double[] Sum(IReadOnlyList<double> values) => [.. Groups.Select(g => g.Tokens.Sum(i => values[i]))];

    /// <summary>One number for each group as one for each token: every token of a word has the word's, tokens left out have 0.</summary>
    public T[] Spread<T>(IReadOnlyList<T> values)
        where T : struct
    {
        var spread = new T[Tokens];
        for (var group = 0; group < Groups.Count; group++)
            foreach (var token in Groups[group].Tokens)
                spread[token] = values[group];
        return spread;
    }

    /// <summary>The group of a token; null when it is left out.</summary>
    public int? Of(int token)
    {
        for (var group = 0; group < Groups.Count; group++)
            if (Groups[group].Tokens.Contains(token))
                return group;
        return null;
    }

    private static string Spelled(IReadOnlyList<Token> tokens, int first, int end, string text, string? pair)
    {
        var member = tokens[first].Segment == Segment.Passage ? pair ?? text : text;
        var (from, to) = (tokens[first].Range.Start, tokens[end - 1].Range.End);
        return end - first == 1 || to <= from || to > member.Length ? string.Concat(tokens.Skip(first).Take(end - first).Select(t => t.Text)) : member[from..to];
    }
}
