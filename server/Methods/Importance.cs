namespace AttentionServer.Methods;

/// <summary>One token and a score.</summary>
public readonly record struct TokenScore(int Token, double Score);

/// <summary>
/// Reads one layer of a context map as statements about single tokens. A token's importance is what a chosen token
/// draws on it (its cell in that row), or else what all tokens draw on it on average (the mean of its column); where
/// rows sum to 1, so do importances.
/// </summary>
public sealed class Importance
{
    private readonly float[]? _map;
    private readonly bool[] _special;

    /// <summary>Reads a map [T,T]; special tokens are ranked after all others.</summary>
    public Importance(float[] map, bool[] special, int? token)
        : this(Read(map, special.Length, token), special) => _map = map;

    /// <summary>Reads one number for each token; special tokens are ranked after all others.</summary>
    public Importance(double[] values, bool[] special)
    {
        (Values, _special) = (values, special);
        Ranks = new int[values.Length];
        var rank = 0;
        foreach (var j in Enumerable.Range(0, values.Length).Where(j => !special[j]).OrderByDescending(j => Values[j]))
            Ranks[j] = ++rank;
        Ranked = rank;
    }

    /// <summary>The importance of each token.</summary>
    public double[] Values { get; }

    /// <summary>1 for the most important token; 0 for special tokens, which are not ranked.</summary>
    public int[] Ranks { get; }

    /// <summary>How many tokens are ranked.</summary>
    public int Ranked { get; }

    /// <summary>What a token draws on most, special tokens left out; nothing where the numbers are about single tokens.</summary>
    public IReadOnlyList<TokenScore> DrawsOn(int token, int count) => _map is { } map ? Top(j => map[(token * Values.Length) + j], count) : [];

    /// <summary>What draws on a token most, special tokens left out; nothing where the numbers are about single tokens.</summary>
    public IReadOnlyList<TokenScore> DrawnOnBy(int token, int count) => _map is { } map ? Top(i => map[(i * Values.Length) + token], count) : [];

    private static double[] Read(float[] map, int tokens, int? token)
    {
        var values = new double[tokens];
        for (var i = token ?? 0; i < (token + 1 ?? tokens); i++)
            for (var j = 0; j < tokens; j++)
                values[j] += map[(i * tokens) + j] / (double)(token == null ? tokens : 1);
        return values;
    }

    private List<TokenScore> Top(Func<int, float> score, int count) =>
        [.. Enumerable.Range(0, Values.Length).Where(j => !_special[j]).Select(j => new TokenScore(j, score(j))).OrderByDescending(s => s.Score).Take(count)];
}
