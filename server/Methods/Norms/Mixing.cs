namespace AttentionServer.Methods.Norms;

/// <summary>
/// Mixing ratio (Kobayashi et al. 2021): of what makes up a token after a layer, how much came from other tokens rather than
/// from itself.
/// </summary>
public sealed class Mixing : NormMethod
{
    private readonly Stage _stage;

    internal Mixing(Stage stage) => _stage = stage;

    /// <inheritdoc/>
    public override string Id => _stage switch
    {
        Stage.Attention => "mix_attn",
        Stage.Residual => "mix_n_res",
        Stage.Normalised => "mix_n_resln",
        _ => "mix_n_enc",
    };

    /// <inheritdoc/>
    public override string Title => _stage switch
    {
        Stage.Attention => "Mixing ratio of attention",
        Stage.Residual => "Mixing ratio with the residual path",
        Stage.Normalised => "Mixing ratio with residual and LayerNorm",
        _ => "Mixing ratio of the layer",
    };

    /// <inheritdoc/>
    public override string Formula => "‖Σⱼ≠ᵢ vᵢⱼ‖ / (‖Σⱼ≠ᵢ vᵢⱼ‖ + ‖vᵢᵢ‖)";

    /// <inheritdoc/>
    public override string Paper => "Kobayashi et al. 2021, Incorporating Residual and Normalization Layers into Analysis of Masked Language Models";

    /// <inheritdoc/>
    public override string Reading => "Near 1: after this layer the token is made of others; near 0: it stays itself.";

    /// <inheritdoc/>
    public override string Caution => "It is about lengths: what others bring may point where the token already is, and what the feed-forward network adds is left out.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => ScoreAxes.LayerTokens;

    internal override Stage Stage => _stage;

    internal override bool Mixes => true;

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var (config, tokens) = (run.Model.Config, run.Input.Length);
        var ratios = new float[config.Layers * tokens];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var staged = new StagedLayer(run, layer, _stage, cancellation);
            var bias = run.Model.Block(layer).OutputBias.ToArray();
            var at = layer;
            Parallel.For(
                0,
                tokens,
                new ParallelOptions { CancellationToken = cancellation },
                () => (Vectors: new double[staged.Heads * staged.Width], Own: new double[staged.Width], All: new double[staged.Width]),
                (token, _, local) =>
                {
                    staged.Vectors(token, local.Vectors);
                    staged.Own(token, local.Vectors, local.Own);
                    // All that enters the sum, but for the bias, which no token brings.
                    ReadOnlySpan<float> sum = run.Trace.AttentionSums[at].At(token), entering = run.Trace.HiddenStates[at].At(token);
                    for (var d = 0; d < staged.Width; d++)
                        local.All[d] = (double)sum[d] - bias[d] - (staged.Carries ? 0 : entering[d]);
                    staged.Carry(local.All);
                    for (var d = 0; d < staged.Width; d++)
                        local.All[d] = (local.All[d] * staged.Factor(token)) - local.Own[d];
                    // A lone token has no others; what is left of the difference is rounding.
                    double others = tokens == 1 ? 0 : Math.Sqrt(StagedLayer.Dot(local.All, local.All)), own = Math.Sqrt(StagedLayer.Dot(local.Own, local.Own));
                    ratios[(at * tokens) + token] = others + own == 0 ? 0 : (float)(others / (others + own));
                    return local;
                },
                _ => { });
        }

        return new(Axes, new(ratios, config.Layers, tokens));
    }
}
