namespace AttentionServer.Studies.Statistics;

/// <summary>
/// Where the spread of one cell comes from, in a layout of seeds × examples without replication, both random: analysis of variance (Searle,
/// Casella and McCulloch 1992, Variance Components, chapter 4).
/// </summary>
public sealed record VarianceComponents
{
    /// <summary>How many seeds were measured.</summary>
    public required int Seeds { get; init; }

    /// <summary>How many examples were measured.</summary>
    public required int Examples { get; init; }

    /// <summary>Mean square between seeds; not a number with one seed.</summary>
    public required double BetweenSeeds { get; init; }

    /// <summary>Mean square between examples.</summary>
    public required double BetweenExamples { get; init; }

    /// <summary>Mean square of what neither explains; with one seed it cannot be told from that between examples and is 0.</summary>
    public required double Residual { get; init; }

    /// <summary>σ² of seeds: what a further seed brings whatever the number of examples; null with one seed.</summary>
    public double? Seed => Seeds < 2 ? null : Math.Max(0, (BetweenSeeds - Residual) / Examples);

    /// <summary>σ² of examples: what they have in common for all seeds. With one seed it includes the residual.</summary>
    public double Example => Math.Max(0, (BetweenExamples - Residual) / Seeds);

    /// <summary>The part of the grand mean's variance that comes from examples: their own and the residual.</summary>
    public double ExamplePart => BetweenExamples / ((double)Seeds * Examples);

    /// <summary>
    /// The part that comes from seeds. The residual of the same seeds is in the other part already and is taken off; below five seeds it
    /// stays, since so few cannot tell the two apart and the interval should rather be too wide.
    /// </summary>
    public double SeedPart => Seeds < 2 ? 0 : Math.Max(0, BetweenSeeds - (Seeds < 5 ? 0 : Residual)) / ((double)Seeds * Examples);

    /// <summary>The components of a cell.</summary>
    public static VarianceComponents Of(PairedSamples samples, int cell)
    {
        var (seeds, examples) = (samples.Seeds, samples.Examples);
        double[] bySeed = samples.SeedMeans(cell), byExample = samples.ExampleMeans(cell);
        var mean = bySeed.Average();
        double residual = 0;
        for (var seed = 0; seed < seeds; seed++)
        {
            var row = samples.Of(cell, seed);
            for (var example = 0; example < examples; example++)
            {
                var rest = row[example] - bySeed[seed] - byExample[example] + mean;
                residual += rest * rest;
            }
        }

        return new()
        {
            Seeds = seeds,
            Examples = examples,
            BetweenSeeds = seeds < 2 ? double.NaN : examples * bySeed.Sum(m => (m - mean) * (m - mean)) / (seeds - 1),
            BetweenExamples = examples < 2 ? double.NaN : seeds * byExample.Sum(m => (m - mean) * (m - mean)) / (examples - 1),
            Residual = seeds < 2 || examples < 2 ? 0 : residual / ((seeds - 1.0) * (examples - 1)),
        };
    }
}
