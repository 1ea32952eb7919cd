using AttentionServer.Engine;

namespace AttentionServer.Methods.Flow;

/// <summary>What of attention flow is asked for.</summary>
public enum FlowReading
{
    /// <summary>From the last layer, rows summing to 1.</summary>
    Normalised,

    /// <summary>From the last layer, as it is.</summary>
    Raw,

    /// <summary>From every layer, rows summing to 1.</summary>
    Layers,
}

/// <summary>
/// Attention flow (Abnar and Zuidema 2020): attention as a network of pipes of width M_l = ½Ā_l + ½I, and how much can flow from a
/// token after a layer to each token of the input: a maximum flow for each two tokens.
/// </summary>
public sealed class AttentionFlow(FlowReading reading) : Method
{
    /// <inheritdoc/>
    public override string Id => reading switch
    {
        FlowReading.Normalised => "flow",
        FlowReading.Raw => "flow_raw",
        _ => "flow_layers",
    };

    /// <inheritdoc/>
    public override string Title => reading switch
    {
        FlowReading.Normalised => "Attention flow, whole model",
        FlowReading.Raw => "Attention flow, whole model, as it is",
        _ => "Attention flow",
    };

    /// <inheritdoc/>
    public override string Group => "Flow";

    /// <inheritdoc/>
    public override string Formula => reading == FlowReading.Raw ? "maxflow(iᴸ → j⁰), capacities ½Ā + ½I" : "maxflow(iˡ → j⁰) / row sum, capacities ½Ā + ½I";

    /// <inheritdoc/>
    public override string Paper => "Abnar and Zuidema 2020, Quantifying Attention Flow in Transformers";

    /// <inheritdoc/>
    public override string Reading => "A bright cell: between the row's token and the column's input token there are wide pipes in every layer.";

    /// <inheritdoc/>
    public override string Caution =>
        "Pipes are shared: what could flow from each input token could not flow from all at once. Capacities are mean attention, so values, norms and feed-forward parts are left out.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => reading == FlowReading.Layers ? ScoreAxes.Map : ScoreAxes.TokenPairs;

    /// <inheritdoc/>
    public override bool ThroughLayers => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> BuildsOn => reading == FlowReading.Raw ? ["attention_mean"] : ["flow_raw"];

    /// <inheritdoc/>
    public override MethodCost Cost(Model model, int tokens)
    {
        // Some passes over all edges for each pair of tokens.
        double edges = (double)model.Config.Layers * tokens * tokens;
        return new(edges * tokens * tokens * (reading == FlowReading.Layers ? model.Config.Layers / 2.0 : 1) * 8, (long)(edges * sizeof(double) * 2));
    }

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var tokens = run.Input.Length;
        if (reading == FlowReading.Normalised)
        {
            var shares = run.Of("flow_raw").Values.Span.ToArray();
            Matrices.NormaliseRows(shares, tokens);
            return new(Axes, new(shares, tokens, tokens));
        }

        var network = new MaximumFlow(Rollout.WithResidual(run.Of("attention_mean").ToMap()));
        var layers = run.Model.Config.Layers;
        if (reading == FlowReading.Raw)
            return new(Axes, new(Between(network, [layers], run, cancellation), tokens, tokens));

        // The last layer's is the whole model's, which other readings want too.
        float[] flows = [.. Between(network, [.. Enumerable.Range(1, layers - 1)], run, cancellation), .. run.Of("flow_raw").Values.Span];
        for (var layer = 0; layer < layers; layer++)
            Matrices.NormaliseRows(flows.AsSpan(layer * tokens * tokens, tokens * tokens), tokens);
        return new(Axes, new(flows, layers, tokens, tokens));
    }

    private static float[] Between(MaximumFlow network, int[] tops, MethodRun run, CancellationToken cancellation)
    {
        var tokens = run.Input.Length;
        var flows = new float[tops.Length * tokens * tokens];
        var done = 0;
        foreach (var (top, place) in tops.Select((top, place) => (top, place)))
        {
            Parallel.For(
                0,
                tokens,
                new ParallelOptions { CancellationToken = cancellation },
                network.Copy,
                (source, _, own) =>
                {
                    for (var sink = 0; sink < tokens; sink++)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        flows[(((place * tokens) + source) * tokens) + sink] = (float)own.Between(top, source, sink);
                    }

                    run.Progress?.Report((double)Interlocked.Increment(ref done) / (tokens * tops.Length));
                    return own;
                },
                _ => { });
        }

        return flows;
    }
}
