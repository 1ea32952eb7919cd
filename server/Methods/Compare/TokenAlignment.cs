using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Readings;
using AttentionServer.Text;

namespace AttentionServer.Methods.Compare;

/// <summary>
/// Which tokens of two analyses are the same: of one text in two vocabularies, the smallest stretches whose borders both have; of two
/// texts, the longest list of tokens that both have in order.
/// </summary>
public sealed class TokenAlignment
{
    private TokenAlignment(TokenGroups first, TokenGroups second) => (First, Second) = (first, second);

    /// <summary>The groups of the first analysis; each is the same as that of the same number in <see cref="Second"/>.</summary>
    public TokenGroups First { get; }

    /// <summary>The groups of the second analysis.</summary>
    public TokenGroups Second { get; }

    /// <summary>Aligns two analyses.</summary>
    public static TokenAlignment Of(AnalysisMetadata first, AnalysisMetadata second)
    {
        var (a, b) = (first.Tokens, second.Tokens);
        var pairs = a.Select(t => t.Text).SequenceEqual(b.Select(t => t.Text)) ? [.. Enumerable.Range(0, a.Count).Select(i => (new[] { i }, new[] { i }))]
            : first.Text == second.Text && first.Pair == second.Pair ? SameStretches(a, b)
            : SameTokens(a, b);
        return new(Groups(first, pairs.Select(p => p.First)), Groups(second, pairs.Select(p => p.Second)));
    }

    private static TokenGroups Groups(AnalysisMetadata metadata, IEnumerable<int[]> groups) =>
        TokenGroups.Of(metadata.Tokens.Count, [.. groups.Select(g => new TokenGroup(Spelled(metadata, g), g, metadata.Tokens[g[0]].Special))]);

    private static string Spelled(AnalysisMetadata metadata, int[] group)
    {
        var (first, last) = (metadata.Tokens[group[0]], metadata.Tokens[group[^1]]);
        return group.Length == 1 ? first.Text : (first.Segment == Segment.Passage ? metadata.Pair ?? metadata.Text : metadata.Text)[first.Range.Start..last.Range.End];
    }

    private static List<(int[] First, int[] Second)> SameStretches(IReadOnlyList<Token> a, IReadOnlyList<Token> b)
    {
        var pairs = new List<(int[], int[])>();
        foreach (var passage in new[] { false, true })
        {
            int[] left = [.. Member(a, passage)], right = [.. Member(b, passage)];
            for (int i = 0, j = 0; i < left.Length && j < right.Length;)
            {
                var (firstI, firstJ) = (i, j);
                var (endA, endB) = (a[left[i++]].Range.End, b[right[j++]].Range.End);
                while (endA != endB && (endA < endB ? i < left.Length : j < right.Length))
                    if (endA < endB)
                        endA = a[left[i++]].Range.End;
                    else
                        endB = b[right[j++]].Range.End;
                pairs.Add((left[firstI..i], right[firstJ..j]));
            }
        }

        return pairs;
    }

    private static IEnumerable<int> Member(IReadOnlyList<Token> tokens, bool passage) =>
        Enumerable.Range(0, tokens.Count).Where(i => !tokens[i].Special && !tokens[i].Range.IsEmpty && tokens[i].Segment == Segment.Passage == passage);

    private static List<(int[] First, int[] Second)> SameTokens(IReadOnlyList<Token> a, IReadOnlyList<Token> b)
    {
        // The longest common subsequence, by the length of what is common from each place on.
        var common = new int[a.Count + 1, b.Count + 1];
        for (var i = a.Count - 1; i >= 0; i--)
            for (var j = b.Count - 1; j >= 0; j--)
                common[i, j] = a[i].Text == b[j].Text ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        var pairs = new List<(int[], int[])>();
        for (int i = 0, j = 0; i < a.Count && j < b.Count;)
        {
            if (a[i].Text == b[j].Text)
                pairs.Add(([i++], [j++]));
            else if (common[i + 1, j] >= common[i, j + 1])
                i++;
            else
                j++;
        }

        return pairs;
    }
}
