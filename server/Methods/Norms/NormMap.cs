namespace AttentionServer.Methods.Norms;

/// <summary>
/// Lengths of what each token brings to each other one at a stage. ‖Σ_h a_h f_h‖² = aᵀGa with the H × H products G of a token's
/// vectors, so that no vector is ever formed for a pair of tokens: T·H²·D products instead of T²·H·D, and no [H,T,T,D].
/// </summary>
public sealed class NormMap : NormMethod
{
    private static readonly (Stage Stage, string Id, string Title, string Formula, string Paper, string Reading, string Caution)[] Kinds =
    [
        (Stage.Attention, "attn_norm_sum", "Norms of mixed vectors", "‖Σₕ Aₕᵢⱼ fₕ(xⱼ)‖", "Kobayashi et al. 2020, Attention is Not Only a Weight",
            "A bright cell: what the heads together carry from the column's token into the row's is long.",
            "It leaves out the residual path, which usually carries more than attention does, and it does not say in which direction."),
        (Stage.Residual, "n_res", "Norms with the residual path", "‖Σₕ Aₕᵢⱼ fₕ(xⱼ) + δᵢⱼ xᵢ‖", "Kobayashi et al. 2021, Incorporating Residual and Normalization Layers into Analysis of Masked Language Models",
            "A bright cell: much of what enters the sum after attention came from the column's token; the diagonal has the token itself.",
            "It does not say what is left after normalisation, and long vectors can cancel each other."),
        (Stage.Normalised, "n_resln", "Norms with residual and LayerNorm", "‖(rᵢⱼ − mean) / sd(pᵢ) ⊙ γ₁‖", "Kobayashi et al. 2021, Incorporating Residual and Normalization Layers into Analysis of Masked Language Models",
            "A bright cell: much of what leaves the attention half came from the column's token.",
            "It stops before the feed-forward half, and long vectors can cancel each other."),
        (Stage.Encoded, "n_enc", "GlobEnc, one layer", "‖(tᵢⱼ − mean) / sd(p′ᵢ) ⊙ γ₂‖", "Modarressi et al. 2022, GlobEnc",
            "A bright cell: much of what leaves the layer came from the column's token, along the residual path of the feed-forward half.",
            "It leaves out what the feed-forward network itself adds, and long vectors can cancel each other."),
    ];

    private readonly (Stage Stage, string Id, string Title, string Formula, string Paper, string Reading, string Caution) _kind;

    internal NormMap(Stage stage) => _kind = Kinds.Single(k => k.Stage == stage);

    /// <inheritdoc/>
    public override string Id => _kind.Id;

    /// <inheritdoc/>
    public override string Title => _kind.Title;

    /// <inheritdoc/>
    public override string Formula => _kind.Formula;

    /// <inheritdoc/>
    public override string Paper => _kind.Paper;

    /// <inheritdoc/>
    public override string Reading => _kind.Reading;

    /// <inheritdoc/>
    public override string Caution => _kind.Caution;

    internal override Stage Stage => _kind.Stage;

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var map = new ContextMap(run.Model.Config.Layers, run.Input.Length);
        for (var layer = 0; layer < map.Layers; layer++)
        {
            Fill(new StagedLayer(run, layer, Stage, cancellation), map, layer, cancellation);
            run.Progress?.Report((layer + 1.0) / map.Layers);
        }

        return map;
    }

    private static void Fill(StagedLayer staged, ContextMap map, int layer, CancellationToken cancellation)
    {
        int heads = staged.Heads, tokens = staged.Tokens, width = staged.Width;
        Parallel.For(
            0,
            tokens,
            new ParallelOptions { CancellationToken = cancellation },
            () => (Vectors: new double[heads * width], Gram: new double[heads * heads], Weights: new double[heads], Own: new double[width]),
            (token, _, local) =>
            {
                staged.Vectors(token, local.Vectors);
                Gram(local.Vectors, local.Gram, heads, width);
                var scores = map.Layer(layer);
                for (var row = 0; row < tokens; row++)
                {
                    for (var head = 0; head < heads; head++)
                        local.Weights[head] = staged.Weight(head, row, token);
                    scores[(row * tokens) + token] = (float)(Math.Sqrt(Math.Max(0, Quadratic(local.Weights, local.Gram))) * staged.Factor(row));
                }

                if (staged.Carries)
                {
                    staged.Own(token, local.Vectors, local.Own);
                    scores[(token * tokens) + token] = (float)Math.Sqrt(StagedLayer.Dot(local.Own, local.Own));
                }

                return local;
            },
            _ => { });
    }

    private static void Gram(double[] vectors, double[] gram, int heads, int width)
    {
        for (var a = 0; a < heads; a++)
            for (var b = 0; b <= a; b++)
                gram[(a * heads) + b] = gram[(b * heads) + a] = StagedLayer.Dot(vectors.AsSpan(a * width, width), vectors.AsSpan(b * width, width));
    }

    private static double Quadratic(double[] weights, double[] gram)
    {
        var (heads, sum) = (weights.Length, 0.0);
        for (var a = 0; a < heads; a++)
            if (weights[a] != 0)
                sum += weights[a] * StagedLayer.Dot(gram.AsSpan(a * heads, heads), weights);
        return sum;
    }
}
