using AttentionServer.Studies.Statistics;
using Xunit.Abstractions;

namespace AttentionServer.Tests.Studies.Statistics;

/// <summary>
/// Intervals and tests on simulated studies with a known truth: 95 % intervals hold it in 93 to 97 of 100 studies, and what is called an effect where there is
/// none stays below 5 %. STATISTICS_ROUNDS=20 makes the counts twenty times as sure.
/// </summary>
public class CoverageTests(ITestOutputHelper output)
{
    private static readonly InferenceOptions Quick = new() { Resamples = 400, Flips = 999 };

    [Theory]
    [InlineData(300, 0.10, 0.03)]
    [InlineData(700, 0.03, 0.03)]
    [InlineData(500, 0.30, 0.01)]
    public void Intervals_by_example_hold_the_truth(int examples, double falls, double rises)
    {
        var covered = Count(Simulation.Rounds(700), random => Inferred(Simulation.ExactMatch(random, 1, examples, falls, rises), Scope.Examples).ByExample.Contains(rises - falls));
        Assert.InRange(covered, 0.93, 0.97);
    }

    [Theory]
    [InlineData(5, 0.03, 1, 1)]
    [InlineData(5, 0.1, 1, 1)]
    [InlineData(5, 0.3, 1, 1)]
    [InlineData(10, 0.1, 0.5, 1)]
    public void Intervals_by_seed_and_example_hold_the_truth(int seeds, double ofSeed, double ofExample, double ofRest)
    {
        var covered = Count(Simulation.Rounds(700), random => Inferred(Simulation.Normal(random, 1, seeds, 200, -0.4, ofSeed, ofExample, ofRest), Scope.SeedsAndExamples).Both!.Value.Contains(-0.4));
        Assert.InRange(covered, 0.93, 0.97);
    }

    [Fact]
    public void Intervals_by_seed_hold_the_truth_of_these_examples()
    {
        // The examples have no effect here, so the truth for these examples is the truth.
        var covered = Count(Simulation.Rounds(700), random => Inferred(Simulation.Normal(random, 1, 4, 50, 0.2, 0.3, 0, 0.5), Scope.Examples).BySeed!.Value.Contains(0.2));
        Assert.InRange(covered, 0.93, 0.97);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void With_few_seeds_intervals_are_rather_too_wide(int seeds)
    {
        var covered = Count(Simulation.Rounds(300), random => Inferred(Simulation.Normal(random, 1, seeds, 200, 0, 0.1, 1, 1), Scope.SeedsAndExamples).Both!.Value.Contains(0));
        Assert.InRange(covered, 0.94, 1);
    }

    [Theory]
    [InlineData(Correction.Holm)]
    [InlineData(Correction.BenjaminiHochberg)]
    public void Sixty_cells_without_effect_rarely_give_one_by_example(Correction correction)
    {
        // 4,999 flips, because Holm's first step asks for a p-value below 0.05 / 60.
        var options = Quick with { Flips = 4999, Resamples = 50, Correction = correction };
        var falseAlarms = Count(Simulation.Rounds(100), random => CellInference.Of(Simulation.ExactMatch(random, 60, 150, 0.1, 0.1), options).Cells.Any(c => c.Verdict != Verdict.Undecided));
        Assert.InRange(falseAlarms, 0, 0.05 + (1.64 * Math.Sqrt(0.05 * 0.95 / Simulation.Rounds(100))));
    }

    [Fact]
    public void Sixty_cells_without_effect_rarely_give_one_by_seed_and_example()
    {
        var options = Quick with { Resamples = 50 };
        var falseAlarms = Count(Simulation.Rounds(100), random => CellInference.Of(Simulation.Normal(random, 60, 5, 60, 0, 0.15, 1, 1), options).Cells.Any(c => c.Verdict != Verdict.Undecided));
        Assert.InRange(falseAlarms, 0, 0.05 + (1.64 * Math.Sqrt(0.05 * 0.95 / Simulation.Rounds(100))));
    }

    [Fact]
    public void Sign_flips_alone_have_the_size_they_say()
    {
        var rejected = 0;
        var random = new Random(3);
        var rounds = Simulation.Rounds(40);
        for (var round = 0; round < rounds; round++)
            rejected += SignFlips.PValues(Simulation.Normal(random, 50, 1, 80, 0, 0, 0, 1), 999, round).Count(p => p < 0.05);
        output.WriteLine($"size {rejected / (50.0 * rounds):0.000}");
        Assert.InRange(rejected / (50.0 * rounds), 0.035, 0.065);
    }

    [Fact]
    public void Effects_that_are_there_are_found_and_named_by_their_direction()
    {
        var random = new Random(4);
        var samples = new PairedSamples(["falls", "nothing", "rises"], 1, 800, [.. Simulation.ExactMatch(random, 1, 800, 0.2, 0.05).Of(0, 0), .. Simulation.ExactMatch(random, 1, 800, 0.05, 0.05).Of(0, 0), .. Simulation.ExactMatch(random, 1, 800, 0.02, 0.1).Of(0, 0)]);
        Assert.Equal([Verdict.Falls, Verdict.Undecided, Verdict.Rises], CellInference.Of(samples, Quick).Cells.Select(c => c.Verdict));
    }

    private static CellEstimate Inferred(PairedSamples samples, Scope scope) => CellInference.Of(samples, Quick with { Scope = scope, Flips = 19 }).Cells[0];

    private double Count(int rounds, Func<Random, bool> holds)
    {
        var count = Enumerable.Range(0, rounds).AsParallel().Count(round => holds(new Random(1000 + round)));
        output.WriteLine($"{count} of {rounds}: {count / (double)rounds:0.000}");
        return count / (double)rounds;
    }
}
