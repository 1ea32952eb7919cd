using System.Globalization;
using System.Text;
using AttentionServer.Methods.Analyses;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Export;

/// <summary>Numbers as rows of map, layer, head, to, from, score; the shown map, or every map of the analysis.</summary>
public static class CsvExport
{
    /// <summary>Writes the file.</summary>
    public static void Write(string path, Analysis analysis, MapChoice? choice) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        writer.Write("map,layer,head,to,to_token,from,from_token,score\n");
        foreach (var (map, layer, head) in choice is { } c ? [(c.Map, c.Layer, c.Head)] : All(analysis.Metadata))
            Rows(writer, analysis, map, layer, head);
    });

    private static IEnumerable<(string Map, int Layer, int? Head)> All(AnalysisMetadata metadata) =>
        from map in metadata.Maps
        from layer in Enumerable.Range(0, metadata.Layers)
        from head in map == Summaries.PerHeadMap ? Enumerable.Range(0, metadata.Heads).Select(h => (int?)h) : [null]
        select (map, layer, head);

    private static void Rows(StreamWriter writer, Analysis analysis, string map, int layer, int? head)
    {
        var scores = AnalysisReader.Map(analysis, map, layer, head);
        var names = analysis.Metadata.Tokens.Select(t => Quote(t.Text)).ToArray();
        for (var i = 0; i < names.Length; i++)
            for (var j = 0; j < names.Length; j++)
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{map},{layer + 1},{(head + 1)?.ToString(CultureInfo.InvariantCulture) ?? "mean"},{i},{names[i]},{j},{names[j]},{scores[(i * names.Length) + j]:R}\n"));
    }

    private static string Quote(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
