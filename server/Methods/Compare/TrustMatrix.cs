using AttentionServer.Engine;
using AttentionServer.Methods.Analyses;

namespace AttentionServer.Methods.Compare;

/// <summary>One method of a trust matrix: how important it holds each compared token for the prediction.</summary>
public sealed record TrustedMethod(Method Method, IReadOnlyList<double> Importances);

/// <summary>
/// Which method to trust on the text at hand: the rank correlation of every method's token importances with those of blank-out, which
/// changes the input and sees what happens, and of the methods with each other (as Abnar and Zuidema 2020 and Ferrando et al. 2022
/// judge methods). Importances are magnitudes: a token that speaks against the prediction matters too. A map's importances are
/// the rows of the places that predict, of its last layer where that tells of the whole model, else the mean over layers.
/// Special tokens and the places that predict are left out.
/// </summary>
public sealed class TrustMatrix
{
    private const int FewestTokens = 4;

    private TrustMatrix(string target, IReadOnlyList<int> tokens, IReadOnlyList<TrustedMethod> methods)
    {
        (Target, Tokens, Methods) = (target, tokens, methods);
        Correlations = [.. methods.Select(a => methods.Select(b => RankCorrelation.Of(a.Importances, b.Importances)).ToArray())];
    }

    /// <summary>The methods compared unless others are named: what changes the input first, then one of each family, and chance last.</summary>
    public static IReadOnlyList<Method> Usual { get; } = MethodRegistry.Parse(
        "blank_prob_drop,blank_logit_drop,attention_mean,rollout,flow,n_resln_rollout,globenc,alti_rollout,vz_rollout,grad_l2,grad_x_input,ig_zero_gl,ig_mask_gl,random");

    /// <summary>The prediction, as the terminal takes it.</summary>
    public string Target { get; }

    /// <summary>The tokens whose importances are compared.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>The methods.</summary>
    public IReadOnlyList<TrustedMethod> Methods { get; }

    /// <summary>The rank correlation of each two methods; not a number where one of them has no order.</summary>
    public IReadOnlyList<double[]> Correlations { get; }

    /// <summary>Correlations below this are what chance gives.</summary>
    public double ByChance => RankCorrelation.ByChance(Tokens.Count);

    /// <summary>Those of the usual methods that are defined for a model.</summary>
    public static IReadOnlyList<Method> UsualFor(Model model) => model.Head == null
        ? throw new MethodException($"trust: {model.Name}: the model is a bare encoder and predicts nothing to explain: choose a model with a head")
        : [.. Usual.Where(m => m.ProblemWith(model) == null)];

    /// <summary>The reason a method cannot be compared; null when it can.</summary>
    public static string? ProblemWith(Method method) => method.Axes is ScoreAxes.Tokens or ScoreAxes.TokenPairs or ScoreAxes.Map
        ? null
        : "it does not give each token a number";

    /// <summary>The matrix of the methods that an analysis holds.</summary>
    public static TrustMatrix Of(Analysis analysis)
    {
        var metadata = analysis.Metadata;
        if (metadata is not { Target: { } target, TargetPlaces: { } places })
            throw new MethodException("trust: analysis: it explains no prediction: compute blank-out and the methods to compare with it");
        int[] tokens = [.. Enumerable.Range(0, metadata.Tokens.Count).Where(i => !metadata.Tokens[i].Special && !places.Contains(i))];
        if (tokens.Length < FewestTokens)
            throw new MethodException($"trust: '{Short(metadata.Text)}': {tokens.Length} tokens besides those that predict: rank correlations need at least {FewestTokens}: choose a longer text");
        var methods = metadata.Maps.Concat(metadata.Others.Values).Where(id => id != "attentions").Select(MethodRegistry.Find).Where(m => ProblemWith(m) == null);
        return new(target, tokens, [.. methods.OrderBy(Place).Select(m => new TrustedMethod(m, Importances(analysis, m, tokens, places)))]);
    }

    private static int Place(Method method)
    {
        for (var i = 0; i < Usual.Count; i++)
            if (Usual[i] == method)
                return method is RandomBaseline ? int.MaxValue : i;
        return Usual.Count;
    }

    private static double[] Importances(Analysis analysis, Method method, int[] tokens, IReadOnlyList<int> places)
    {
        var count = analysis.Metadata.Tokens.Count;
        if (method.Axes == ScoreAxes.Tokens)
        {
            var values = AnalysisReader.Tokens(analysis, method);
            return [.. tokens.Select(t => Math.Abs(values[t]))];
        }

        var layers = analysis.Metadata.Layers;
        int[] read = method.Axes == ScoreAxes.TokenPairs || method.ThroughLayers ? [layers - 1] : [.. Enumerable.Range(0, layers)];
        var maps = read.Select(layer => AnalysisReader.Map(analysis, method.Id, new() { Layer = layer })).ToList();
        return [.. tokens.Select(j => maps.Average(map => places.Average(i => Math.Abs((double)map[(i * count) + j]))))];
    }

    private static string Short(string text) => text.Length > 40 ? $"{text[..39]}…" : text;
}
