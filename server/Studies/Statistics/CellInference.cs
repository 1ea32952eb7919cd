namespace AttentionServer.Studies.Statistics;

/// <summary>How cells are judged.</summary>
public sealed record InferenceOptions
{
    /// <summary>Of intervals.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Of the whole family of tests.</summary>
    public double Level { get; init; } = 0.05;

    /// <summary>How many times examples are drawn anew.</summary>
    public int Resamples { get; init; } = 2000;

    /// <summary>How many times signs are turned around.</summary>
    public int Flips { get; init; } = 9999;

    /// <summary>Of the random numbers: the same one gives the same table.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Which adjusted p-values decide.</summary>
    public Correction Correction { get; init; }

    /// <summary>The widest scope when null: seeds and examples where there are several seeds.</summary>
    public Scope? Scope { get; init; }
}

/// <summary>What can be said of a cell.</summary>
public enum Verdict
{
    /// <summary>It may be chance.</summary>
    Undecided,

    /// <summary>The measure falls, and that survives the correction.</summary>
    Falls,

    /// <summary>The measure rises, and that survives the correction.</summary>
    Rises,
}

/// <summary>One cell, with how sure it is.</summary>
/// <param name="Cell">Its name.</param>
/// <param name="Mean">Over seeds and examples.</param>
/// <param name="StandardError">Of the mean, over the scope that the p-value has.</param>
/// <param name="ByExample">Where it lies for other examples and these models.</param>
/// <param name="BySeed">Where it lies for other seeds and these examples; null with one seed.</param>
/// <param name="Both">Where it lies for other seeds and examples; null with one seed.</param>
/// <param name="PValue">That of no effect, alone.</param>
/// <param name="Holm">The same adjusted after Holm.</param>
/// <param name="BenjaminiHochberg">The same adjusted after Benjamini and Hochberg.</param>
/// <param name="Verdict">By the chosen correction.</param>
public sealed record CellEstimate(string Cell, double Mean, double StandardError, Interval ByExample, Interval? BySeed, Interval? Both, double PValue, double Holm, double BenjaminiHochberg, Verdict Verdict);

/// <summary>All cells, with what a reader has to know about how they were judged.</summary>
public sealed record InferenceTable(IReadOnlyList<CellEstimate> Cells, Scope Scope, InferenceOptions Options, IReadOnlyList<string> Notes);

/// <summary>
/// Means of cells with confidence intervals, and tests corrected for their number. By example: the paired bootstrap and sign flips. With several seeds the
/// verdict is about other seeds too, with Student's tails for their small number.
/// </summary>
public static class CellInference
{
    /// <summary>Judges all cells as one family.</summary>
    public static InferenceTable Of(PairedSamples samples, InferenceOptions options, CancellationToken cancellation = default)
    {
        var scope = options.Scope ?? (samples.Seeds > 1 ? Scope.SeedsAndExamples : Scope.Examples);
        var examples = Draws.Of(samples, Scope.Examples, options.Resamples, options.Seed, cancellation);
        var both = samples.Seeds > 1 ? Draws.Of(samples, Scope.SeedsAndExamples, options.Resamples, options.Seed, cancellation) : null;
        var components = Enumerable.Range(0, samples.Cells.Count).Select(c => VarianceComponents.Of(samples, c)).ToArray();
        var means = Enumerable.Range(0, samples.Cells.Count).Select(samples.Mean).ToArray();
        var p = scope == Scope.Examples
            ? SignFlips.PValues(samples, options.Flips, options.Seed, cancellation)
            : [.. means.Select((m, c) => SeedsAndExamples.TwoSided(m, components[c].ExamplePart, components[c].SeedPart, samples.Seeds))];
        var (holm, discovery) = (Families.Holm(p), Families.BenjaminiHochberg(p));
        var decides = options.Correction == Correction.Holm ? holm : discovery;
        return new(
        [
            .. samples.Cells.Select((name, c) => new CellEstimate(
                name,
                means[c],
                Math.Sqrt(components[c].ExamplePart + (scope == Scope.Examples ? 0 : components[c].SeedPart)),
                Interval.OfPercentiles(examples.Select(d => d[c]), options.Confidence),
                BySeed(samples, c, options.Confidence),
                both == null ? null : Interval.OfPercentiles(both.Select(d => d[c]), options.Confidence),
                p[c],
                holm[c],
                discovery[c],
                decides[c] >= options.Level ? Verdict.Undecided : means[c] < 0 ? Verdict.Falls : Verdict.Rises)),
        ], scope, options, [.. Notes(samples, options, scope)]);
    }

    /// <summary>Student's interval of the seeds' means.</summary>
    private static Interval? BySeed(PairedSamples samples, int cell, double confidence)
    {
        if (samples.Seeds < 2)
            return null;
        var means = samples.SeedMeans(cell);
        var mean = means.Average();
        var half = Student.TwoSidedQuantile(confidence, samples.Seeds - 1) * Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / (samples.Seeds - 1) / samples.Seeds);
        return new(mean - half, mean + half);
    }

    private static IEnumerable<string> Notes(PairedSamples samples, InferenceOptions options, Scope scope)
    {
        yield return scope == Scope.Examples
            ? $"p-values from {options.Flips} random sign flips of paired differences; they are about other examples for {(samples.Seeds == 1 ? "this very model" : "these very models")}."
            : $"p-values are about other seeds and other examples, with Student's tails for {samples.Seeds} seeds.";
        yield return $"Intervals at {options.Confidence:0.##%} from {options.Resamples} paired bootstrap resamples of {samples.Examples} examples.";
        yield return options.Correction == Correction.Holm
            ? $"Verdicts after Holm's correction for {samples.Cells.Count} tests: the chance of any false one is at most {options.Level:0.##%}."
            : $"Verdicts after Benjamini and Hochberg's correction for {samples.Cells.Count} tests: of those called so, {options.Level:0.##%} may be false.";
        if (samples.Seeds == 1)
            yield return "One seed says nothing about others: there are no intervals over seeds.";
        else if (samples.Seeds < 5)
            yield return $"With {samples.Seeds} seeds intervals over seeds are rather too wide than too narrow; from 5 on they are right.";
        if (samples.Examples < 50)
            yield return $"{samples.Examples} examples are few: intervals may be too narrow.";
    }
}
