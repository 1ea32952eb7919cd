using System.Text.Json;
using AttentionServer.Engine;
using AttentionServer.Methods.Zones;
using AttentionServer.Models;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server;

/// <summary>Translates a zone report into what views and scripts are told about it.</summary>
public static class ZoneSummaries
{
    private static readonly ProtocolJson Indented = new(new JsonSerializerOptions(ProtocolJson.Default.Options) { WriteIndented = true });

    /// <summary>The message.</summary>
    public static ZoneReport Of(Studies.Zones.ZoneReport report, double milliseconds = 0)
    {
        var (model, encoding) = (report.Plan.Model, report.Text.Encoding);
        return new()
        {
            Model = SummaryOf(model),
            Device = report.Device,
            Milliseconds = milliseconds,
            Question = encoding.Source,
            Passage = encoding.Pair ?? "",
            Tokens = [.. encoding.Tokens.Select(t => Summaries.TokenOf(t, null))],
            Padding = report.Text.Padding,
            Mode = report.Mode.Id(),
            Answer = AnswerOf(report.Answer),
            StartLogit = report.StartLogit,
            EndLogit = report.EndLogit,
            Zones = [.. report.Zones.Select(z => ZoneOf(z, report.Mode))],
            Layers = [.. report.Layers],
            Strengths = [.. report.Strengths.Select(Short)],
            Cells = [.. report.Cells.Select(CellOf)],
            Flops = report.Plan.Flops,
            FlopsFromScratch = report.Plan.FlopsFromScratch,
            Formula = report.Mode == MaskMode.Score
                ? "masked layer: softmax(q·k/√d + ln(1 − s)) for the zone's queries and keys; Δ = p(masked) − p(unmasked)"
                : "masked layer: softmax(q·k/√d) · (1 − s) for the zone's queries and keys; Δ = p(masked) − p(unmasked)",
            Reading = "Each cell masks one zone in one layer, in all heads: the more the probability of the unmasked answer falls, the more the answer hangs on that zone there.",
            Paper = "arXiv 2410.20652; Cui et al. 2022",
            Notes = [.. report.Notes],
        };
    }

    /// <summary>The message as an indented document.</summary>
    public static string Json(Studies.Zones.ZoneReport report) => JsonSerializer.Serialize(Of(report), Indented.ZoneReport);

    private static ModelSummary SummaryOf(Model model) => new()
    {
        Name = model.Name,
        Architecture = model.Config.ModelType,
        Head = model.Head?.Id() ?? "none",
        Layers = model.Config.Layers,
        Heads = model.Config.Heads,
        Hidden = model.Config.Hidden,
    };

    private static ZoneAnswer AnswerOf(Studies.Zones.ZoneAnswer answer) => new() { Text = answer.Text, Start = answer.Start, End = answer.End, Probability = answer.Probability };

    private static ZoneInfo ZoneOf(Studies.Zones.ReportedZone reported, MaskMode mode) => new()
    {
        Id = reported.Zone.Id,
        Reading = reported.Zone.Reading,
        Definition = reported.Zone.Definition,
        Queries = [.. reported.Queries],
        Keys = [.. reported.Keys],
        Edit = reported.Note != null || reported.Zone == Zone.PaperAll ? null : new Edit
        {
            Place = mode == MaskMode.Score ? "scores" : "attention",
            Tokens = [.. reported.Queries],
            Keys = [.. reported.Keys],
        },
        Note = reported.Note,
    };

    private static ZoneCell CellOf(Studies.Zones.ReportedCell cell) => new()
    {
        Zone = cell.Cell.Zone.Id,
        Layer = cell.Cell.Layer,
        Strength = Short(cell.Cell.Strength),
        Probability = cell.Probability,
        DeltaProbability = cell.DeltaProbability,
        StartLogit = cell.StartLogit,
        StartDelta = cell.StartDelta,
        EndLogit = cell.EndLogit,
        EndDelta = cell.EndDelta,
        Answer = AnswerOf(cell.Answer),
        Changed = cell.Changed,
    };

    // 0.1f as a double is 0.10000000149…, which nobody asked for.
    private static double Short(float number) => (double)(decimal)number;
}
