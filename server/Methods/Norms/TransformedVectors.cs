using AttentionServer.Engine;
using AttentionServer.Graphs;

namespace AttentionServer.Methods.Norms;

/// <summary>
/// The vectors that attention mixes, as they arrive in hidden states: f_h(x_j) = v_hj W_O^h [H,T,D] of each layer, value bias
/// included, output bias left out (Kobayashi et al. 2020). Made by the engine, one product a layer, and kept for the run.
/// </summary>
internal sealed class TransformedVectors(MethodRun run)
{
    private readonly float[]?[] _layers = new float[run.Model.Config.Layers][];

    /// <summary>The vectors of a run, shared by all methods that need them.</summary>
    public static TransformedVectors Of(MethodRun run) => run.Shared("transformed vectors", () => new TransformedVectors(run));

    /// <summary>What all layers take in memory.</summary>
    public static long Bytes(Model model, int tokens) => (long)sizeof(float) * model.Config.Layers * model.Config.Heads * tokens * model.Config.Hidden;

    /// <summary>One layer [H,T,D].</summary>
    public float[] Layer(int layer, CancellationToken cancellation)
    {
        if (_layers[layer] is { } known)
            return known;
        var values = run.Trace.Values[layer];
        using var result = run.Model.Compute($"transformed vectors {layer}", () => Compose(layer), new Dictionary<string, Tensor> { ["v"] = values }, cancellation);
        return _layers[layer] = result.Floats("f").ToArray();
    }

    private GraphBuilder Compose(int layer)
    {
        var (graph, config, layout) = (new GraphBuilder(), run.Model.Config, run.Model.Block(layer).Layout);
        int heads = config.Heads, size = config.HeadSize;
        var values = graph.Input("v", ElementType.Float, heads, "T", size);
        var stored = layout.InputsFirst
            ? graph.Weight($"{layout.Output}.weight", heads * size, config.Hidden)
            : graph.Transpose(graph.Weight($"{layout.Output}.weight", config.Hidden, heads * size), 1, 0);
        graph.Output("f", graph.MatMul(values, graph.Reshape(stored, heads, size, config.Hidden)));
        return graph;
    }
}
