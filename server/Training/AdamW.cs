using System.Numerics;
using System.Runtime.InteropServices;

namespace AttentionServer.Training;

/// <summary>
/// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019) over the parameters where they lie:
/// w ← w (1 − η λ); m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; w ← w − η/(1−β₁ᵗ) · m / (√(v/(1−β₂ᵗ)) + ε).
/// </summary>
internal sealed class AdamW : IDisposable
{
    // Small enough to share among threads, and always cut at the same places, so that sums do not depend on their number.
    private const int Piece = 1 << 15;

    private readonly Parameters _parameters;
    private readonly TrainingSettings _settings;
    private readonly ParallelOptions _threads;
    private readonly List<(long Offset, int Count, bool Decays)> _pieces = [];
    private readonly double[] _squares;

    public AdamW(Parameters parameters, TrainingSettings settings, int threads)
    {
        (_parameters, _settings, _threads) = (parameters, settings, new() { MaxDegreeOfParallelism = threads });
        (Gradients, First, Second) = (new(parameters.Size), new(parameters.Size), new(parameters.Size));
        foreach (var parameter in parameters.All)
            for (var at = 0; at < parameter.Count; at += Piece)
                _pieces.Add((parameter.Offset + at, Math.Min(Piece, parameter.Count - at), parameter.Decays));
        _squares = new double[_pieces.Count];
    }

    /// <summary>What the next step goes by, laid out as the parameters are.</summary>
    public Slab Gradients { get; }

    /// <summary>The running means of gradients.</summary>
    public Slab First { get; }

    /// <summary>The running means of squared gradients.</summary>
    public Slab Second { get; }

    /// <summary>The length of the gradient of all parameters together.</summary>
    public double Norm()
    {
        Parallel.For(0, _pieces.Count, _threads, i => _squares[i] = SquaresOf(Gradients.Span(_pieces[i].Offset, _pieces[i].Count)));
        return Math.Sqrt(_squares.Sum());
    }

    /// <summary>One step, from 1; returns the length of the gradient before it was clipped (Pascanu et al. 2013).</summary>
    public double Step(long step, double rate)
    {
        var norm = Norm();
        if (!double.IsFinite(norm))
            throw new TrainingException($"step {step}: the loss: the gradient is not finite, so there is nothing to learn from: lower --learning-rate and go on from the last state with --resume");
        var scale = _settings.Clip > 0 ? (float)Math.Min(1, _settings.Clip / (norm + 1e-6)) : 1;
        float b1 = (float)_settings.Beta1, b2 = (float)_settings.Beta2, epsilon = (float)_settings.Epsilon;
        var size = (float)(rate / (1 - Math.Pow(_settings.Beta1, step)));
        var root = (float)(1 / Math.Sqrt(1 - Math.Pow(_settings.Beta2, step)));
        var kept = (float)(1 - (rate * _settings.Decay));
        Parallel.ForEach(_pieces, _threads, piece => Update(
            _parameters.Values.Span(piece.Offset, piece.Count),
            Gradients.Span(piece.Offset, piece.Count),
            First.Span(piece.Offset, piece.Count),
            Second.Span(piece.Offset, piece.Count),
            new(scale, b1, b2, size, root, epsilon, piece.Decays ? kept : 1)));
        return norm;
    }

    public void Dispose()
    {
        Gradients.Dispose();
        First.Dispose();
        Second.Dispose();
    }

    private readonly record struct Factors(float Scale, float B1, float B2, float Size, float Root, float Epsilon, float Kept);

    private static void Update(Span<float> weights, Span<float> gradients, Span<float> first, Span<float> second, Factors f)
    {
        Vector<float> scale = new(f.Scale), b1 = new(f.B1), c1 = new(1 - f.B1), b2 = new(f.B2), c2 = new(1 - f.B2), size = new(f.Size), root = new(f.Root), epsilon = new(f.Epsilon), kept = new(f.Kept);
        var w = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        var m = MemoryMarshal.Cast<float, Vector<float>>(first);
        var v = MemoryMarshal.Cast<float, Vector<float>>(second);
        for (var i = 0; i < w.Length; i++)
        {
            var x = g[i] * scale;
            var mean = m[i] = (b1 * m[i]) + (c1 * x);
            var square = v[i] = (b2 * v[i]) + (c2 * x * x);
            w[i] = (w[i] * kept) - (size * mean / ((Vector.SquareRoot(square) * root) + epsilon));
        }

        for (var i = w.Length * Vector<float>.Count; i < weights.Length; i++)
        {
            var x = gradients[i] * f.Scale;
            var mean = first[i] = (f.B1 * first[i]) + ((1 - f.B1) * x);
            var square = second[i] = (f.B2 * second[i]) + ((1 - f.B2) * x * x);
            weights[i] = (weights[i] * f.Kept) - (f.Size * mean / ((MathF.Sqrt(square) * f.Root) + f.Epsilon));
        }
    }

    private static double SquaresOf(Span<float> values)
    {
        var sum = Vector<double>.Zero;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var x in vectors)
        {
            Vector.Widen(x, out var low, out var high);
            sum += (low * low) + (high * high);
        }

        var total = Vector.Sum(sum);
        for (var i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
            total += (double)values[i] * values[i];
        return total;
    }
}
