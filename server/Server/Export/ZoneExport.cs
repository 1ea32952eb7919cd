using System.Globalization;
using System.Text;
using AttentionServer.Methods.Zones;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Studies.Zones;

namespace AttentionServer.Server.Export;

/// <summary>A zone report as a file.</summary>
public static class ZoneExport
{
    /// <summary>The formats, which are also the file endings.</summary>
    public static IReadOnlyList<string> Names { get; } = ["json", "csv", "html", "safetensors"];

    /// <summary>Writes a report in the format that the file's ending names.</summary>
    public static void Write(string path, ZoneReport report)
    {
        switch (FormatOf(path))
        {
            case "json":
                Write(path, writer => writer.Write(ZoneSummaries.Json(report)));
                break;
            case "csv":
                Write(path, writer => Rows(writer, report));
                break;
            case "html":
                Write(path, writer => ZonePage.Write(writer, report));
                break;
            default:
                Tensors(path, report);
                break;
        }
    }

    /// <summary>The format of a file; an unknown ending is an error.</summary>
    public static string FormatOf(string path)
    {
        var ending = Path.GetExtension(path).TrimStart('.').ToLowerInvariant();
        return Names.Contains(ending) ? ending : throw new ExportException($"output: {path}: the ending names no format of zone reports: use {string.Join(", ", Names.Select(n => $".{n}"))}");
    }

    private static void Rows(StreamWriter writer, ZoneReport report)
    {
        writer.Write("zone,layer,strength,mode,probability,delta_probability,start_logit,start_delta,end_logit,end_delta,answer,answer_start,answer_end,answer_probability,changed\n");
        foreach (var c in report.Cells)
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{c.Cell.Zone.Id},{c.Cell.Layer + 1},{c.Cell.Strength},{report.Mode.Id()},{c.Probability:R},{c.DeltaProbability:R},{c.StartLogit:R},{c.StartDelta:R},{c.EndLogit:R},{c.EndDelta:R},{CsvExport.Quote(c.Answer.Text)},{c.Answer.Start},{c.Answer.End},{c.Answer.Probability:R},{(c.Changed ? 1 : 0)}\n"));
    }

    /// <summary>Logits [layers, zones, strengths, 2, T] and what is read from them, for Python.</summary>
    private static void Tensors(string path, ZoneReport report)
    {
        int layers = report.Layers.Count, zones = report.Zones.Count, strengths = report.Strengths.Count, tokens = report.Text.Encoding.Ids.Length;
        SafetensorsEntry Grid(string name, Func<ReportedCell, double> of) =>
            SafetensorsEntry.Of(name, [.. report.Cells.Select(c => (float)of(c))], layers, zones, strengths);
        SafetensorsEntry[] entries =
        [
            SafetensorsEntry.Of("input_ids", report.Text.Encoding.Ids, tokens),
            SafetensorsEntry.Of("token_type_ids", report.Text.Encoding.TypeIds, tokens),
            SafetensorsEntry.Of("layers", [.. report.Layers], layers),
            SafetensorsEntry.Of("strengths", [.. report.Strengths], strengths),
            SafetensorsEntry.Of("qa.logits", report.Logits.ToArray(), 2, tokens),
            SafetensorsEntry.Of("zone.logits", [.. report.Cells.SelectMany(c => c.Logits.ToArray())], layers, zones, strengths, 2, tokens),
            Grid("zone.probability", c => c.Probability),
            Grid("zone.delta_probability", c => c.DeltaProbability),
            Grid("zone.start_delta", c => c.StartDelta),
            Grid("zone.end_delta", c => c.EndDelta),
        ];
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        SafetensorsWriter.Write(Path.GetFullPath(path), entries, new Dictionary<string, string>
        {
            ["model"] = report.Model,
            ["question"] = report.Text.Encoding.Source,
            ["passage"] = report.Text.Encoding.Pair ?? "",
            ["zones"] = string.Join(',', report.Zones.Select(z => z.Zone.Id)),
            ["mode"] = report.Mode.Id(),
            ["answer"] = report.Answer.Text,
        });
    }

    private static void Write(string path, Action<StreamWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        write(writer);
    });
}
