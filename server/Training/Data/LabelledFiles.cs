using System.Text.Json;
using AttentionServer.Text;
using AttentionServer.Training.Objectives;

namespace AttentionServer.Training.Data;

/// <summary>Labelled texts out of TSV (text, label · text, text, label) or JSONL (text, pair, label).</summary>
public static class LabelledFiles
{
    private static readonly string[] TextKeys = ["text", "sentence", "sentence1", "premise", "question"];
    private static readonly string[] PairKeys = ["pair", "sentence2", "hypothesis", "passage"];

    /// <summary>The texts of all files, in their order.</summary>
    public static List<LabelledText> Read(IEnumerable<string> files) => [.. files.SelectMany(Read)];

    private static IEnumerable<LabelledText> Read(string file) =>
        Path.GetExtension(file) is ".jsonl" or ".json" ? Utf8File.Lines(file).Select((line, i) => (Text: line, Number: i + 1)).Where(line => line.Text.Trim().Length > 0).Select(line => Json(line.Text, file, line.Number)) : Tsv(file);

    private static List<LabelledText> Tsv(string file)
    {
        var rows = Utf8File.Lines(file).Select(line => line.Split('\t')).Where(row => row.Length > 1 || row[0].Trim().Length > 0).ToList();
        if (rows.Count > 0 && rows[0][^1].Trim() is "label" or "labels" or "class")
            rows.RemoveAt(0);
        return [.. rows.Select((row, i) => row.Length switch
        {
            2 => new LabelledText(row[0], null, row[1].Trim()),
            3 => new LabelledText(row[0], row[1], row[2].Trim()),
            _ => throw new TrainingException($"data: {file}: row {i + 1} has {row.Length} columns: give text and label, or two texts and a label, parted by tabs"),
        })];
    }

    private static LabelledText Json(string line, string file, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            string? Find(string[] keys) => keys.Where(key => root.TryGetProperty(key, out _)).Select(key => root.GetProperty(key).ToString()).FirstOrDefault();
            return new(Find(TextKeys) ?? throw new KeyNotFoundException("no text"), Find(PairKeys), Find(["label"]) ?? throw new KeyNotFoundException("no label"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            var why = e is KeyNotFoundException ? e.Message : "it is no JSON object";
            throw new TrainingException($"data: {file}: line {number} ({why}): give one JSON object a line with text and label");
        }
    }
}
