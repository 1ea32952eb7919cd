namespace AttentionServer.Studies.Statistics;

/// <summary>Where a group of cells stands among others.</summary>
/// <param name="Group">Its name.</param>
/// <param name="Mean">Over its cells.</param>
/// <param name="MeanInterval">Of that mean.</param>
/// <param name="Rank">Its place, from 1: the one whose mean is lowest, which matters most when masking hurts.</param>
/// <param name="RankInterval">The places it may have.</param>
/// <param name="Probabilities">Of each place, from the first.</param>
public sealed record RankedGroup(string Group, double Mean, Interval MeanInterval, int Rank, Interval RankInterval, IReadOnlyList<double> Probabilities);

/// <summary>
/// Groups of cells (zones over all layers) in order, with how sure the order is: how often each has each place when examples and seeds are drawn anew
/// (Hall and Miller 2009, Using the Bootstrap to Quantify the Authority of an Empirical Ranking).
/// </summary>
public static class Ranking
{
    /// <summary>Ranks groups of cells, given by the cells' numbers.</summary>
    public static IReadOnlyList<RankedGroup> Of(PairedSamples samples, IReadOnlyDictionary<string, IReadOnlyList<int>> groups, InferenceOptions options, CancellationToken cancellation = default)
    {
        var names = groups.Keys.ToArray();
        var scope = options.Scope ?? (samples.Seeds > 1 ? Scope.SeedsAndExamples : Scope.Examples);
        var draws = Draws.Of(samples, scope, options.Resamples, options.Seed, cancellation);
        var means = draws.Select(d => names.Select(n => groups[n].Average(c => d[c])).ToArray()).ToArray();
        var ranks = means.Select(Ranks).ToArray();
        var observed = names.Select(n => groups[n].Average(samples.Mean)).ToArray();
        var places = Ranks(observed);
        return
        [
            .. names.Select((name, g) => new RankedGroup(
                name,
                observed[g],
                Interval.OfPercentiles(means.Select(m => m[g]), options.Confidence),
                places[g],
                Whole(Interval.OfPercentiles(ranks.Select(r => (double)r[g]), options.Confidence)),
                [.. Enumerable.Range(1, names.Length).Select(place => ranks.Count(r => r[g] == place) / (double)ranks.Length)]))
            .OrderBy(g => g.Rank),
        ];
    }

    private static Interval Whole(Interval places) => new(Math.Floor(places.Low), Math.Ceiling(places.High));

    private static int[] Ranks(double[] means)
    {
        var ranks = new int[means.Length];
        var place = 1;
        foreach (var g in Enumerable.Range(0, means.Length).OrderBy(i => means[i]))
            ranks[g] = place++;
        return ranks;
    }
}
