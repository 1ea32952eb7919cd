using AttentionServer.Methods.Compare;

namespace AttentionServer.Studies.Statistics;

/// <summary>
/// How alike two measures, models or data sets order the same cells: do EM and F1 tell the same story, does a heat map carry over.
/// </summary>
/// <param name="Cells">How many cells both have.</param>
/// <param name="Spearman">Rank correlation.</param>
/// <param name="Kendall">Of pairs, the surplus ordered alike.</param>
/// <param name="SpearmanInterval">Where the rank correlation lies for other examples (and seeds), these cells.</param>
/// <param name="KendallInterval">The same of Kendall's.</param>
/// <param name="SpearmanOverCells">Where it lies if the cells were a sample of cells (Bonett and Wright 2000); wide for few.</param>
public sealed record RankAgreement(int Cells, double Spearman, double Kendall, Interval SpearmanInterval, Interval KendallInterval, Interval SpearmanOverCells)
{
    /// <summary>
    /// Two measures on the same seeds and examples: both are resampled together. Intervals are bias-corrected, because resampling adds noise
    /// to what is ranked and so lowers every correlation.
    /// </summary>
    public static RankAgreement OfMeasures(PairedSamples first, PairedSamples second, InferenceOptions options, CancellationToken cancellation = default)
    {
        if (first.Seeds != second.Seeds || first.Examples != second.Examples)
            throw new ArgumentException("two measures of one study have the same seeds and examples", nameof(second));
        return Of(first, second, options, options.Seed, cancellation);
    }

    /// <summary>Two models or data sets: each is resampled by itself. Cells are matched by name; those that one alone has are left out.</summary>
    public static RankAgreement OfTables(PairedSamples first, PairedSamples second, InferenceOptions options, CancellationToken cancellation = default) =>
        Of(first, second, options, options.Seed + 1, cancellation);

    private static RankAgreement Of(PairedSamples first, PairedSamples second, InferenceOptions options, int secondSeed, CancellationToken cancellation)
    {
        var at = second.Cells.Select((name, cell) => (name, cell)).ToDictionary(c => c.name, c => c.cell, StringComparer.Ordinal);
        var pairs = first.Cells.Select((name, cell) => (First: cell, Second: at.GetValueOrDefault(name, -1))).Where(p => p.Second >= 0).ToArray();
        double[] a = [.. pairs.Select(p => first.Mean(p.First))], b = [.. pairs.Select(p => second.Mean(p.Second))];
        var drawsA = Draws.Of(first, ScopeOf(first, options), options.Resamples, options.Seed, cancellation);
        var drawsB = Draws.Of(second, ScopeOf(second, options), options.Resamples, secondSeed, cancellation);
        var (spearman, kendall) = (new double[options.Resamples], new double[options.Resamples]);
        Parallel.For(0, options.Resamples, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            double[] x = [.. pairs.Select(p => drawsA[i][p.First])], y = [.. pairs.Select(p => drawsB[i][p.Second])];
            spearman[i] = RankCorrelation.Of(x, y);
            kendall[i] = Statistics.Kendall.Of(x, y);
        });
        double rho = RankCorrelation.Of(a, b), tau = Statistics.Kendall.Of(a, b);
        return new(
            pairs.Length,
            rho,
            tau,
            Interval.OfCorrectedPercentiles(spearman, rho, options.Confidence),
            Interval.OfCorrectedPercentiles(kendall, tau, options.Confidence),
            OverCells(rho, pairs.Length, options.Confidence));
    }

    private static Scope ScopeOf(PairedSamples samples, InferenceOptions options) => options.Scope ?? (samples.Seeds > 1 ? Scope.SeedsAndExamples : Scope.Examples);

    // Bonett and Wright 2000, Sample Size Requirements for Estimating Pearson, Kendall and Spearman Correlations: on Fisher's z, √((1 + ρ²/2)/(n − 3)).
    private static Interval OverCells(double rho, int cells, double confidence)
    {
        if (cells < 4 || double.IsNaN(rho))
            return new(-1, 1);
        var z = Math.Atanh(Math.Clamp(rho, -1 + 1e-12, 1 - 1e-12));
        var half = Normal.Quantile((1 + confidence) / 2) * Math.Sqrt((1 + (rho * rho / 2)) / (cells - 3));
        return new(Math.Tanh(z - half), Math.Tanh(z + half));
    }
}
