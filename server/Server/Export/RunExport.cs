using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Server.Export;

/// <summary>The finished cells of a run as a file, whatever the study: a table of means, or every example with --examples.</summary>
public static class RunExport
{
    /// <summary>Writes the file in the format its name says.</summary>
    public static void Write(string path, RunFolder run, IStudy? study, RunProgress? progress, bool examples)
    {
        Action<Stream> write = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" when examples => stream => Examples(stream, run, study),
            ".csv" => stream => Csv(stream, RunTable.Of(run, study)),
            ".json" => stream => Json(stream, run, RunTable.Of(run, study), progress),
            ".html" => stream => Html(stream, run, RunTable.Of(run, study), progress),
            _ => throw new ExportException($"--output {path}: the format is not known: use .csv, .html or .json"),
        };
        AtomicFile.Write(path, write);
    }

    private static void Csv(Stream stream, RunTable table)
    {
        using var writer = Writer(stream);
        writer.Write(string.Join(',', table.Dimensions.Append("examples").Concat(table.Measures).Select(CsvExport.Quote)) + "\n");
        foreach (var row in table.Rows)
            writer.Write(string.Join(',', row.Dimensions.Select(CsvExport.Quote).Append(Number(row.Examples)).Concat(row.Means.Select(Number))) + "\n");
    }

    private static void Examples(Stream stream, RunFolder run, IStudy? study)
    {
        using var writer = Writer(stream);
        var keys = (study == null ? [.. run.Cells().Select(c => c.Key)] : study.Plan(run.Manifest).Select(c => c.Key).ToList());
        var (dimensions, header) = (RunTable.Of(run, study).Dimensions, (string[]?)null);
        foreach (var key in keys)
        {
            if (run.TryRead(key) is not { } data)
                continue;
            if (header == null)
                writer.Write(string.Join(',', dimensions.Append("example").Concat(header = [.. data.Texts.Keys, .. data.Numbers.Keys]).Select(CsvExport.Quote)) + "\n");
            for (var i = 0; i < data.Count; i++)
                writer.Write(string.Join(',', dimensions.Select(d => CsvExport.Quote(key[d])).Append(Number(i)).Concat(header.Select(column =>
                    data.Texts.TryGetValue(column, out var texts) ? CsvExport.Quote(texts[i]) : data.Numbers.TryGetValue(column, out var numbers) ? Number(numbers[i]) : ""))) + "\n");
        }
    }

    private static void Json(Stream stream, RunFolder run, RunTable table, RunProgress? progress)
    {
        using var json = new Utf8JsonWriter(stream, new() { Indented = true });
        json.WriteStartObject();
        json.WritePropertyName("manifest");
        json.WriteRawValue(run.Manifest.ToJson());
        json.WriteNumber("cells", table.Rows.Count);
        if (progress != null)
            json.WriteNumber("total", progress.Total);
        json.WriteStartArray("table");
        foreach (var row in table.Rows)
        {
            json.WriteStartObject();
            foreach (var (name, value) in table.Dimensions.Zip(row.Dimensions))
                json.WriteString(name, value);
            json.WriteNumber("examples", row.Examples);
            foreach (var (name, mean) in table.Measures.Zip(row.Means))
                if (double.IsFinite(mean))
                    json.WriteNumber(name, mean);
                else
                    json.WriteNull(name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Html(Stream stream, RunFolder run, RunTable table, RunProgress? progress)
    {
        using var writer = Writer(stream);
        var manifest = run.Manifest;
        writer.Write($$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <title>{{Escape(manifest.Title)}}</title>
            <style>
            body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color-scheme: light dark; }
            table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top; }
            td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } th { border-bottom: 1px solid; font-weight: 600; } code { overflow-wrap: anywhere; }
            </style>
            <h1>{{Escape(manifest.Title)}}</h1>
            <p>Study {{Escape(manifest.Study)}}, started {{manifest.Created.UtcDateTime:yyyy-MM-dd HH:mm}} UTC. {{Escape(progress?.ToString() ?? $"{table.Rows.Count} cells")}}.</p>
            <h2>What the numbers depend on</h2>
            <table>

            """);
        foreach (var (name, value) in manifest.Fingerprints)
            writer.Write($"<tr><th>{Escape(name)}</th><td><code>{Escape(value)}</code></td></tr>\n");
        foreach (var (name, value) in manifest.Settings)
            writer.Write($"<tr><th>{Escape(name)}</th><td><code>{Escape(value?.ToJsonString() ?? "")}</code></td></tr>\n");
        writer.Write("</table>\n<h2>Means of finished cells</h2>\n<table>\n<tr>");
        foreach (var name in table.Dimensions)
            writer.Write($"<th>{Escape(name)}</th>");
        foreach (var name in table.Measures.Prepend("examples"))
            writer.Write($"<th class=\"n\">{Escape(name)}</th>");
        writer.Write("</tr>\n");
        foreach (var row in table.Rows)
        {
            writer.Write("<tr>");
            foreach (var value in row.Dimensions)
                writer.Write($"<td>{Escape(value)}</td>");
            writer.Write($"<td class=\"n\">{Number(row.Examples)}</td>");
            foreach (var mean in row.Means)
                writer.Write($"<td class=\"n\">{(double.IsFinite(mean) ? mean.ToString("0.####", CultureInfo.InvariantCulture) : "–")}</td>");
            writer.Write("</tr>\n");
        }

        writer.Write("</table>\n</html>\n");
    }

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Number(double number) => double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "";

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
