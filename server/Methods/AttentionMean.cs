using AttentionServer.Engine;

namespace AttentionServer.Methods;

/// <summary>Attention averaged over the heads of a layer: Ā = 1/H Σ_h A_h (Clark et al. 2019).</summary>
public sealed class AttentionMean : Method
{
    /// <inheritdoc/>
    public override string Id => "attention_mean";

    /// <inheritdoc/>
    public override string Title => "Attention, mean of heads";

    /// <inheritdoc/>
    public override string Formula => "Ā = 1/H Σₕ Aₕ";

    /// <inheritdoc/>
    public override string Paper => "Clark et al. 2019, What Does BERT Look At?";

    /// <inheritdoc/>
    public override string Reading => "A bright cell: averaged over this layer's heads, the row's token takes much of its mixture from the column's token.";

    /// <inheritdoc/>
    public override string Caution =>
        "It does not say that the column's token mattered: the weights ignore how large the mixed vectors are, what the residual path keeps, and what later layers do.";

    /// <inheritdoc/>
    public override TraceRequest Needs => new() { Attentions = true };

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var trace = run.Trace;
        var map = new ContextMap(trace.Attentions.Count, trace.Input.Length);
        for (var layer = 0; layer < map.Layers; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            var heads = trace.Attentions[layer].Shape[0];
            var mean = map.Layer(layer);
            for (var head = 0; head < heads; head++)
                Matrices.AddScaled(mean, trace.Attentions[layer].At(head), 1f / heads);
        }

        return map;
    }
}
