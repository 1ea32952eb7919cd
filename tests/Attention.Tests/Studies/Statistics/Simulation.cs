using AttentionServer.Studies.Statistics;

namespace AttentionServer.Tests.Studies.Statistics;

/// <summary>Studies whose truth is known: EM falls from 1 to 0, or rises, with known probabilities; seeds and examples have effects of their own.</summary>
internal static class Simulation
{
    /// <summary>More simulations than a usual test run makes; STATISTICS_ROUNDS multiplies them.</summary>
    public static int Rounds(int usual) => usual * (int.TryParse(Environment.GetEnvironmentVariable("STATISTICS_ROUNDS"), out var factor) ? factor : 1);

    /// <summary>Differences with normal effects of seed and example.</summary>
    public static PairedSamples Normal(Random random, int cells, int seeds, int examples, double mean, double ofSeed, double ofExample, double ofRest)
    {
        var differences = new double[cells * seeds * examples];
        // Half of each effect is common to all cells, as the same models and questions are in all of them.
        double[] commonSeed = [.. Enumerable.Range(0, seeds).Select(_ => Draw(random))], commonExample = [.. Enumerable.Range(0, examples).Select(_ => Draw(random))];
        for (var cell = 0; cell < cells; cell++)
        {
            double[] ownExample = [.. Enumerable.Range(0, examples).Select(_ => Draw(random))];
            for (var seed = 0; seed < seeds; seed++)
            {
                var effect = mean + (ofSeed * (commonSeed[seed] + Draw(random)) / Math.Sqrt(2));
                for (var example = 0; example < examples; example++)
                    differences[(((cell * seeds) + seed) * examples) + example] = effect + (ofExample * (commonExample[example] + ownExample[example]) / Math.Sqrt(2)) + (ofRest * Draw(random));
            }
        }

        return new(Names(cells), seeds, examples, differences);
    }

    /// <summary>Exact match of one seed: −1 with one probability, +1 with another, else 0.</summary>
    public static PairedSamples ExactMatch(Random random, int cells, int examples, double falls, double rises)
    {
        var differences = new double[cells * examples];
        for (var i = 0; i < differences.Length; i++)
            differences[i] = random.NextDouble() is var u && u < falls ? -1 : u < falls + rises ? 1 : 0;
        return new(Names(cells), 1, examples, differences);
    }

    public static string[] Names(int cells) => [.. Enumerable.Range(0, cells).Select(c => $"cell {c}")];

    private static double Draw(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
