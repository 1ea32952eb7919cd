namespace AttentionServer.Methods;

/// <summary>
/// Attention rollout (Abnar and Zuidema 2020): how much of each input token is left in each token after every layer,
/// if mixing were linear. R_l = M_l R_{l−1}, with M_l = ½Ā_l + ½I for the residual path, or M_l = Ā_l without it.
/// </summary>
public sealed class Rollout(bool residual) : Method
{
    /// <inheritdoc/>
    public override string Id => residual ? "rollout" : "rollout_no_residual";

    /// <inheritdoc/>
    public override string Title => residual ? "Attention rollout" : "Attention rollout, without residual";

    /// <inheritdoc/>
    public override string Formula => residual ? "Rₗ = (½Āₗ + ½I) Rₗ₋₁" : "Rₗ = Āₗ Rₗ₋₁";

    /// <inheritdoc/>
    public override string Paper => "Abnar and Zuidema 2020, Quantifying Attention Flow in Transformers";

    /// <inheritdoc/>
    public override string Reading => residual
        ? "A bright cell: after this layer much of the row's token traces back to the column's input token, if each layer kept half of its input and mixed in the other half by its mean attention."
        : "A bright cell: after this layer much of the row's token traces back to the column's input token, if each layer only mixed by its mean attention.";

    /// <inheritdoc/>
    public override string Caution => residual
        ? "It does not say what the model used: the one-half for the residual path is an assumption, values, LayerNorm and feed-forward blocks are left out, and heads count alike."
        : "It does not say what the model used: it leaves out the residual path, which carries most of a token through a layer, so that late layers look more mixed than they are.";

    /// <inheritdoc/>
    public override bool ThroughLayers => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> BuildsOn => ["attention_mean"];

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var mean = run.Of("attention_mean").ToMap();
        var tokens = mean.Tokens;
        if (residual)
            WithResidual(mean);

        var rollout = new ContextMap(mean.Layers, tokens);
        for (var layer = 0; layer < mean.Layers; layer++)
        {
            if (layer == 0)
                mean.Layer(0).CopyTo(rollout.Layer(0));
            else
                Matrices.Multiply(mean.Scores.AsMemory(layer * tokens * tokens, tokens * tokens), rollout, layer, cancellation);
        }

        return rollout;
    }

    /// <summary>(Ā + I) of each layer, rows summing to 1 again, in place.</summary>
    internal static ContextMap WithResidual(ContextMap mean)
    {
        for (var layer = 0; layer < mean.Layers; layer++)
        {
            var matrix = mean.Layer(layer);
            for (var i = 0; i < mean.Tokens; i++)
                matrix[(i * mean.Tokens) + i] += 1;
            Matrices.NormaliseRows(matrix, mean.Tokens);
        }

        return mean;
    }
}
