using AttentionServer.Methods.Analyses;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Methods.Compare;

/// <summary>
/// Two methods on one text, cell by cell: what share of its row each gives a cell, and the second's share less the first's. Shares,
/// because methods measure in units of their own. Kept like an analysis: tensors <c>first</c>, <c>second</c> and <c>difference</c> [L,T,T].
/// </summary>
public static class MethodDifference
{
    /// <summary>The reason a method cannot be compared so; null when it can.</summary>
    public static string? ProblemWith(Method method) => method.Axes == ScoreAxes.Map ? null : $"{method.Title} has no map of the tokens for each layer";

    /// <summary>The difference of two methods that the same analysis holds.</summary>
    public static Analysis In(AnalysisStore store, Analysis analysis, Method first, Method second)
    {
        foreach (var method in new[] { first, second })
            if (ProblemWith(method) is { } reason)
                throw new MethodException($"difference: {method.Id}: {reason}: choose a method that has");
        return store.GetOrCreate(["method difference 1", analysis.Id, first.Id, second.Id], path =>
        {
            var metadata = analysis.Metadata with { Maps = [], Others = new Dictionary<string, string>(), Target = null, TargetPlaces = null, Predictions = [], Notes = [] };
            float[] a = Shares(analysis, first), b = Shares(analysis, second);
            var difference = new float[a.Length];
            for (var i = 0; i < a.Length; i++)
                difference[i] = b[i] - a[i];
            var (layers, tokens) = (metadata.Layers, metadata.Tokens.Count);
            AnalysisFile.Write(
                path,
                [
                    SafetensorsEntry.Of("first", a, layers, tokens, tokens),
                    SafetensorsEntry.Of("second", b, layers, tokens, tokens),
                    SafetensorsEntry.Of("difference", difference, layers, tokens, tokens),
                ],
                metadata);
            return metadata;
        });
    }

    /// <summary>Magnitudes of all layers, rows summing to 1.</summary>
    private static float[] Shares(Analysis analysis, Method method)
    {
        float[] all = [.. AnalysisReader.Layers(analysis, method.Id).Select(Math.Abs)];
        var tokens = analysis.Metadata.Tokens.Count;
        Matrices.NormaliseRows(all, tokens);
        return all;
    }
}
