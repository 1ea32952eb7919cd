using System.Runtime.InteropServices;

namespace AttentionServer.Methods.Analyses;

/// <summary>Reads maps back from an analysis.</summary>
public static class AnalysisReader
{
    /// <summary>One map [T,T]; the head is needed exactly where the map has heads.</summary>
    public static float[] Map(Analysis analysis, string map, int layer, int? head)
    {
        var (shape, bytes) = AnalysisFile.Read(analysis.Path, map, head is { } h ? [layer, h] : [layer]);
        if (shape.Length != 2)
            throw new MethodException(head == null ? $"map '{map}': it has heads: name one" : $"map '{map}': it has no heads: leave the head out");
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    /// <summary>The request for one more method on the text of an analysis, under the same interventions.</summary>
    public static AnalysisRequest RequestFor(Analysis analysis, Method method, TargetChoice target)
    {
        var metadata = analysis.Metadata;
        var types = AnalysisFile.Has(analysis.Path, "token_type_ids") ? AnalysisFile.Integers(analysis.Path, "token_type_ids") : new int[metadata.Tokens.Count];
        return new()
        {
            Encoding = new(metadata.Text, metadata.Pair, metadata.Tokens, types),
            Methods = [method],
            Target = target,
            Interventions = metadata.Interventions ?? [],
            Overviews = true,
        };
    }

    /// <summary>One number for each token, where the scores have such; else zeros. Of signed numbers, how large they are.</summary>
    private static double[] Row(Analysis analysis, string tensor, ScoreAxes axes, int layer, int? head)
    {
        int[]? index = axes switch
        {
            ScoreAxes.Tokens => [],
            ScoreAxes.LayerTokens => [layer],
            ScoreAxes.HeadTokens => [layer, head ?? 0],
            _ => null,
        };
        return index == null
            ? new double[analysis.Metadata.Tokens.Count]
            : [.. MemoryMarshal.Cast<byte, float>(AnalysisFile.Read(analysis.Path, tensor, index).Bytes).ToArray().Select(x => (double)Math.Abs(x))];
    }

    /// <summary>One map read as importances.</summary>
    public static Importance Importance(Analysis analysis, string map, int layer, int? head, int? token)
    {
        var tokens = analysis.Metadata.Tokens;
        if (token is { } t && (uint)t >= (uint)tokens.Count)
            throw new MethodException($"token {t}: the analysis has tokens 0 to {tokens.Count - 1}");
        bool[] special = [.. tokens.Select(x => x.Special)];
        return analysis.Metadata.Others.FirstOrDefault(o => o.Value == map) is { Key: { } tensor }
            ? new(Row(analysis, tensor, MethodRegistry.Find(map).Axes, layer, head), special)
            : new(Map(analysis, map, layer, head), special, token);
    }
}
