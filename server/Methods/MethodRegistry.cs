using AttentionServer.Engine;
using AttentionServer.Methods.Flow;
using AttentionServer.Methods.Gradients;
using AttentionServer.Methods.Heads;
using AttentionServer.Methods.Norms;
using AttentionServer.Methods.Occlusion;

namespace AttentionServer.Methods;

/// <summary>All methods, in the order pickers show them.</summary>
public static class MethodRegistry
{
    /// <summary>All methods.</summary>
    public static IReadOnlyList<Method> All { get; } = 
    [
        new AttentionMean(),
        new Rollout(residual: true),
        new Rollout(residual: false),
        new HeadNorms(weighted: false),
        new HeadNorms(weighted: true),
        new NormMap(Stage.Attention),
        new NormMap(Stage.Residual),
        new NormMap(Stage.Normalised),
        new LayerProduct("n_resln_rollout", "Norms with residual and LayerNorm, rollout", "Norms", "Kobayashi et al. 2021; Abnar and Zuidema 2020", of: "n_resln", normalise: true),
        new NormMap(Stage.Encoded),
        new LayerProduct("globenc", "GlobEnc", "Norms", "Modarressi et al. 2022, GlobEnc: Quantifying Global Token Attribution by Incorporating the Whole Encoder Layer", of: "n_enc", normalise: false),
        new Mixing(Stage.Attention),
        new Mixing(Stage.Residual),
        new Mixing(Stage.Normalised),
        new Mixing(Stage.Encoded),
        new Alti(),
        new LayerProduct("alti_rollout", "ALTI", "ALTI", "Ferrando, Gállego and Costa-jussà 2022, Measuring the Mixing of Contextual Information in the Transformer", of: "alti", normalise: false),
        new ValueZeroing.ValueZeroing(normalise: false),
        new ValueZeroing.ValueZeroing(normalise: true),
        new LayerProduct("vz_rollout", "Value Zeroing", "Value Zeroing", "Mohebbi, Zuidema, Chrupała and Alishahi 2023, Quantifying Context Mixing in Transformers", of: "vz", normalise: false),
        new AttentionFlow(FlowReading.Layers),
        new AttentionFlow(FlowReading.Normalised),
        new AttentionFlow(FlowReading.Raw),
        new WordGradient(GradientReading.L2),
        new WordGradient(GradientReading.L1),
        new WordGradient(GradientReading.TimesInput),
        new WordGradient(GradientReading.L2, embedded: true),
        new WordGradient(GradientReading.TimesInput, embedded: true),
        new WordGradient(GradientReading.Vectors),
        new IntegratedGradients(maskBaseline: false, gaussLegendre: true),
        new IntegratedGradients(maskBaseline: true, gaussLegendre: true),
        new IntegratedGradients(maskBaseline: false, gaussLegendre: false),
        new IntegratedGradients(maskBaseline: true, gaussLegendre: false),
        new AttentionGradient(AttentionReading.Map, loss: false),
        new AttentionGradient(AttentionReading.PerHead, loss: false),
        new AttentionGradient(AttentionReading.PerLayerToken, loss: false),
        new AttentionGradient(AttentionReading.TimesAttention, loss: false),
        new AttentionGradient(AttentionReading.PerHead, loss: true),
        new AttentionGradient(AttentionReading.PerHeadToken, loss: true),
        new BlankOut(logit: false),
        new BlankOut(logit: true),
        new HeadEntropy(),
        new HeadPatterns(),
        new HeadDistances(),
        new HeadTree(),
        new HeadPlane(smacof: false),
        new HeadPlane(smacof: true),
        new RandomBaseline(),
    ];

    /// <summary>Those that cost nothing beside the forward pass, for the first picture.</summary>
    public static IReadOnlyList<Method> Immediate { get; } = [.. All.Where(m => m is AttentionMean or Rollout)];

    /// <summary>The methods that are defined for a model, for "all".</summary>
    public static IReadOnlyList<Method> DefinedFor(Model model) => [.. All.Where(m => m.ProblemWith(model) == null)];

    /// <summary>The methods of a comma-separated list of ids, or all of them for "all".</summary>
    public static IReadOnlyList<Method> Parse(string ids) => ids == "all"
        ? All
        : [.. ids.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Find)];

    /// <summary>The method of an id.</summary>
    public static Method Find(string id) => All.FirstOrDefault(m => m.Id == id)
        ?? throw new MethodException($"method '{id}': there is no such method: {Meant(id)}use {string.Join(", ", All.Select(m => m.Id))} or all") { IsBadArgument = true };

    private static string Meant(string id) => NearNames.Of(id, All.Select(m => m.Id)) is { Count: > 0 } near ? $"did you mean {string.Join(" or ", near)}? Or " : "";
}
