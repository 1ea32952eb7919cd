namespace AttentionServer.Methods.Norms;

/// <summary>Lengths within single heads (Kobayashi et al. 2020): of each token's transformed vector, and of it times the attention to it.</summary>
public sealed class HeadNorms(bool weighted) : NormMethod
{
    /// <inheritdoc/>
    public override string Id => weighted ? "attn_norm" : "transformed_norm";

    /// <inheritdoc/>
    public override string Title => weighted ? "Norms of mixed vectors, each head" : "Norms of transformed vectors";

    /// <inheritdoc/>
    public override string Formula => weighted ? "‖Aₕᵢⱼ fₕ(xⱼ)‖, fₕ(xⱼ) = vₕⱼ W_Oʰ" : "‖fₕ(xⱼ)‖, fₕ(xⱼ) = vₕⱼ W_Oʰ";

    /// <inheritdoc/>
    public override string Paper => "Kobayashi et al. 2020, Attention is Not Only a Weight";

    /// <inheritdoc/>
    public override string Reading => weighted
        ? "A bright cell: in this head the column's token brings a long vector to the row's: it is attended to, and there is something to bring."
        : "A large number: if attended to, this token has a long vector to bring in this head. Separators are often short: attending to them does nothing.";

    /// <inheritdoc/>
    public override string Caution => weighted
        ? "Heads can cancel each other, and the residual path is left out."
        : "It does not say whether anything attends to the token.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => weighted ? ScoreAxes.HeadMaps : ScoreAxes.HeadTokens;

    internal override Stage Stage => Stage.Attention;

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var (layers, heads, tokens, width) = (run.Model.Config.Layers, run.Model.Config.Heads, run.Input.Length, run.Model.Config.Hidden);
        var norms = new float[layers * heads * tokens];
        for (var layer = 0; layer < layers; layer++)
        {
            var vectors = TransformedVectors.Of(run).Layer(layer, cancellation);
            for (var at = 0; at < heads * tokens; at++)
                norms[(layer * heads * tokens) + at] = Length(vectors.AsSpan(at * width, width));
        }

        if (!weighted)
            return new(Axes, new(norms, layers, heads, tokens));
        var maps = new float[layers * heads * tokens * tokens];
        for (var layer = 0; layer < layers; layer++)
        {
            var attention = run.Trace.Attentions[layer].Span;
            var start = layer * attention.Length;
            for (var at = 0; at < attention.Length; at++)
                maps[start + at] = attention[at] * norms[(((layer * heads) + (at / (tokens * tokens))) * tokens) + (at % tokens)];
        }

        return new(Axes, new(maps, layers, heads, tokens, tokens));
    }

    private static float Length(ReadOnlySpan<float> vector)
    {
        var sum = 0.0;
        foreach (var x in vector)
            sum += (double)x * x;
        return (float)Math.Sqrt(sum);
    }
}
