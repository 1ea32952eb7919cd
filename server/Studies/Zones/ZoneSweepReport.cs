using System.Globalization;
using AttentionServer.Methods.Zones;
using AttentionServer.Studies.Runs;
using AttentionServer.Studies.Statistics;

namespace AttentionServer.Studies.Zones;

/// <summary>A model without a mask, in percent.</summary>
public sealed record SweepBaseline(string Model, double ExactMatch, double F1);

/// <summary>One cell of the heat map in one measure: its estimate, and the change in each model; from −1 to 1.</summary>
public sealed record SweptCell(ZoneCell Cell, string Measure, CellEstimate Estimate, IReadOnlyList<double> BySeed);

/// <summary>A planned question about zones and what the data say.</summary>
public sealed record SweptContrast(string Title, CellEstimate Estimate);

/// <summary>
/// What a sweep found, so far or in the end: changes against each model's own baseline, paired by question and seed, with intervals and tests that
/// are corrected for the number of cells. The three questions the paper leaves open have answers here: which zones matter, how
/// many runs it takes to tell, and whether exact match and F1 agree.
/// </summary>
public sealed record ZoneSweepReport
{
    /// <summary>The settings.</summary>
    public required ZoneSweep Sweep { get; init; }

    /// <summary>How many questions are finished in all models and cells.</summary>
    public required int Questions { get; init; }

    /// <summary>The models without a mask.</summary>
    public required IReadOnlyList<SweepBaseline> Baselines { get; init; }

    /// <summary>Cells of exact match, F1 and the probability of the marked answers.</summary>
    public required IReadOnlyList<SweptCell> Cells { get; init; }

    /// <summary>Zones by how much F1 falls when they are masked most strongly, over all layers.</summary>
    public required IReadOnlyList<RankedGroup> Ranking { get; init; }

    /// <summary>Planned questions, of F1.</summary>
    public required IReadOnlyList<SweptContrast> Contrasts { get; init; }

    /// <summary>How alike exact match and F1 order the cells; null where they do not vary.</summary>
    public required RankAgreement? Agreement { get; init; }

    /// <summary>Where the spread of a typical cell comes from, of exact match.</summary>
    public required VarianceComponents? Components { get; init; }

    /// <summary>What the statistics want said.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Paired differences of F1, for comparisons with another run.</summary>
    internal PairedSamples? F1 { get; init; }

    /// <summary>Reads what is finished.</summary>
    public static ZoneSweepReport Of(RunFolder run, InferenceOptions options, CancellationToken cancellation = default)
    {
        var sweep = ZoneSweep.Of(run.Manifest);
        var cells = sweep.Cells();
        var finished = Finished(run, sweep, cells, cancellation);
        var questions = finished.Sum(slice => slice[0][0].Count);
        if (questions == 0)
            return new() { Sweep = sweep, Questions = 0, Baselines = [], Cells = [], Ranking = [], Contrasts = [], Agreement = null, Components = null, Notes = ["Nothing is finished yet in all models and cells."] };

        var samples = SweepMeasures.All.ToDictionary(m => m, m => Samples(finished, sweep, cells, m));
        var judged = SweepMeasures.All.ToDictionary(m => m, m => CellInference.Of(samples[m], options, cancellation));
        var (f1, exact) = (samples[SweepMeasures.F1], samples[SweepMeasures.ExactMatch]);
        var strongest = sweep.Strengths[^1];
        var groups = sweep.ZoneIds.ToDictionary(z => z, z => (IReadOnlyList<int>)[.. Enumerable.Range(0, cells.Count).Where(c => cells[c].Zone.Id == z && cells[c].Strength == strongest)]);
        return new()
        {
            Sweep = sweep,
            Questions = questions,
            Baselines = [.. sweep.Models.Select((model, seed) => new SweepBaseline(model, Baseline(finished, seed, SweepMeasures.ExactMatch), Baseline(finished, seed, SweepMeasures.F1)))],
            Cells = [.. SweepMeasures.All.SelectMany(m => cells.Select((cell, c) => new SweptCell(cell, m, judged[m].Cells[c], samples[m].SeedMeans(c))))],
            Ranking = Statistics.Ranking.Of(f1, groups, options, cancellation),
            Contrasts = [.. Planned(groups).Select(p => new SweptContrast(p.Title, Contrast.Of(f1, p.Title, p.First, p.Second, options, cancellation).Cells[0]))],
            Agreement = cells.Count > 2 && Varies(f1) && Varies(exact) ? RankAgreement.OfMeasures(exact, f1, options, cancellation) : null,
            Components = Precision.Typical([.. Enumerable.Range(0, cells.Count).Where(c => cells[c].Strength == strongest).Select(c => VarianceComponents.Of(exact, c))]),
            Notes = [.. judged[SweepMeasures.F1].Notes, .. sweep.ZoneIds.Contains(Zone.PaperAll.Id) ? new[] { "paper-all lets padding be seen; questions here are not padded, so it changes nothing." } : []],
            F1 = f1,
        };
    }

