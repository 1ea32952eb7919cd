using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Readings;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Export;

/// <summary>The formats an analysis can be written in.</summary>
public static class ExportFormats
{
    /// <summary>The names of the formats, which are also the file endings.</summary>
    public static IReadOnlyList<string> Names { get; } = ["html", "csv", "json", "safetensors"];

    /// <summary>Pictures, which the panel draws itself and <see cref="Figure"/> draws without one.</summary>
    public static IReadOnlyList<string> Pictures { get; } = ["png", "svg"];

    /// <summary>The format a file name asks for.</summary>
    public static string OfPath(string path)
    {
        var ending = Path.GetExtension(path).TrimStart('.').ToLowerInvariant();
        return Names.Contains(ending) || Pictures.Contains(ending) ? ending
            : throw new ExportException($"output: {path}: the ending names no format: use {string.Join(", ", Names.Concat(Pictures).Select(n => $".{n}"))}");
    }

    /// <summary>Writes an analysis.</summary>
    public static void Write(string format, string path, Analysis analysis, ViewState? view, IReadOnlyList<Analysis>? computed = null, MapReading? reading = null, bool everyLayer = true)
    {
        // What is on screen may lie in an analysis of its own.
        var onScreen = (computed ?? []).FirstOrDefault(c => c.Id == view?.Choice.Analysis) ?? analysis;
        switch (format)
        {
            case "html":
                WritePage(path, analysis, view, computed ?? []);
                break;
            case "csv":
                CsvExport.Write(path, onScreen, view is { Choice: var choice } ? (choice.Map, Summaries.ReadingOf(choice)) : null, reading ?? new(), everyLayer);
                break;
            case "json":
                AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(JsonExport.Text(onScreen, reading: reading))));
                break;
            case "safetensors":
                AtomicFile.Write(path, stream =>
                {
                    using var from = File.OpenRead(onScreen.Path);
                    from.CopyTo(stream);
                });
                break;
            default:
                throw new ExportException($"format '{format}': {path}: use {string.Join(", ", Names)}");
        }
    }

    private static void WritePage(string path, Analysis analysis, ViewState? view, IReadOnlyList<Analysis> computed)
    {
        var summary = Summaries.Of(analysis);
        var data = new PageData
        {
            Analysis = summary with { Maps = [.. summary.Maps, .. computed.Select(Summaries.Computed)] },
            View = view,
            Others = computed.Count > 0 ? [.. computed.Select(c => c.Id)] : null,
        };
        HtmlPage.Write(path, data, computed.ToDictionary(c => c.Id, c => c.Path));
    }
}
