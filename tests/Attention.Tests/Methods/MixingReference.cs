using AttentionServer.Engine;

namespace AttentionServer.Tests.Methods;

/// <summary>The vectors that norm-based methods are about, each pair of tokens on its own and in 64 bits.</summary>
internal sealed class MixingReference(Model model, Trace trace) : BlockReference(model, trace)
{
    private double[][][]? _mixed;
    private int _layer = -1;

    /// <summary>s_ij = Σ_h A_hij v_hj W_O^h.</summary>
    public double[][][] Mixed(int layer)
    {
        if (_layer == layer && _mixed != null)
            return _mixed;
        var (layout, values, size) = (Layout(layer), Values(layer), Config.HeadSize);
        (_layer, _mixed) = (layer, Pairs((i, j) =>
        {
            var weighted = values[j].Select((v, c) => v * Trace.Attentions[layer].At(c / size, i)[j]).ToArray();
            return Linear(weighted, layout.Output, Config.Hidden, layout.InputsFirst, biased: false);
        }));
        return _mixed;
    }

    /// <summary>r_ij = s_ij + δ_ij x_i.</summary>
    public double[][][] Residual(int layer)
    {
        var (mixed, entering) = (Mixed(layer), Entering(layer));
        return Pairs((i, j) => i == j ? Plus(mixed[i][j], entering[i]) : mixed[i][j]);
    }

    /// <summary>t_ij = (r_ij − mean(r_ij)) / sd(p_i) ⊙ γ₁.</summary>
    public double[][][] Normalised(int layer)
    {
        var (residual, layout) = (Residual(layer), Layout(layer));
        return Through(residual, [.. Sums(layer).Select(Deviation)], layout.AttentionNorm);
    }

    /// <summary>The same through the second norm; the feed-forward network counts by its residual path only.</summary>
    public double[][][] Encoded(int layer)
    {
        var layout = Layout(layer);
        var second = Sums(layer).Select(p => Norm(p, layout.AttentionNorm)).Select(y =>
            Plus(Linear([.. Linear(y, layout.Up, Config.Intermediate, layout.InputsFirst).Select(Activation)], layout.Down, Config.Hidden, layout.InputsFirst), y));
        return Through(Normalised(layer), [.. second.Select(Deviation)], layout.OutputNorm);
    }

    /// <summary>p_i = Σ_j r_ij + b_O: what really enters the first norm, or leaves the sum where norms come first.</summary>
    public double[][] Sums(int layer)
    {
        var (residual, bias) = (Residual(layer), Weights($"{Layout(layer).Output}.bias", Config.Hidden));
        return [.. residual.Select(row => row.Aggregate(bias, Plus))];
    }

    /// <summary>What leaves the attention half of the block.</summary>
    public double[][] Outputs(int layer)
    {
        var layout = Layout(layer);
        return layout.NormFirst ? Sums(layer) : [.. Sums(layer).Select(p => Norm(p, layout.AttentionNorm))];
    }

    /// <summary>What the shares of t_ij leave of the output once bias and shift are added: Σ_j t_ij + (b_O − mean(b_O)) / sd ⊙ γ + β.</summary>
    public double[][] Reassembled(int layer)
    {
        var (layout, width) = (Layout(layer), Config.Hidden);
        var (bias, scale, shift) = (Weights($"{layout.Output}.bias", width), Weights($"{layout.AttentionNorm}.weight", width), Weights($"{layout.AttentionNorm}.bias", width));
        var (mean, deviations) = (bias.Average(), Sums(layer).Select(Deviation).ToArray());
        return [.. Normalised(layer).Select((row, i) => Plus(row.Aggregate(Plus), [.. bias.Select((b, d) => ((b - mean) / deviations[i] * scale[d]) + shift[d])]))];
    }

    /// <summary>max(0, |y_i|₁ − |y_i − T_ij|₁), rows summing to 1.</summary>
    public double[] Alti(int layer)
    {
        var (parts, outputs) = (Layout(layer).NormFirst ? Residual(layer) : Normalised(layer), Outputs(layer));
        var shares = new double[Tokens * Tokens];
        for (var i = 0; i < Tokens; i++)
        {
            for (var j = 0; j < Tokens; j++)
                shares[(i * Tokens) + j] = Math.Max(0, outputs[i].Sum(Math.Abs) - outputs[i].Zip(parts[i][j], (y, t) => Math.Abs(y - t)).Sum());
            var sum = shares.Skip(i * Tokens).Take(Tokens).Sum();
            for (var j = 0; j < Tokens && sum > 0; j++)
                shares[(i * Tokens) + j] /= sum;
        }

        return shares;
    }

    /// <summary>The lengths of vectors [T,T].</summary>
    public static double[] Norms(double[][][] vectors) => [.. vectors.SelectMany(row => row.Select(v => Math.Sqrt(v.Sum(x => x * x))))];

    /// <summary>How much of each row others bring: |Σ_{j≠i}| / (|Σ_{j≠i}| + |v_ii|).</summary>
    public static double[] Ratios(double[][][] vectors) =>
    [
        .. vectors.Select((row, i) =>
        {
            var others = row.Where((_, j) => j != i).Aggregate(new double[row[i].Length], Plus);
            double brought = Math.Sqrt(others.Sum(x => x * x)), own = Math.Sqrt(row[i].Sum(x => x * x));
            return brought + own == 0 ? 0 : brought / (brought + own);
        }),
    ];

    private double[][][] Through(double[][][] vectors, double[] deviations, string norm)
    {
        var scale = Weights($"{norm}.weight", Config.Hidden);
        return Pairs((i, j) =>
        {
            var mean = vectors[i][j].Average();
            return [.. vectors[i][j].Select((x, d) => (x - mean) / deviations[i] * scale[d])];
        });
    }

    private double Deviation(double[] row)
    {
        var mean = row.Average();
        return Math.Sqrt(row.Average(x => (x - mean) * (x - mean)) + Config.LayerNormEpsilon);
    }

    private double[][][] Pairs(Func<int, int, double[]> vector) =>
        [.. Enumerable.Range(0, Tokens).Select(i => Enumerable.Range(0, Tokens).Select(j => vector(i, j)).ToArray())];
}