    /// <summary>How alike two sweeps, of other models or other data, order the same cells by F1.</summary>
    public static RankAgreement Compare(ZoneSweepReport first, ZoneSweepReport second, InferenceOptions options, CancellationToken cancellation = default)
    {
        if (first.F1 is not { } a || second.F1 is not { } b)
            throw new RunException("sweep: one of the runs has no finished questions: go on with it first");
        var shared = a.Cells.Intersect(b.Cells).Count();
        return shared >= 3 ? RankAgreement.OfTables(a, b, options, cancellation)
            : throw new RunException($"sweep: the runs have {shared} cells in common: sweep the same zones, layers and strengths in both");
    }

    /// <summary>Slices that every model and cell has: [slice][model][0 the baseline, then the cells].</summary>
    private static List<CellData[][]> Finished(RunFolder run, ZoneSweep sweep, IReadOnlyList<ZoneCell> cells, CancellationToken cancellation)
    {
        var found = new List<CellData[][]>();
        for (var from = 0; from < sweep.Questions; from += sweep.Slice)
        {
            cancellation.ThrowIfCancellationRequested();
            var (first, count) = (from, Math.Min(sweep.Slice, sweep.Questions - from));
            CellData?[][] slice = [.. sweep.Models.Select(model => cells.Prepend(null).AsParallel().AsOrdered().Select(cell => run.TryRead(ZoneSweepStudy.KeyOf(run.Manifest, sweep, model, cell, first, count))).ToArray())];
            if (slice.All(model => model.All(cell => cell != null)))
                found.Add([.. slice.Select(model => model.Select(cell => cell!).ToArray())]);
        }

        return [.. found.Select(slice => slice.ToArray())];
    }

    private static PairedSamples Samples(List<CellData[][]> finished, ZoneSweep sweep, IReadOnlyList<ZoneCell> cells, string measure)
    {
        var differences = new List<double>();
        for (var cell = 0; cell < cells.Count; cell++)
            for (var seed = 0; seed < sweep.Models.Count; seed++)
                foreach (var slice in finished)
                {
                    double[] masked = slice[seed][cell + 1].Numbers[measure], unmasked = slice[seed][0].Numbers[measure];
                    for (var i = 0; i < masked.Length; i++)
                        differences.Add(masked[i] - unmasked[i]);
                }

        return new([.. cells.Select(NameOf)], sweep.Models.Count, finished.Sum(s => s[0][0].Count), [.. differences]);
    }

    private static string NameOf(ZoneCell cell) => string.Create(CultureInfo.InvariantCulture, $"{cell.Zone.Id} layer {cell.Layer} strength {cell.Strength}");

    private static double Baseline(List<CellData[][]> finished, int seed, string measure) => 100 * finished.SelectMany(s => s[seed][0].Numbers[measure]).Average();

    private static bool Varies(PairedSamples samples) => Enumerable.Range(0, samples.Cells.Count).Select(samples.Mean).Distinct().Skip(1).Any();

    /// <summary>The paper's own claim, and each zone against its counterpart, as far as the sweep has them.</summary>
    private static IEnumerable<(string Title, IReadOnlyList<int> First, IReadOnlyList<int> Second)> Planned(Dictionary<string, IReadOnlyList<int>> groups)
    {
        var (questionSources, passageItself) = (groups.GetValueOrDefault("P2Q"), groups.GetValueOrDefault("P2"));
        var (passageSources, questionItself) = (groups.GetValueOrDefault("Q2P"), groups.GetValueOrDefault("Q2"));
        if (questionSources != null && passageItself != null && questionItself != null && passageSources != null)
            yield return ("Does masking P2Q and P2 cost more than masking Q2 and Q2P?", [.. questionSources, .. passageItself], [.. questionItself, .. passageSources]);
        if (questionSources != null && passageSources != null)
            yield return ("Does masking P2Q cost more than masking Q2P?", questionSources, passageSources);
        if (passageItself != null && questionItself != null)
            yield return ("Does masking P2 cost more than masking Q2?", passageItself, questionItself);
    }
}
