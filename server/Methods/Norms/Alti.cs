using System.Numerics;
using AttentionServer.Engine;

namespace AttentionServer.Methods.Norms;

/// <summary>
/// ALTI (Ferrando et al. 2022): how much nearer each token's share brings a token to what attention makes of it, by the L1
/// distance: c_ij = max(0, ‖y_i‖₁ − ‖y_i − T_ij‖₁), rows summing to 1.
/// </summary>
public sealed class Alti : Method
{
    /// <inheritdoc/>
    public override string Id => "alti";

    /// <inheritdoc/>
    public override string Title => "ALTI, one layer";

    /// <inheritdoc/>
    public override string Group => "ALTI";

    /// <inheritdoc/>
    public override string Formula => "max(0, ‖yᵢ‖₁ − ‖yᵢ − Tᵢⱼ‖₁) / row sum";

    /// <inheritdoc/>
    public override string Paper => "Ferrando, Gállego and Costa-jussà 2022, Measuring the Mixing of Contextual Information in the Transformer";

    /// <inheritdoc/>
    public override string Reading => "A bright cell: the column's token brings the row's near to what it becomes in this layer. Rows sum to 1.";

    /// <inheritdoc/>
    public override string Caution => "It stops before the feed-forward half, and what pushes away from the result counts as nothing instead of against it.";

    /// <inheritdoc/>
    public override TraceRequest Needs => new() { Attentions = true, QueriesKeysValues = true, HiddenStates = true, BlockSums = true };

    /// <inheritdoc/>
    public override MethodCost Cost(Model model, int tokens)
    {
        double t = tokens, d = model.Config.Hidden, h = model.Config.Heads;
        return new(model.Config.Layers * ((2 * t * d * d) + (2 * t * t * h * d)), TransformedVectors.Bytes(model, tokens));
    }

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var map = new ContextMap(run.Model.Config.Layers, run.Input.Length);
        for (var layer = 0; layer < map.Layers; layer++)
        {
            Fill(run, map, layer, cancellation);
            Matrices.NormaliseRows(map.Layer(layer), map.Tokens);
            run.Progress?.Report((layer + 1.0) / map.Layers);
        }

        return map;
    }

    private static void Fill(MethodRun run, ContextMap map, int layer, CancellationToken cancellation)
    {
        // Where the norm acts before the sum, a token's share of the sum is all there is to follow.
        var normFirst = run.Model.Block(layer).Layout.NormFirst;
        var staged = new StagedLayer(run, layer, normFirst ? Stage.Residual : Stage.Normalised, cancellation);
        int heads = staged.Heads, tokens = staged.Tokens, width = staged.Width;
        var becomes = Becomes(run, layer, staged, normFirst);
        var lengths = new double[tokens];
        for (var row = 0; row < tokens; row++)
            lengths[row] = Distance(becomes.AsSpan(row * width, width), default, [], width);

        Parallel.For(
            0,
            tokens,
            new ParallelOptions { CancellationToken = cancellation },
            () => (Exact: new double[heads * width], Vectors: new float[heads * width], Weights: new float[heads], Own: new double[width], OwnShort: new float[width]),
            (token, _, local) =>
            {
                staged.Vectors(token, local.Exact);
                Shorten(local.Exact, local.Vectors);
                var scores = map.Layer(layer);
                for (var row = 0; row < tokens; row++)
                {
                    for (var head = 0; head < heads; head++)
                        local.Weights[head] = (float)(staged.Weight(head, row, token) * staged.Factor(row));
                    var distance = Distance(becomes.AsSpan(row * width, width), local.Vectors, local.Weights, width);
                    scores[(row * tokens) + token] = (float)Math.Max(0, lengths[row] - distance);
                }

                staged.Own(token, local.Exact, local.Own);
                Shorten(local.Own, local.OwnShort);
                var own = Distance(becomes.AsSpan(token * width, width), local.OwnShort, [1], width);
                scores[(token * tokens) + token] = (float)Math.Max(0, lengths[token] - own);
                return local;
            },
            _ => { });
    }

    /// <summary>What leaves the attention half [T,D]: the normalised sum, or the sum itself.</summary>
    private static float[] Becomes(MethodRun run, int layer, StagedLayer staged, bool normFirst)
    {
        var sums = run.Trace.AttentionSums[layer];
        if (normFirst)
            return sums.ToArray();
        var shift = run.Model.Block(layer).AttentionShift;
        var rows = new float[sums.Length];
        var row = new double[staged.Width];
        for (var i = 0; i < staged.Tokens; i++)
        {
            var sum = sums.At(i);
            for (var d = 0; d < row.Length; d++)
                row[d] = sum[d];
            staged.Carry(row);
            for (var d = 0; d < row.Length; d++)
                rows[(i * row.Length) + d] = (float)((row[d] * staged.Factor(i)) + shift[d]);
        }

        return rows;
    }

    /// <summary>‖y − Σ_h w_h v_h‖₁, the sum formed a few components at a time.</summary>
    private static double Distance(ReadOnlySpan<float> y, ReadOnlySpan<float> vectors, ReadOnlySpan<float> weights, int width)
    {
        var d = 0;
        var sums = Vector<float>.Zero;
        for (; d <= width - Vector<float>.Count; d += Vector<float>.Count)
        {
            var left = new Vector<float>(y[d..]);
            for (var head = 0; head < weights.Length; head++)
                left -= new Vector<float>(weights[head]) * new Vector<float>(vectors[((head * width) + d)..]);
            sums += Vector.Abs(left);
        }

        double sum = Vector.Sum(sums);
        for (; d < width; d++)
        {
            var left = y[d];
            for (var head = 0; head < weights.Length; head++)
                left -= weights[head] * vectors[(head * width) + d];
            sum += Math.Abs(left);
        }

        return sum;
    }

    private static void Shorten(double[] from, float[] to)
    {
        for (var i = 0; i < from.Length; i++)
            to[i] = (float)from[i];
    }
}
