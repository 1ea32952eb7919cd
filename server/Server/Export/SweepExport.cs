using System.Globalization;
using System.Net;
using AttentionServer.Server.Features;
using AttentionServer.Server.Protocol;
using AttentionServer.Studies.Runs;
using AttentionServer.Studies.Zones;

namespace AttentionServer.Server.Export;

/// <summary>
/// The report of a zone sweep as one HTML page without scripts: heat maps in the paper's layout, rankings, answers, and text for a paper. Other formats, and
/// runs of other studies, are tables of their cells.
/// </summary>
public static class SweepExport
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
        table { border-collapse: separate; border-spacing: 2px; margin: 1rem 0 } th { font-weight: 600; padding: .2rem .6rem }
        td { padding: .35rem .6rem; text-align: right; font-variant-numeric: tabular-nums } caption { text-align: left; font-weight: 600 } small { color: #555 }
        .note { color: #8a5a00 } blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid #ccc }
        """;

    /// <summary>Writes the file in the format its name says.</summary>
    public static void Write(string path, RunFolder run, StudyRegistry studies, bool examples, CancellationToken cancellation)
    {
        if (run.Manifest.Study == ZoneSweep.Study && Path.GetExtension(path).Equals(".html", StringComparison.OrdinalIgnoreCase))
        {
            var report = RunsFeature.ReportOf(run, cancellation);
            AtomicFile.Write(path, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                Page(writer, report);
            });
            return;
        }

        RunExport.Write(path, run, studies.TryFind(run.Manifest.Study), RunCatalog.Describe(run, studies).Progress, examples);
    }

    private static void Page(StreamWriter writer, SweepReport report)
    {
        writer.Write($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{Text(report.Run.Title)}</title><style>\n{Style}\n</style></head><body>\n");
        writer.Write($"<h1>{Text(report.Run.Title)}</h1>\n<p>{Text(report.Run.Progress)}; {report.Questions} questions in all cells. Layers upward. Changes in percentage points against each model's own baseline; ● falls, ▲ rises beyond chance, corrected for the number of cells.</p>\n");
        foreach (var strength in report.Strengths.Reverse())
            foreach (var (measure, title) in new[] { ("em", "ΔEM"), ("f1", "ΔF1") })
                Map(writer, report, strength, measure, report.Strengths.Length > 1 ? $"{title}, strength {Number(strength)}" : title);
        writer.Write($"<table><caption>Without a mask</caption><tr><th>model</th><th>EM</th><th>F1</th></tr>\n{string.Concat(report.Models.Select(m => $"<tr><th scope=\"row\">{Text(m.Model)}</th><td>{Number(m.Em)}</td><td>{Number(m.F1)}</td></tr>\n"))}</table>\n");
        writer.Write($"<table><caption>Zones by what masking costs, mean ΔF1 over layers</caption><tr><th>place</th><th>zone</th><th>ΔF1</th><th>95 %</th><th>first with probability</th></tr>\n{string.Concat(report.Ranking.Select(r => $"<tr><td>{r.Rank}</td><th scope=\"row\">{Text(r.Zone)}</th><td>{Signed(r.Mean)}</td><td>{Signed(r.Low)} to {Signed(r.High)}</td><td>{r.Probabilities[0].ToString("0.00", CultureInfo.InvariantCulture)}</td></tr>\n"))}</table>\n");
        foreach (var contrast in report.Contrasts)
            writer.Write($"<p><b>{Text(contrast.Title)}</b> {Text(contrast.Answer)}</p>\n");
        foreach (var finding in report.Findings)
            writer.Write($"<p>{Text(finding)}</p>\n");
        foreach (var note in report.Notes)
            writer.Write($"<p class=\"note\">{Text(note)}</p>\n");
        writer.Write($"<h2>Methods</h2>\n<blockquote>{Text(report.Methods)}</blockquote>\n</body></html>\n");
    }

    private static void Map(StreamWriter writer, SweepReport report, double strength, string measure, string title)
    {
        var cells = report.Cells.Where(c => c.Measure == measure && c.Strength == strength).ToDictionary(c => (c.Layer, c.Zone));
        if (cells.Count == 0)
            return;
        var most = Math.Max(1e-9, cells.Values.Max(c => Math.Abs(c.Mean)));
        writer.Write($"<table><caption>{Text(title)}</caption><tr><th scope=\"col\">layer</th>{string.Concat(report.Zones.Select(z => $"<th scope=\"col\">{Text(z)}</th>"))}</tr>\n");
        foreach (var layer in report.Layers.Reverse())
            writer.Write($"<tr><th scope=\"row\">{layer + 1}</th>{string.Concat(report.Zones.Select(z => Cell(cells[(layer, z)], most)))}</tr>\n");
        writer.Write("</table>\n");
    }

    private static string Cell(SweepCell cell, double most)
    {
        var mark = cell.Verdict switch { "falls" => " ●", "rises" => " ▲", _ => "" };
        return $"<td style=\"{HtmlTint.Of(cell.Mean / most)}\">{Signed(cell.Mean)}{mark}<br><small>{Signed(cell.Low)} to {Signed(cell.High)}</small></td>";
    }

    private static string Signed(double number) => number.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture);

    private static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
