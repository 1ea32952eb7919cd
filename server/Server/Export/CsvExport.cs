using System.Globalization;
using System.Text;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Readings;

namespace AttentionServer.Server.Export;

/// <summary>Numbers as rows of map, layer, head, to, from, score; the shown map, or every map of the analysis, at one layer or all.</summary>
public static class CsvExport
{
    /// <summary>Writes the file.</summary>
    public static void Write(string path, Analysis analysis, (string Map, MapReading Reading)? shown, MapReading reading, bool everyLayer) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        writer.Write("map,layer,head,to,to_token,from,from_token,score\n");
        foreach (var (map, read) in shown is { } one ? [one] : All(analysis.Metadata, reading, everyLayer))
            Rows(writer, analysis, map, read);
    });

    private static IEnumerable<(string Map, MapReading Reading)> All(AnalysisMetadata metadata, MapReading reading, bool everyLayer) =>
        from map in metadata.Maps
        from layer in everyLayer ? Enumerable.Range(0, metadata.Layers).Select(l => (int?)l) : [reading.Layer]
        from head in map == Summaries.PerHeadMap ? Enumerable.Range(0, metadata.Heads).Select(h => (int?)h) : [null]
        select (map, reading with { Layer = layer, Head = head });

    private static void Rows(StreamWriter writer, Analysis analysis, string map, MapReading reading)
    {
        var metadata = analysis.Metadata;
        var groups = TokenGroups.Of(metadata.Tokens, metadata.Text, metadata.Pair, reading.Words, reading.Special);
        var scores = groups.Map(AnalysisReader.Map(analysis, map, reading));
        var names = groups.Groups.Select(g => Quote(g.Text)).ToArray();
        var layer = reading.Layer is { } number ? $"{number + 1}" : "strongest";
        for (var i = 0; i < names.Length; i++)
            for (var j = 0; j < names.Length; j++)
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{map},{layer},{(reading.Head + 1)?.ToString(CultureInfo.InvariantCulture) ?? "mean"},{i},{names[i]},{j},{names[j]},{scores[(i * names.Length) + j]:R}\n"));
    }

    /// <summary>A text as one field.</summary>
    public static string Quote(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
