using System.Globalization;
using AttentionServer.Server.Protocol;
using AttentionServer.Studies.Runs;
using AttentionServer.Studies.Statistics;
using AttentionServer.Studies.Zones;

namespace AttentionServer.Server;

/// <summary>Runs and sweeps as clients see them: changes in percentage points, findings in sentences.</summary>
public static class SweepSummaries
{
    private static readonly double[] Wanted = [1, 0.5];

    /// <summary>A run of a list.</summary>
    public static RunInfo Of(RunSummary run) => new()
    {
        Run = run.Path,
        Title = run.Manifest?.Title ?? Path.GetFileName(run.Path),
        Study = run.Manifest?.Study ?? "",
        Created = run.Manifest?.Created.LocalDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "",
        Share = run.Progress?.Share ?? 0,
        Progress = run.Progress?.ToString() ?? $"{run.Cells} cells",
        Complete = run.Progress?.IsComplete ?? false,
        Working = run.Working > 0,
        Problem = run.Problem,
    };

    /// <summary>A sweep's report.</summary>
    public static SweepReport Of(RunSummary run, ZoneSweepReport report) => new()
    {
        Run = Of(run),
        Zones = [.. report.Sweep.ZoneIds],
        Layers = [.. report.Sweep.Layers],
        Strengths = [.. report.Sweep.Strengths.Select(s => Math.Round((double)s, 6))],
        Models = [.. report.Baselines.Select(b => new Protocol.SweepBaseline { Model = b.Model, Em = b.ExactMatch, F1 = b.F1 })],
        Questions = report.Questions,
        Cells = [.. report.Cells.Select(Cell)],
        Ranking = [.. report.Ranking.Select(r => new SweepRank { Zone = r.Group, Mean = 100 * r.Mean, Low = 100 * r.MeanInterval.Low, High = 100 * r.MeanInterval.High, Rank = r.Rank, Probabilities = [.. r.Probabilities] })],
        Contrasts = [.. report.Contrasts.Select(ContrastOf)],
        Findings = [.. Findings(report)],
        Notes = [.. report.Notes],
        Methods = report.Questions == 0 ? "" : Methods(report),
    };

    /// <summary>How alike two sweeps are, in a sentence.</summary>
    public static string Compared(RankAgreement agreement) => Say(
        $"Over {agreement.Cells} cells that both have, changes of F1 are ordered alike to a rank correlation of {agreement.Spearman:0.00} (Spearman; {agreement.SpearmanInterval.Low:0.00} to {agreement.SpearmanInterval.High:0.00} for other questions and seeds, {agreement.SpearmanOverCells.Low:0.00} to {agreement.SpearmanOverCells.High:0.00} for other cells; Kendall {agreement.Kendall:0.00}).");

    private static Protocol.SweepCell Cell(SweptCell cell)
    {
        var interval = IntervalOf(cell.Estimate);
        return new()
        {
            Zone = cell.Cell.Zone.Id,
            Layer = cell.Cell.Layer,
            Strength = Math.Round((double)cell.Cell.Strength, 6),
            Measure = cell.Measure,
            Mean = 100 * cell.Estimate.Mean,
            StandardError = 100 * cell.Estimate.StandardError,
            Low = 100 * interval.Low,
            High = 100 * interval.High,
            PValue = cell.Estimate.Holm,
            Verdict = cell.Estimate.Verdict switch { Verdict.Falls => "falls", Verdict.Rises => "rises", _ => "undecided" },
            BySeed = [.. cell.BySeed.Select(s => 100 * s)],
        };
    }

    private static Interval IntervalOf(CellEstimate estimate) => estimate.Both ?? estimate.ByExample;

    private static SweepContrast ContrastOf(SweptContrast contrast)
    {
        var (estimate, interval) = (contrast.Estimate, IntervalOf(contrast.Estimate));
        return new()
        {
            Title = contrast.Title,
            Mean = 100 * estimate.Mean,
            Low = 100 * interval.Low,
            High = 100 * interval.High,
            PValue = estimate.PValue,
            Answer = estimate.PValue >= 0.05 ? Say($"Undecided: the difference is {100 * estimate.Mean:+0.00;−0.00} points of F1, {100 * interval.Low:+0.00;−0.00} to {100 * interval.High:+0.00;−0.00}.")
                : Say($"{(estimate.Mean < 0 ? "Yes" : "No, the other way round")}: the difference is {100 * estimate.Mean:+0.00;−0.00} points of F1, {100 * interval.Low:+0.00;−0.00} to {100 * interval.High:+0.00;−0.00}."),
        };
    }

