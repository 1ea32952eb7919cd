using AttentionServer.Engine;
using AttentionServer.Methods.Norms;

namespace AttentionServer.Methods.ValueZeroing;

/// <summary>
/// Value Zeroing (Mohebbi et al. 2023): how far a token turns when another one's value vector is set to zero in all heads and
/// the rest of the block is computed again, by the cosine distance of what leaves the block.
/// </summary>
public sealed class ValueZeroing(bool normalise) : Method
{
    /// <inheritdoc/>
    public override string Id => normalise ? "vz" : "vz_distance";

    /// <inheritdoc/>
    public override string Title => normalise ? "Value Zeroing, one layer" : "Value Zeroing, distances";

    /// <inheritdoc/>
    public override string Group => "Value Zeroing";

    /// <inheritdoc/>
    public override string Formula => normalise ? "1 − cos(yᵢ, yᵢ¬ʲ), rows summing to 1" : "1 − cos(yᵢ, yᵢ¬ʲ)";

    /// <inheritdoc/>
    public override string Paper => "Mohebbi, Zuidema, Chrupała and Alishahi 2023, Quantifying Context Mixing in Transformers";

    /// <inheritdoc/>
    public override string Reading => normalise
        ? "A bright cell: of all tokens, the column's is one without whose value the row's would leave this layer pointing elsewhere. Rows sum to 1."
        : "A bright cell: without the column's value, the row's token would leave this layer pointing elsewhere.";

    /// <inheritdoc/>
    public override string Caution => "It is about one layer at a time and about directions; attention itself stays as it was, as if the token were still looked at.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> BuildsOn => normalise ? ["vz_distance"] : [];

    /// <inheritdoc/>
    public override TraceRequest Needs => normalise ? new() : new() { Attentions = true, QueriesKeysValues = true, HiddenStates = true, BlockSums = true };

    /// <inheritdoc/>
    public override MethodCost Cost(Model model, int tokens)
    {
        if (normalise)
            return default;
        double t = tokens, d = model.Config.Hidden, f = model.Config.Intermediate, h = model.Config.Heads;
        // The activation makes no difference to its size.
        return new(
            model.Config.Layers * ((2 * t * t * f * d) + (2 * t * h * d * f) + (2 * t * t * h * (f + d))),
            TransformedVectors.Bytes(model, tokens) + ZeroedBlock<Gelu>.Bytes(model.Config, tokens));
    }

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        if (normalise)
        {
            var shares = run.Of("vz_distance").ToMap();
            for (var layer = 0; layer < shares.Layers; layer++)
                Matrices.NormaliseRows(shares.Layer(layer), shares.Tokens);
            return shares;
        }

        var map = new ContextMap(run.Model.Config.Layers, run.Input.Length);
        for (var layer = 0; layer < map.Layers; layer++)
        {
            var before = layer;
            Fill(run, layer, map.Layer(layer), rows => run.Progress?.Report((before + ((double)rows / map.Tokens)) / map.Layers), cancellation);
        }

        return map;
    }

    private static void Fill(MethodRun run, int layer, Span<float> distances, Action<int> done, CancellationToken cancellation)
    {
        switch (run.Model.Config.Activation)
        {
            case "gelu":
                new ZeroedBlock<Gelu>(run, layer, cancellation).Distances(distances, done, cancellation);
                break;
            case "relu":
                new ZeroedBlock<Relu>(run, layer, cancellation).Distances(distances, done, cancellation);
                break;
            case "silu" or "swish":
                new ZeroedBlock<Silu>(run, layer, cancellation).Distances(distances, done, cancellation);
                break;
            case "tanh":
                new ZeroedBlock<Tanh>(run, layer, cancellation).Distances(distances, done, cancellation);
                break;
            default:
                new ZeroedBlock<GeluTanh>(run, layer, cancellation).Distances(distances, done, cancellation);
                break;
        }
    }
}
