using System.Globalization;
using AttentionServer.Methods.Analyses;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Text;

namespace AttentionServer.Methods.Compare;

/// <summary>
/// A comparison as an analysis file, so that it is shown, fetched and exported like any other: its tokens are what both texts have in
/// common, its tensors <c>difference.ID</c>, <c>first.ID</c> and <c>second.ID</c> [layers, T, T], a layer for each pair that is compared.
/// </summary>
public static class ComparisonFile
{
    /// <summary>What tensors of a comparison begin with, in the order they are shown.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["difference", "first", "second"];

    /// <summary>What identifies a comparison, for the store.</summary>
    public static string[] Key(Analysis first, Analysis second, IEnumerable<Method> methods) => ["comparison 1", first.Id, second.Id, .. methods.Select(m => m.Id)];

    /// <summary>Writes the maps that both analyses have.</summary>
    public static AnalysisMetadata Write(string path, Analysis first, Analysis second, IReadOnlyList<Method> methods)
    {
        var alignment = TokenAlignment.Of(first.Metadata, second.Metadata);
        var (tensors, maps, notes, layers) = (new List<SafetensorsEntry>(), new List<string>(), new List<string>(), 0);
        foreach (var method in methods.Where(m => m.Axes == ScoreAxes.Map))
        {
            var comparison = MapComparison.Of(method, first, second, alignment);
            int groups = alignment.First.Groups.Count, cells = groups * groups;
            layers = comparison.Layers.Count;
            float[] a = new float[layers * cells], b = new float[layers * cells], difference = new float[layers * cells];
            var at = 0;
            foreach (var (_, _, cell) in comparison.Cells(first, second, alignment))
                (a[at], b[at], difference[at++]) = (cell.First, cell.Second, cell.Second - cell.First);
            foreach (var (kind, numbers) in Kinds.Zip([difference, a, b]))
                tensors.Add(SafetensorsEntry.Of($"{kind}.{method.Id}", numbers, layers, groups, groups));
            maps.Add(method.Id);
            notes.Add(Sentence(comparison, alignment));
        }

        var metadata = first.Metadata with
        {
            Tokens = [.. alignment.First.Groups.Select((g, i) => TokenOf(first.Metadata, g, i))],
            Model = $"{first.Metadata.Model} ↔ {second.Metadata.Model}",
            Layers = layers,
            Heads = 1,
            Maps = [],
            Others = maps.SelectMany(id => Kinds.Select(kind => (Name: $"{kind}.{id}", Id: id))).ToDictionary(x => x.Name, x => x.Id),
            Target = null,
            TargetPlaces = null,
            Predictions = [],
            Notes = notes,
        };
        AnalysisFile.Write(path, tensors, metadata);
        return metadata;
    }

    private static Token TokenOf(AnalysisMetadata metadata, Readings.TokenGroup group, int word)
    {
        Token start = metadata.Tokens[group.Tokens[0]], end = metadata.Tokens[group.Tokens[^1]];
        return start with { Text = group.Text, Range = new(start.Range.Start, end.Range.End), Word = start.Special ? -1 : word };
    }

    private static string Sentence(MapComparison comparison, TokenAlignment alignment)
    {
        var correlations = comparison.Layers.Select(l => double.IsNaN(l.Correlation) ? "–" : l.Correlation.ToString("0.00", CultureInfo.InvariantCulture));
        var moved = comparison.Layers[^1].Moved.Take(2).Select(c => string.Create(CultureInfo.InvariantCulture, $"{alignment.First.Groups[c.To].Text} ← {alignment.First.Groups[c.From].Text} {c.Second - c.First:+0.000;−0.000}"));
        return $"{comparison.Method.Title}: rank correlation by layer {string.Join(", ", correlations)}; moved most in the last: {string.Join(", ", moved)}";
    }
}
