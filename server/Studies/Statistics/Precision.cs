namespace AttentionServer.Studies.Statistics;

/// <summary>
/// How many runs are needed: what half-width an interval would have with so many seeds and examples, from the variance components of a study done
/// with fewer. The variance of a mean over S seeds and N examples is σ²(seed)/S + σ²(example)/N + σ²(rest)/(S·N).
/// </summary>
public static class Precision
{
    /// <summary>The half-width over examples and, where the components have it, over seeds. For one seed it is about this very model.</summary>
    public static double HalfWidth(VarianceComponents components, int seeds, int examples, double confidence)
    {
        var rest = components.Seed == null ? 0 : components.Residual;
        var examplePart = (components.Example + (rest / seeds)) / examples;
        return SeedsAndExamples.HalfWidth(confidence, examplePart, seeds < 2 ? 0 : (components.Seed ?? 0) / seeds, seeds);
    }

    /// <summary>
    /// The fewest seeds, from two, for a half-width with so many examples; null when the study had one seed, which says nothing about others, or when no
    /// number up to the bound is enough because the examples are too few.
    /// </summary>
    public static int? SeedsNeeded(VarianceComponents components, int examples, double halfWidth, double confidence, int bound = 10_000) =>
        components.Seed == null ? null : Fewest(2, bound, seeds => HalfWidth(components, seeds, examples, confidence) <= halfWidth);

    /// <summary>The fewest examples for a half-width with so many seeds; null when no number up to the bound is enough because the seeds are too few.</summary>
    public static int? ExamplesNeeded(VarianceComponents components, int seeds, double halfWidth, double confidence, int bound = 100_000_000) =>
        Fewest(2, bound, examples => HalfWidth(components, seeds, examples, confidence) <= halfWidth);

    /// <summary>The components of a typical cell: the mean of each over cells, which is what the mean variance needs.</summary>
    public static VarianceComponents Typical(IReadOnlyList<VarianceComponents> cells) => new()
    {
        Seeds = cells[0].Seeds,
        Examples = cells[0].Examples,
        BetweenSeeds = cells.Average(c => c.BetweenSeeds),
        BetweenExamples = cells.Average(c => c.BetweenExamples),
        Residual = cells.Average(c => c.Residual),
    };

    // More of anything never makes it wider, so halving finds where it is enough.
    private static int? Fewest(int low, int bound, Func<int, bool> enough)
    {
        if (!enough(bound))
            return null;
        var high = bound;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (enough(middle))
                high = middle;
            else
                low = middle + 1;
        }

        return high;
    }
}
