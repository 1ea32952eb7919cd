using AttentionServer.Methods.Analyses;

namespace AttentionServer.Methods.Compare;

/// <summary>A cell that differs between two maps: rows and columns are groups of the alignment.</summary>
public readonly record struct MovedCell(int To, int From, float First, float Second);

/// <summary>One layer of a method in two analyses.</summary>
/// <param name="First">The layer of the first analysis; null for results without layers.</param>
/// <param name="Second">The layer of the second analysis.</param>
/// <param name="Correlation">The rank correlation over all cells; not a number where one has no order.</param>
/// <param name="Difference">The mean of |second − first|.</param>
/// <param name="Moved">The cells that differ most.</param>
public sealed record LayerComparison(int? First, int? Second, double Correlation, double Difference, IReadOnlyList<MovedCell> Moved);

/// <summary>One method in two analyses, every row as shares of its sum: two models on one text, one model before and after an intervention, or two texts.</summary>
public sealed class MapComparison
{
    private const int Listed = 8;

    private MapComparison(Method method, IReadOnlyList<LayerComparison> layers) => (Method, Layers) = (method, layers);

    /// <summary>The method.</summary>
    public Method Method { get; }

    /// <summary>Layer by layer; models of different depth are paired by the share of their depth.</summary>
    public IReadOnlyList<LayerComparison> Layers { get; }

    /// <summary>Why a method cannot be compared; null when it can.</summary>
    public static string? ProblemWith(Method method) => method.Axes is ScoreAxes.Map or ScoreAxes.TokenPairs or ScoreAxes.Tokens ? null : "its results are not about tokens";

    /// <summary>Compares a method's results in two analyses that both hold them.</summary>
    public static MapComparison Of(Method method, Analysis first, Analysis second, TokenAlignment alignment)
    {
        if (alignment.First.Groups.Count == 0)
            throw new MethodException($"compare: '{first.Metadata.Text}' and '{second.Metadata.Text}': they have no token in common: compare texts that share some");
        var pairs = method.Axes == ScoreAxes.Map ? Pairs(first.Metadata.Layers, second.Metadata.Layers).Select(p => ((int?)p.First, (int?)p.Second)) : [(null, null)];
        var width = Width(method, alignment);
        return new(method, [.. pairs.Select(p => Compare(p, Numbers(method, first, p.Item1, alignment.First), Numbers(method, second, p.Item2, alignment.Second), width))]);
    }

    /// <summary>Which layers are compared: each of the shallower model with the one at the same share of the other's depth.</summary>
    public static IEnumerable<(int First, int Second)> Pairs(int first, int second)
    {
        var count = Math.Min(first, second);
        int At(int layer, int layers) => (int)Math.Round((layer + 1) * (double)layers / count) - 1;
        return Enumerable.Range(0, count).Select(layer => (At(layer, first), At(layer, second)));
    }

    /// <summary>Every aligned cell of every pair of layers.</summary>
    public IEnumerable<(int? Layer, int? OtherLayer, MovedCell Cell)> Cells(Analysis first, Analysis second, TokenAlignment alignment)
    {
        var width = Width(Method, alignment);
        foreach (var layer in Layers)
        {
            var (a, b) = (Numbers(Method, first, layer.First, alignment.First), Numbers(Method, second, layer.Second, alignment.Second));
            for (var at = 0; at < a.Length; at++)
                yield return (layer.First, layer.Second, CellAt(at, width, a, b));
        }
    }

    private static int Width(Method method, TokenAlignment alignment) => method.Axes == ScoreAxes.Tokens ? 1 : alignment.First.Groups.Count;

    private static MovedCell CellAt(int at, int width, float[] first, float[] second) => new(at / width, width == 1 ? at : at % width, first[at], second[at]);

    private static float[] Numbers(Method method, Analysis analysis, int? layer, Readings.TokenGroups groups)
    {
        if (method.Axes == ScoreAxes.Tokens)
            return [.. groups.Sum(AnalysisReader.Tokens(analysis, method)).Select(x => (float)x)];
        var map = groups.Map(AnalysisReader.Map(analysis, method.Id, new() { Layer = layer ?? 0 }));
        // Norms have the scale of a model's hidden states; shares of a row can be compared.
        if (!method.Signed)
            Matrices.NormaliseRows(map, groups.Groups.Count);
        return map;
    }

    private static LayerComparison Compare((int? First, int? Second) layers, float[] first, float[] second, int width)
    {
        var moved = Enumerable.Range(0, first.Length)
            .OrderByDescending(at => Math.Abs((double)second[at] - first[at]))
            .Take(Listed)
            .Where(at => first[at] != second[at])
            .Select(at => CellAt(at, width, first, second));
        return new(
            layers.First,
            layers.Second,
            RankCorrelation.Of([.. first.Select(x => (double)x)], [.. second.Select(x => (double)x)]),
            first.Zip(second, (a, b) => Math.Abs((double)b - a)).Average(),
            [.. moved]);
    }
}
