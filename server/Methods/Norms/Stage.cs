using System.Numerics;
using AttentionServer.Engine;

namespace AttentionServer.Methods.Norms;

/// <summary>How far a mixed vector is followed through a block.</summary>
internal enum Stage
{
    /// <summary>What attention adds: s_ij = Σ_h A_hij f_h(x_j).</summary>
    Attention,

    /// <summary>With the residual path: r_ij = s_ij + δ_ij x_i (Kobayashi et al. 2021).</summary>
    Residual,

    /// <summary>Through the first LayerNorm: t_ij = (r_ij − mean(r_ij)) / sd(p_i) ⊙ γ₁ (Kobayashi et al. 2021).</summary>
    Normalised,

    /// <summary>Through the residual path of the feed-forward half and the second LayerNorm (Modarressi et al. 2022).</summary>
    Encoded,
}

/// <summary>
/// One layer followed to a stage. Each stage is linear in the vectors once the deviations of the real sums are known, so the
/// vectors are carried through once for each head and token, and never for each pair of tokens.
/// </summary>
internal sealed class StagedLayer
{
    private readonly float[] _vectors;
    private readonly float[] _attention;
    private readonly Tensor _entering;
    private readonly float[][] _scales;
    private readonly double[] _factors;

    public StagedLayer(MethodRun run, int layer, Stage stage, CancellationToken cancellation)
    {
        var (config, block, trace) = (run.Model.Config, run.Model.Block(layer), run.Trace);
        (Heads, Tokens, Width, Carries) = (config.Heads, run.Input.Length, config.Hidden, stage >= Stage.Residual);
        _vectors = TransformedVectors.Of(run).Layer(layer, cancellation);
        _attention = trace.Attentions[layer].ToArray();
        _entering = trace.HiddenStates[layer];
        _scales =
        [
            .. stage >= Stage.Normalised ? [block.AttentionScale.ToArray()] : Array.Empty<float[]>(),
            .. stage >= Stage.Encoded ? [block.OutputScale.ToArray()] : Array.Empty<float[]>(),
        ];
        _factors = new double[Tokens];
        for (var i = 0; i < Tokens; i++)
        {
            _factors[i] = 1;
            if (stage >= Stage.Normalised)
                _factors[i] /= Deviation(trace.AttentionSums[layer].At(i), config.LayerNormEpsilon);
            if (stage >= Stage.Encoded)
                _factors[i] /= Deviation(trace.BlockSums[layer].At(i), config.LayerNormEpsilon);
        }
    }

    public int Heads { get; }

    public int Tokens { get; }

    public int Width { get; }

    /// <summary>Whether a token's own vector has the residual path's share.</summary>
    public bool Carries { get; }

    /// <summary>The factor of a row: one over the deviations of its sums.</summary>
    public double Factor(int row) => _factors[row];

    /// <summary>How much a head of a row takes of a token.</summary>
    public float Weight(int head, int row, int token) => _attention[(((head * Tokens) + row) * Tokens) + token];

    /// <summary>The vector of a token in each head [H,D], carried through the stage but for the row's factor.</summary>
    public void Vectors(int token, Span<double> to)
    {
        for (var head = 0; head < Heads; head++)
        {
            var from = _vectors.AsSpan(((head * Tokens) + token) * Width, Width);
            var vector = to.Slice(head * Width, Width);
            for (var d = 0; d < Width; d++)
                vector[d] = from[d];
            Carry(vector);
        }
    }

    /// <summary>A token's own vector, the residual path's share included, row factor included.</summary>
    public void Own(int token, ReadOnlySpan<double> vectors, Span<double> to)
    {
        to.Clear();
        if (Carries)
        {
            var entering = _entering.At(token);
            for (var d = 0; d < Width; d++)
                to[d] = entering[d];
            Carry(to);
        }

        for (var head = 0; head < Heads; head++)
            AddScaled(to, vectors.Slice(head * Width, Width), Weight(head, token, token));
        for (var d = 0; d < Width; d++)
            to[d] *= _factors[token];
    }

    /// <summary>A vector carried through the stage's normalisations, but for the deviations: mean removed, scaled, and again.</summary>
    public void Carry(Span<double> vector)
    {
        foreach (var scale in _scales)
        {
            var mean = 0.0;
            foreach (var x in vector)
                mean += x;
            mean /= vector.Length;
            for (var d = 0; d < vector.Length; d++)
                vector[d] = (vector[d] - mean) * scale[d];
        }
    }

    public static void AddScaled(Span<double> to, ReadOnlySpan<double> from, double factor)
    {
        var i = 0;
        var factors = new Vector<double>(factor);
        for (; i <= to.Length - Vector<double>.Count; i += Vector<double>.Count)
            (new Vector<double>(to[i..]) + (factors * new Vector<double>(from[i..]))).CopyTo(to[i..]);
        for (; i < to.Length; i++)
            to[i] += factor * from[i];
    }

    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var i = 0;
        var sums = Vector<double>.Zero;
        for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count)
            sums += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
        var sum = Vector.Sum(sums);
        for (; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static double Deviation(ReadOnlySpan<float> row, double epsilon)
    {
        double mean = 0, variance = 0;
        foreach (var x in row)
            mean += x;
        mean /= row.Length;
        foreach (var x in row)
            variance += (x - mean) * (x - mean);
        return Math.Sqrt((variance / row.Length) + epsilon);
    }
}
