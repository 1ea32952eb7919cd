using System.Diagnostics;
using AttentionServer.Studies.Statistics;
using Xunit.Abstractions;

namespace AttentionServer.Tests.Studies.Statistics;

/// <summary>Questions a study asks: what is said with one seed, rankings, contrasts, agreement, how many runs, and the time it takes.</summary>
public class InferenceTests(ITestOutputHelper output)
{
    private static readonly InferenceOptions Quick = new() { Resamples = 500, Flips = 999 };

    [Fact]
    public void One_seed_has_no_interval_over_seeds_and_says_so()
    {
        var table = CellInference.Of(Simulation.ExactMatch(new(1), 3, 100, 0.2, 0.1), Quick);
        Assert.All(table.Cells, c => Assert.True(c.BySeed == null && c.Both == null));
        Assert.Contains(table.Notes, n => n.StartsWith("One seed says nothing about others", StringComparison.Ordinal));
        Assert.Contains(table.Notes, n => n.Contains("Holm", StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => Draws.Of(Simulation.ExactMatch(new(1), 1, 10, 0, 0), Scope.SeedsAndExamples, 10, 1));
    }

    [Fact]
    public void The_same_seed_gives_the_same_table_and_another_one_another()
    {
        var samples = Simulation.Normal(new(2), 4, 3, 90, 0.1, 0.1, 1, 1);
        Assert.Equal(CellInference.Of(samples, Quick).Cells, CellInference.Of(samples, Quick).Cells);
        Assert.NotEqual(CellInference.Of(samples, Quick).Cells[0].Both, CellInference.Of(samples, Quick with { Seed = 2 }).Cells[0].Both);
    }

    [Fact]
    public void Variance_components_are_those_that_were_put_in()
    {
        var all = Enumerable.Range(0, 60).Select(i => VarianceComponents.Of(Simulation.Normal(new(i), 1, 6, 300, 5, 0.5, 1, 2), 0)).ToList();
        Assert.Equal(0.25, all.Average(c => c.Seed!.Value), 0.06);
        Assert.Equal(1, all.Average(c => c.Example), 0.05);
        Assert.Equal(4, all.Average(c => c.Residual), 0.05);
    }

    [Fact]
    public void Variance_components_add_up_to_the_variance_of_the_mean()
    {
        // With five seeds, 4 means and their errors by hand: rows (1, 2, 3), (2, 4, 9).
        var components = VarianceComponents.Of(new(["x"], 2, 3, [1, 2, 3, 2, 4, 9]), 0);
        // Means of seeds 2 and 5, of examples 1.5, 3 and 6, of all 3.5.
        Assert.Equal(3 * ((1.5 * 1.5) + (1.5 * 1.5)), components.BetweenSeeds, 1e-12);
        Assert.Equal(2 * (4 + 0.25 + 6.25) / 2, components.BetweenExamples, 1e-12);
        Assert.Equal(2 * (1 + 0.25 + 2.25) / 2, components.Residual, 1e-12);
    }

    [Fact]
    public void Zones_are_ranked_with_how_sure_that_is()
    {
        var random = new Random(5);
        var samples = new PairedSamples(Simulation.Names(6), 1, 500, [.. new[] { 0.02, 0.02, 0.30, 0.30, 0.10, 0.102 }.SelectMany(falls => Simulation.ExactMatch(random, 1, 500, falls, 0).Of(0, 0).ToArray())]);
        var ranking = Ranking.Of(samples, new Dictionary<string, IReadOnlyList<int>> { ["Q2"] = [0, 1], ["P2"] = [2, 3], ["A"] = [4], ["B"] = [5] }, Quick);
        Assert.Equal("P2", ranking[0].Group);
        Assert.Equal("Q2", ranking[3].Group);
        Assert.Equal((new Interval(1, 1), new Interval(4, 4)), (ranking[0].RankInterval, ranking[3].RankInterval));
        // A and B are alike: neither place is sure.
        Assert.Equal(new Interval(2, 3), ranking[1].RankInterval);
        Assert.All(ranking, r => Assert.Equal(1, r.Probabilities.Sum(), 1e-9));
    }

    [Fact]
    public void A_contrast_is_the_difference_of_means_and_paired()
    {
        var samples = Simulation.Normal(new(6), 4, 5, 200, -0.3, 0.1, 1, 0.2);
        var contrast = Contrast.Of(samples, "first two against last two", [0, 1], [2, 3], Quick).Cells[0];
        Assert.Equal(((samples.Mean(0) + samples.Mean(1)) / 2) - ((samples.Mean(2) + samples.Mean(3)) / 2), contrast.Mean, 1e-12);
        Assert.True(contrast.Both!.Value.Contains(0));
        // What the cells have in common cancels out: the contrast is surer than each of its sides.
        Assert.True(contrast.StandardError < CellInference.Of(samples, Quick).Cells[0].StandardError);
        Assert.Throws<ArgumentException>(() => Contrast.Of(samples, "x", [], [1], Quick));
    }

    [Fact]
    public void Measures_that_agree_are_told_from_those_that_do_not()
    {
        var random = new Random(7);
        double[] falls = [.. Enumerable.Range(0, 20).Select(i => i / 40.0)];
        PairedSamples Table(IEnumerable<double> p) => new(Simulation.Names(20), 1, 400, [.. p.SelectMany(x => Simulation.ExactMatch(random, 1, 400, x, 0).Of(0, 0).ToArray())]);
        var (a, b, reversed) = (Table(falls), Table(falls), Table(falls.Reverse()));
        var alike = RankAgreement.OfTables(a, b, Quick);
        Assert.InRange(alike.Spearman, 0.95, 1);
        Assert.True(alike.SpearmanInterval.Low > 0.9 && alike.SpearmanInterval.Contains(alike.Spearman) && alike.KendallInterval.Contains(alike.Kendall));
        Assert.True(alike.SpearmanOverCells.Low < alike.Spearman && alike.SpearmanOverCells.High <= 1);
        Assert.InRange(RankAgreement.OfTables(a, reversed, Quick).SpearmanInterval.High, -1, -0.85);
        Assert.Equal(1, RankAgreement.OfMeasures(a, a, Quick).SpearmanInterval.Low, 1e-9);
    }

    [Fact]
    public void Rank_agreement_is_held_by_its_interval()
    {
        // The truth: the order of the cells' probabilities in both tables, which here is the same but for four neighbours.
        double[] first = [.. Enumerable.Range(0, 12).Select(i => 0.05 + (0.03 * i))], second = [.. first];
        (second[2], second[5]) = (second[5], second[2]);
        (second[7], second[9]) = (second[9], second[7]);
        var truth = AttentionServer.Methods.Compare.RankCorrelation.Of(first, second);
        var held = Enumerable.Range(0, Simulation.Rounds(100)).AsParallel().Count(round =>
        {
            var random = new Random(round);
            PairedSamples Table(double[] p) => new(Simulation.Names(12), 1, 400, [.. p.SelectMany(x => Simulation.ExactMatch(random, 1, 400, x, 0).Of(0, 0).ToArray())]);
            return RankAgreement.OfTables(Table(first), Table(second), Quick with { Resamples = 200 }).SpearmanInterval.Contains(truth);
        }) / (double)Simulation.Rounds(100);
        output.WriteLine($"{held:0.000}");
        Assert.InRange(held, 0.88, 1);
    }

    [Fact]
    public void The_number_of_runs_needed_is_one_that_is_enough()
    {
        var components = VarianceComponents.Of(Simulation.Normal(new(8), 1, 8, 2000, 0, 0.1, 0.5, 0.5), 0);
        var now = Precision.HalfWidth(components, 8, 2000, 0.95);
        var seeds = Precision.SeedsNeeded(components, 2000, now / 2, 0.95)!.Value;
        Assert.InRange(seeds, 9, 60);
        Assert.True(Precision.HalfWidth(components, seeds, 2000, 0.95) <= now / 2);
        Assert.True(Precision.HalfWidth(components, seeds - 1, 2000, 0.95) > now / 2);
        // More examples cannot make up for too few seeds.
        Assert.Null(Precision.ExamplesNeeded(components, 3, now / 2, 0.95));
        Assert.NotNull(Precision.ExamplesNeeded(components, 60, now / 2, 0.95));
        Assert.Null(Precision.SeedsNeeded(VarianceComponents.Of(Simulation.ExactMatch(new(1), 1, 100, 0.1, 0), 0), 100, 0.01, 0.95));
    }

    [Fact]
    public void The_half_width_foretold_is_the_one_found()
    {
        var small = Precision.Typical([.. Enumerable.Range(0, 40).Select(i => VarianceComponents.Of(Simulation.Normal(new(i), 1, 6, 200, 0, 0.2, 1, 1), 0))]);
        var found = Enumerable.Range(0, 20).Average(i => CellInference.Of(Simulation.Normal(new(100 + i), 1, 12, 800, 0, 0.2, 1, 1), Quick).Cells[0].Both!.Value.HalfWidth);
        Assert.Equal(found, Precision.HalfWidth(small, 12, 800, 0.95), 0.15 * found);
    }

    [Fact]
    public void A_large_study_takes_seconds()
    {
        var samples = Simulation.ExactMatch(new(9), 60, 10_000, 0.1, 0.05);
        var watch = Stopwatch.StartNew();
        Draws.Of(samples, Scope.Examples, 2000, 1);
        output.WriteLine($"60 cells × 10,000 examples × 2,000 resamples: {watch.Elapsed.TotalSeconds:0.00} s");
        // About a second on two free cores; the bound is for machines that do much else beside.
        Assert.True(watch.Elapsed.TotalSeconds < 60, $"{watch.Elapsed}");
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        var samples = Simulation.ExactMatch(new(9), 20, 2000, 0.1, 0.05);
        Assert.Throws<OperationCanceledException>(() => Draws.Of(samples, Scope.Examples, 2000, 1, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void What_is_no_number_or_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new PairedSamples(["a"], 1, 2, [1, double.NaN]));
        Assert.Throws<ArgumentException>(() => new PairedSamples(["a"], 1, 3, [1, 2]));
        Assert.Throws<ArgumentException>(() => new PairedSamples(["a"], 0, 0, []));
    }
}
