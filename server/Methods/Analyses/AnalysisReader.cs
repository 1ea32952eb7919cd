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

    /// <summary>One map read as importances.</summary>
    public static Importance Importance(Analysis analysis, string map, int layer, int? head, int? token)
    {
        var tokens = analysis.Metadata.Tokens;
        if (token is { } t && (uint)t >= (uint)tokens.Count)
            throw new MethodException($"token {t}: the analysis has tokens 0 to {tokens.Count - 1}");
        return new(Map(analysis, map, layer, head), [.. tokens.Select(x => x.Special)], token);
    }
}
