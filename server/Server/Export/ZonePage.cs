using System.Globalization;
using System.Net;
using AttentionServer.Methods.Zones;
using AttentionServer.Studies.Zones;

namespace AttentionServer.Server.Export;

/// <summary>A zone report as one HTML page without scripts: a table tinted like the paper's heat map, layers upward, one for each strength.</summary>
internal static class ZonePage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
        table { border-collapse: separate; border-spacing: 2px; margin: 1rem 0 } th { font-weight: 600; padding: .2rem .6rem }
        td { padding: .35rem .6rem; text-align: right; font-variant-numeric: tabular-nums } caption { text-align: left } .new { display: block; font-size: .8em }
        blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid #ccc } mark { background: #ffe9a8 } .note { color: #8a5a00 }
        """;

    public static void Write(StreamWriter writer, ZoneReport report)
    {
        var encoding = report.Text.Encoding;
        var most = Math.Max(1e-9, report.Cells.Select(c => Math.Abs(c.DeltaProbability)).DefaultIfEmpty(0).Max());
        string passage = encoding.Pair!, title = $"Attention zones: {encoding.Source}";
        int start = encoding.Tokens[report.Answer.Start].Range.Start, end = encoding.Tokens[report.Answer.End].Range.End;
        writer.Write($"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{Text(title)}</title><style>\n{Style}\n</style></head><body>\n");
        writer.Write($"<h1>{Text(encoding.Source)}</h1>\n<blockquote>{Text(passage[..start])}<mark>{Text(passage[start..end])}</mark>{Text(passage[end..])}</blockquote>\n");
        writer.Write($"<p>{Text(report.Model)}, {Text(report.Device)}: <b>{Text(report.Answer.Text)}</b>, probability {Number(report.Answer.Probability)}, start logit {Number(report.StartLogit)}, end logit {Number(report.EndLogit)}. ");
        writer.Write($"Masked {(report.Mode == MaskMode.Score ? "before" : "after")} the softmax, all heads of a layer. Cells: change of the probability of this answer; what the model answers instead stands below.</p>\n");
        foreach (var strength in report.Strengths.Reverse())
            Table(writer, report, strength, most);
        foreach (var zone in report.Zones)
            writer.Write($"<p><b>{Text(zone.Zone.Id)}</b>: {Text(zone.Zone.Reading)} ({zone.Queries.Count} queries, {zone.Keys.Count} keys)</p>\n");
        foreach (var note in report.Notes)
            writer.Write($"<p class=\"note\">{Text(note)}</p>\n");
        writer.Write("<p>Zones: <a href=\"https://arxiv.org/abs/2410.20652\">arXiv 2410.20652</a>; Cui et al. 2022.</p>\n</body></html>\n");
    }

    private static void Table(StreamWriter writer, ZoneReport report, float strength, double most)
    {
        writer.Write($"<table><caption>strength {Number(strength)}</caption><tr><th scope=\"col\">layer</th>{string.Concat(report.Zones.Select(z => $"<th scope=\"col\">{Text(z.Zone.Id)}</th>"))}</tr>\n");
        foreach (var layer in report.Layers.Reverse())
        {
            writer.Write($"<tr><th scope=\"row\">{layer + 1}</th>");
            foreach (var cell in report.Cells.Where(c => c.Cell.Layer == layer && c.Cell.Strength == strength))
                writer.Write($"<td style=\"{HtmlTint.Of(cell.DeltaProbability / most)}\">{cell.DeltaProbability.ToString("+0.0000;−0.0000;0", CultureInfo.InvariantCulture)}{(cell.Changed ? $"<span class=\"new\">{Text(cell.Answer.Text)}</span>" : "")}</td>");
            writer.Write("</tr>\n");
        }

        writer.Write("</table>\n");
    }

    private static string Number(double number) => number.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
