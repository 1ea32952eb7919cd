using System.Runtime.InteropServices;
using AttentionServer.Methods.Readings;

namespace AttentionServer.Methods.Analyses;

/// <summary>Reads results back from an analysis.</summary>
public static class AnalysisReader
{
    /// <summary>One map [T,T]; the head is needed exactly where the map has heads.</summary>
    public static float[] Map(Analysis analysis, string map, int layer, int? head) => Map(analysis, map, head is { } h ? [layer, h] : [layer]);

    /// <summary>One map [T,T], as a reading of it says: of all layers the largest of each cell.</summary>
    public static float[] Map(Analysis analysis, string map, MapReading reading)
    {
        var tensor = TensorOf(analysis, map) ?? map;
        if (TensorOf(analysis, map) != null && MethodRegistry.Find(map).Axes == ScoreAxes.TokenPairs)
            return Map(analysis, tensor, []);
        return reading.Layer is { } layer ? Map(analysis, tensor, layer, reading.Head) : Strongest(analysis, layer => Map(analysis, tensor, layer, reading.Head));
    }

    /// <summary>The map of a method in every layer [L,T,T], row-major.</summary>
    public static float[] Layers(Analysis analysis, string map) => Numbers(analysis, map, []).Numbers;

    /// <summary>One result read as importances.</summary>
    public static Importance Importance(Analysis analysis, string map, MapReading reading)
    {
        var metadata = analysis.Metadata;
        if (reading.Tokens.FirstOrDefault(t => t < 0 || t >= metadata.Tokens.Count, -1) is var wrong and not -1)
            throw new MethodException($"token {wrong}: the analysis has tokens 0 to {metadata.Tokens.Count - 1}");
        var groups = TokenGroups.Of(metadata.Tokens, metadata.Text, metadata.Pair, reading.Words, reading.Special);
        return TensorOf(analysis, map) is { } tensor && MethodRegistry.Find(map).Axes is not (ScoreAxes.TokenPairs or ScoreAxes.HeadMaps) and var axes
            ? new(Row(analysis, tensor, axes, reading), groups)
            : new(Map(analysis, map, reading), groups, reading.Tokens);
    }

    /// <summary>The request for more methods on the text of an analysis, under the same interventions.</summary>
    public static AnalysisRequest RequestFor(Analysis analysis, IReadOnlyList<Method> methods, TargetChoice target)
    {
        var metadata = analysis.Metadata;
        var types = AnalysisFile.Has(analysis.Path, "token_type_ids") ? AnalysisFile.Integers(analysis.Path, "token_type_ids") : new int[metadata.Tokens.Count];
        return new()
        {
            Encoding = new(metadata.Text, metadata.Pair, metadata.Tokens, types),
            Methods = methods,
            Target = target,
            Interventions = metadata.Interventions ?? [],
            Overviews = true,
        };
    }

    /// <summary>The number that a method gives each token; only for methods that do.</summary>
    public static double[] Tokens(Analysis analysis, Method method) =>
        [.. Numbers(analysis, TensorOf(analysis, method.Id) ?? method.Id, []).Numbers.Select(x => (double)x)];

    /// <summary>The tensor of a result that is no context map; null for context maps.</summary>
    public static string? TensorOf(Analysis analysis, string method) =>
        analysis.Metadata.Others.FirstOrDefault(o => o.Value == method) is { Key: { } tensor } ? tensor : null;

    private static float[] Map(Analysis analysis, string tensor, int[] index)
    {
        var (shape, numbers) = Numbers(analysis, tensor, index);
        if (shape.Length != 2)
            throw new MethodException(shape.Length > 2 ? $"map '{tensor}': it has heads: name one" : $"map '{tensor}': it has no heads: leave the head out");
        return numbers;
    }

    private static float[] Strongest(Analysis analysis, Func<int, float[]> map)
    {
        var strongest = map(0);
        for (var layer = 1; layer < analysis.Metadata.Layers; layer++)
        {
            var other = map(layer);
            for (var i = 0; i < other.Length; i++)
                strongest[i] = Math.Abs(other[i]) > Math.Abs(strongest[i]) ? other[i] : strongest[i];
        }

        return strongest;
    }

    /// <summary>One number for each token, where the scores have such; else zeros. Of signed numbers, how large they are.</summary>
    private static double[] Row(Analysis analysis, string tensor, ScoreAxes axes, MapReading reading)
    {
        float[] Of(params int[] index) => Numbers(analysis, tensor, index).Numbers;
        float[] OfLayer(Func<int, float[]> row) => reading.Layer is { } layer ? row(layer) : Strongest(analysis, row);
        var row = axes switch
        {
            ScoreAxes.Tokens => Of(),
            ScoreAxes.LayerTokens => OfLayer(layer => Of(layer)),
            ScoreAxes.HeadTokens => OfLayer(layer => Of(layer, reading.Head ?? 0)),
            _ => new float[analysis.Metadata.Tokens.Count],
        };
        return [.. row.Select(x => (double)Math.Abs(x))];
    }

    private static (int[] Shape, float[] Numbers) Numbers(Analysis analysis, string tensor, int[] index)
    {
        var (shape, bytes) = AnalysisFile.Read(analysis.Path, tensor, index);
        return (shape, MemoryMarshal.Cast<byte, float>(bytes).ToArray());
    }
}