    private static IEnumerable<string> Findings(ZoneSweepReport report)
    {
        if (report.Questions == 0)
            yield break;
        var f1 = report.Cells.Where(c => c.Measure == SweepMeasures.F1).ToList();
        yield return Say($"Of {f1.Count} cells, masking lowers F1 in {f1.Count(c => c.Estimate.Verdict == Verdict.Falls)} and raises it in {f1.Count(c => c.Estimate.Verdict == Verdict.Rises)} beyond chance, after a correction for {f1.Count} tests (Holm, 5 %).");
        if (report.Agreement is { } agreement)
            yield return Say($"EM and F1 order the cells alike to a rank correlation of {agreement.Spearman:0.00} (Spearman, {agreement.SpearmanInterval.Low:0.00} to {agreement.SpearmanInterval.High:0.00}).");
        if (report.Components is not { } components)
            yield break;
        var (seeds, questions) = (report.Sweep.Models.Count, report.Questions);
        var half = 100 * Precision.HalfWidth(components, seeds, questions, 0.95);
        yield return Say($"With {seeds} {(seeds == 1 ? "model" : "models")} and {questions} questions, ΔEM of a typical cell is known to ±{half:0.00} points{(seeds == 1 ? " for this model; what other seeds would give, one seed cannot tell" : " for other seeds and questions")}.");
        foreach (var points in Wanted.Where(w => w < half))
            yield return Needed(components, seeds, questions, points);
    }

    private static string Needed(VarianceComponents components, int seeds, int questions, double points)
    {
        var examples = Precision.ExamplesNeeded(components, seeds, points / 100, 0.95);
        var more = Precision.SeedsNeeded(components, questions, points / 100, 0.95);
        var ways = new[] { examples is { } n ? Say($"{n:N0} questions with {(seeds == 1 ? "this model" : $"{seeds} models")}") : null, more is { } s ? Say($"{s} seeds with {questions} questions") : null }.OfType<string>().ToList();
        return ways.Count > 0 ? Say($"±{points:0.0} points would take {string.Join(", or ", ways)}.")
            : Say($"±{points:0.0} points cannot be reached with more questions alone: seeds differ by more than that.");
    }

    private static string Methods(ZoneSweepReport report)
    {
        var sweep = report.Sweep;
        var masked = sweep.Mode == "score" ? "by adding ln(1 − s) to the attention scores before the softmax" : "by multiplying attention probabilities with 1 − s after the softmax";
        return Say(
            $"We masked {sweep.Zones.Count} attention zones ({string.Join(", ", sweep.ZoneIds)}; Cui et al. 2022, arXiv 2410.20652) in all heads of one layer at a time, in {sweep.Layers.Count} layers, {masked} (s = {string.Join(", ", sweep.Strengths)}), in {(sweep.Models.Count == 1 ? $"the model {sweep.Models[0]}" : $"{sweep.Models.Count} models ({string.Join(", ", sweep.Models)})")}, and read {report.Questions} questions of {string.Join(", ", sweep.Files.Select(Path.GetFileName))} in windows of up to {sweep.Windows.MaxLength} tokens (stride {sweep.Windows.DocStride}). Answers were scored by exact match and F1 as SQuAD {(sweep.Rules == 2 ? "2.0" : "1.1")} defines them. Changes are paired by question{(sweep.Models.Count > 1 ? " and model" : "")}; intervals are 95 % {(sweep.Models.Count > 1 ? "over questions (bootstrap, 2,000 resamples) and seeds (variance components, Student's tails)" : "percentile intervals of a paired bootstrap over questions (2,000 resamples)")}; p-values are {(sweep.Models.Count > 1 ? "of the same distribution" : "from sign flips of paired differences")}, corrected by Holm's method for the {report.Cells.Count / SweepMeasures.All.Count} cells.");
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
