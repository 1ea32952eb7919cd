namespace AttentionServer.Studies.Statistics;

/// <summary>What a conclusion is to hold for beyond what was measured.</summary>
public enum Scope
{
    /// <summary>Other examples of the kind, for these very models.</summary>
    Examples,

    /// <summary>Other examples and other seeds: for models trained in this way.</summary>
    SeedsAndExamples,
}

/// <summary>
/// Resampled means of all cells at once, so that what cells have in common stays in common: [resample][cell].
/// <para>Examples are drawn with replacement, the same for all cells (the paired bootstrap of Efron and Tibshirani 1993, chapter 8). Seeds are too few for
/// that: five of them have 126 different resamples, and these are too narrow by √(4/5). They enter by normal multipliers of the seeds' deviations
/// (the multiplier bootstrap), with the right variance and, divided by the root of a χ², Student's tails; common to all cells.</para>
/// </summary>
public static class Draws
{
    /// <summary>The draws. With one seed there are none over seeds.</summary>
    public static double[][] Of(PairedSamples samples, Scope scope, int resamples, int seed, CancellationToken cancellation = default)
    {
        if (scope == Scope.SeedsAndExamples && samples.Seeds < 2)
            throw new ArgumentException("one seed says nothing about others", nameof(scope));
        var cells = samples.Cells.Count;
        var draws = Resampling.Sums([.. Enumerable.Range(0, cells).Select(samples.ExampleMeans)], resamples, seed, Resampling.Counts, cancellation);
        foreach (var draw in draws)
            for (var cell = 0; cell < cells; cell++)
                draw[cell] /= samples.Examples;
        if (scope == Scope.SeedsAndExamples)
            AddSeeds(draws, samples, seed);
        return draws;
    }

    private static void AddSeeds(double[][] draws, PairedSamples samples, int seed)
    {
        var (cells, seeds) = (samples.Cells.Count, samples.Seeds);
        var deviations = new double[cells][];
        for (var cell = 0; cell < cells; cell++)
        {
            var means = samples.SeedMeans(cell);
            var mean = means.Average();
            var wanted = VarianceComponents.Of(samples, cell).SeedPart;
            var has = means.Sum(m => (m - mean) * (m - mean));
            // Σ g·deviation has the variance Σ deviation²: scaled to the part that seeds have in the variance of the mean.
            var scale = has > 0 ? Math.Sqrt(wanted / has) : 0;
            deviations[cell] = [.. means.Select(m => (m - mean) * scale)];
        }

        for (var resample = 0; resample < draws.Length; resample++)
        {
            // Another stream than that of the examples' weights.
            var random = new RandomStream(~seed, resample);
            double square = 0;
            for (var i = 0; i < seeds - 1; i++)
                square += Math.Pow(random.NextNormal(), 2);
            var stretch = 1 / Math.Sqrt(square / (seeds - 1));
            for (var s = 0; s < seeds; s++)
            {
                var multiplier = random.NextNormal() * stretch;
                for (var cell = 0; cell < cells; cell++)
                    draws[resample][cell] += multiplier * deviations[cell][s];
            }
        }
    }
}
