namespace AttentionServer.Methods.Readings;

/// <summary>A token or word and a score.</summary>
public readonly record struct TokenScore(TokenGroup Group, double Score);

/// <summary>
/// Reads one map as statements about single tokens or words. A token's importance is what chosen tokens draw on it (the sum of its
/// cells in their rows), or else what all tokens draw on it on average (the mean of its column); where rows sum to 1, so does that.
/// </summary>
public sealed class Importance
{
    private readonly float[]? _map;

    /// <summary>Reads a map [T,T]; the rows of the tokens given are summed. Special tokens are ranked after all others.</summary>
    public Importance(ReadOnlySpan<float> map, TokenGroups groups, IReadOnlyList<int> tokens)
    {
        Groups = groups;
        _map = groups.Map(map);
        Values = Read(_map, groups.Groups.Count, [.. tokens.Select(groups.Of).OfType<int>().Distinct()]);
        (Ranks, Ranked) = Rank();
    }

    /// <summary>Reads one number for each token. Special tokens are ranked after all others.</summary>
    public Importance(IReadOnlyList<double> values, TokenGroups groups)
    {
        (Groups, Values) = (groups, groups.Sum(values));
        (Ranks, Ranked) = Rank();
    }

    /// <summary>What the numbers are about.</summary>
    public TokenGroups Groups { get; }

    /// <summary>The importance of each group.</summary>
    public double[] Values { get; }

    /// <summary>1 for the most important group; 0 for special tokens, which are not ranked.</summary>
    public int[] Ranks { get; }

    /// <summary>How many groups are ranked.</summary>
    public int Ranked { get; }

    /// <summary>What a group draws on most, special tokens left out; nothing where the numbers are about single tokens.</summary>
    public IReadOnlyList<TokenScore> DrawsOn(int group, int count) => _map is { } map ? Top(j => map[(group * Values.Length) + j], count) : [];

    /// <summary>What draws on a group most, special tokens left out; nothing where the numbers are about single tokens.</summary>
    public IReadOnlyList<TokenScore> DrawnOnBy(int group, int count) => _map is { } map ? Top(i => map[(i * Values.Length) + group], count) : [];

    private static double[] Read(float[] map, int groups, int[] rows)
    {
        var values = new double[groups];
        foreach (var i in rows.Length > 0 ? rows : Enumerable.Range(0, groups))
            for (var j = 0; j < groups; j++)
                values[j] += map[(i * groups) + j] / (double)(rows.Length > 0 ? 1 : groups);
        return values;
    }

    private (int[] Ranks, int Ranked) Rank()
    {
        var (ranks, rank) = (new int[Values.Length], 0);
        foreach (var group in Enumerable.Range(0, Values.Length).Where(g => !Groups.Groups[g].Special).OrderByDescending(g => Values[g]))
            ranks[group] = ++rank;
        return (ranks, rank);
    }

    private List<TokenScore> Top(Func<int, float> score, int count) =>
        [.. Enumerable.Range(0, Values.Length).Where(g => !Groups.Groups[g].Special).Select(g => new TokenScore(Groups.Groups[g], score(g))).OrderByDescending(s => s.Score).Take(count)];
}
