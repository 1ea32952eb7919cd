namespace AttentionServer.Studies.Statistics;

/// <summary>
/// Paired differences of a study: for each cell, seed and example the measure under the change minus the same seed's and example's
/// without it. All cells were measured on the same seeds and examples, so what is easy or hard cancels out.
/// </summary>
public sealed class PairedSamples
{
    private readonly double[] _differences;

    /// <summary>Differences in the order [cell, seed, example].</summary>
    public PairedSamples(IReadOnlyList<string> cells, int seeds, int examples, double[] differences)
    {
        if (seeds < 1 || examples < 1 || differences.Length != (long)cells.Count * seeds * examples)
            throw new ArgumentException($"{differences.Length} differences are not {cells.Count} cells × {seeds} seeds × {examples} examples", nameof(differences));
        if (differences.Any(d => !double.IsFinite(d)))
            throw new ArgumentException("a difference is not a number: leave out what was not measured", nameof(differences));
        (Cells, Seeds, Examples, _differences) = (cells, seeds, examples, differences);
    }

    /// <summary>Names of the cells.</summary>
    public IReadOnlyList<string> Cells { get; }

    /// <summary>How many models that differ in their seed.</summary>
    public int Seeds { get; }

    /// <summary>How many examples.</summary>
    public int Examples { get; }

    /// <summary>The differences of a cell and seed, by example.</summary>
    public ReadOnlySpan<double> Of(int cell, int seed) => _differences.AsSpan(((cell * Seeds) + seed) * Examples, Examples);

    /// <summary>The mean of a cell over seeds and examples.</summary>
    public double Mean(int cell) => SeedMeans(cell).Average();

    /// <summary>The mean of a cell over examples, for each seed.</summary>
    public double[] SeedMeans(int cell)
    {
        var means = new double[Seeds];
        for (var seed = 0; seed < Seeds; seed++)
        {
            foreach (var difference in Of(cell, seed))
                means[seed] += difference;
            means[seed] /= Examples;
        }

        return means;
    }

    /// <summary>The mean of a cell over seeds, for each example.</summary>
    public double[] ExampleMeans(int cell)
    {
        var means = new double[Examples];
        for (var seed = 0; seed < Seeds; seed++)
        {
            var row = Of(cell, seed);
            for (var example = 0; example < means.Length; example++)
                means[example] += row[example] / Seeds;
        }

        return means;
    }

    /// <summary>A cell made of others, each times its weight: a mean over layers, or a contrast of two means.</summary>
    public PairedSamples Combine(string name, IReadOnlyDictionary<int, double> weights)
    {
        var combined = new double[Seeds * Examples];
        foreach (var (cell, weight) in weights)
            for (var seed = 0; seed < Seeds; seed++)
            {
                var row = Of(cell, seed);
                for (var example = 0; example < row.Length; example++)
                    combined[(seed * Examples) + example] += weight * row[example];
            }

        return new([name], Seeds, Examples, combined);
    }
}
