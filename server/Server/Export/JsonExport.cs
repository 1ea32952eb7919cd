using System.Buffers;
using System.Text;
using System.Text.Json;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Readings;

namespace AttentionServer.Server.Export;

/// <summary>An analysis for scripts: tokens, importances under each method, as a reading says (of the last layer where it does not), predictions.</summary>
public static class JsonExport
{
    /// <summary>The document; <paramref name="file"/> is named in it when the tensors were written there.</summary>
    public static string Text(Analysis analysis, string? file = null, MapReading? reading = null)
    {
        var metadata = analysis.Metadata;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("model", metadata.Model);
            json.WriteString("architecture", metadata.Architecture);
            json.WriteString("head", metadata.Head);
            json.WriteString("text", metadata.Text);
            if (metadata.Pair != null)
                json.WriteString("pair", metadata.Pair);
            json.WriteNumber("layers", metadata.Layers);
            json.WriteNumber("heads", metadata.Heads);
            json.WriteString("device", metadata.Device);
            if (file != null)
                json.WriteString("file", file);
            Tokens(json, metadata);
            if (file == null)
                Importances(json, analysis, reading ?? new() { Layer = metadata.Layers - 1 });
            Predictions(json, metadata);
            json.WriteStartArray("notes");
            foreach (var note in metadata.Notes)
                json.WriteStringValue(note);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Tokens(Utf8JsonWriter json, AnalysisMetadata metadata)
    {
        json.WriteStartArray("tokens");
        foreach (var token in metadata.Tokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("text", token.Text);
            json.WriteNumber("start", token.Range.Start);
            json.WriteNumber("end", token.Range.End);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Importances(Utf8JsonWriter json, Analysis analysis, MapReading reading)
    {
        if (reading.Words || reading.Special != SpecialRule.Keep)
            Groups(json, analysis.Metadata, reading);
        json.WriteStartObject("importance");
        foreach (var map in analysis.Metadata.Maps.Where(m => m != Summaries.PerHeadMap).Concat(analysis.Metadata.Others.Values.Where(PerToken)))
        {
            json.WriteStartArray(map);
            foreach (var value in AnalysisReader.Importance(analysis, map, reading).Values)
                json.WriteNumberValue(value);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static bool PerToken(string method) => MethodRegistry.Find(method).Axes is ScoreAxes.Tokens or ScoreAxes.TokenPairs or ScoreAxes.LayerTokens;

    /// <summary>What importances are of, where that is not the tokens.</summary>
    private static void Groups(Utf8JsonWriter json, AnalysisMetadata metadata, MapReading reading)
    {
        json.WriteStartArray("groups");
        foreach (var group in TokenGroups.Of(metadata.Tokens, metadata.Text, metadata.Pair, reading.Words, reading.Special).Groups)
        {
            json.WriteStartObject();
            json.WriteString("text", group.Text);
            json.WriteStartArray("tokens");
            foreach (var token in group.Tokens)
                json.WriteNumberValue(token);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Predictions(Utf8JsonWriter json, AnalysisMetadata metadata)
    {
        json.WriteStartArray("predictions");
        foreach (var prediction in metadata.Predictions)
        {
            json.WriteStartObject();
            if (prediction.Token is { } token)
                json.WriteNumber("token", token);
            json.WriteString("title", prediction.Title);
            json.WriteStartArray("candidates");
            foreach (var candidate in prediction.Candidates)
            {
                json.WriteStartObject();
                json.WriteString("text", candidate.Text);
                json.WriteNumber("probability", candidate.Probability);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
