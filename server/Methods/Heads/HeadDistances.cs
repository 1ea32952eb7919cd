using System.Numerics;

namespace AttentionServer.Methods.Heads;

/// <summary>
/// How differently two heads look: the Jensen–Shannon divergence of their rows, summed over the text (Clark et al. 2019). With
/// m = (a + b)/2, ½ΣJ = ½Σ a ln a + ½Σ b ln b − Σ m ln m, so that two of the three sums are made once for each head.
/// </summary>
public sealed class HeadDistances : Method
{
    private const float Smoothing = 1e-3f;

    /// <inheritdoc/>
    public override string Id => "js_heads";

    /// <inheritdoc/>
    public override string Title => "Distances of heads";

    /// <inheritdoc/>
    public override string Group => "Heads";

    /// <inheritdoc/>
    public override string Formula => "Σᵢ JS(Aₐᵢ, A_bᵢ), A smoothed by 0.001/T";

    /// <inheritdoc/>
    public override string Paper => "Clark et al. 2019, What Does BERT Look At?";

    /// <inheritdoc/>
    public override string Reading => "A dark cell: these two heads look at the same places in this text; a bright one: at different ones.";

    /// <inheritdoc/>
    public override string Caution => "It is about this text, and about where heads look, not about what they carry; it grows with the text.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => ScoreAxes.HeadPairs;

    /// <inheritdoc/>
    public override Engine.TraceRequest Needs => new() { Attentions = true };

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var (heads, tokens) = (run.Model.Config.Heads, run.Input.Length);
        var all = Enumerable.Range(0, run.Model.Config.Layers * heads).Select(at => Smooth(run.Trace.Attentions[at / heads].At(at % heads), tokens)).ToArray();
        var own = all.Select(SumOfLogs).ToArray();
        var distances = new float[all.Length * all.Length];
        var parallel = new ParallelOptions { CancellationToken = cancellation };
        Parallel.For(0, all.Length, parallel, a =>
        {
            for (var b = a + 1; b < all.Length; b++)
            {
                cancellation.ThrowIfCancellationRequested();
                distances[(a * all.Length) + b] = distances[(b * all.Length) + a] = (float)Math.Max(0, ((own[a] + own[b]) / 2) - SumOfMiddle(all[a], all[b]));
            }
        });
        return new(Axes, new(distances, all.Length, all.Length));
    }

    private static float[] Smooth(ReadOnlySpan<float> attention, int tokens)
    {
        var smooth = new float[attention.Length];
        for (var i = 0; i < smooth.Length; i++)
            smooth[i] = ((1 - Smoothing) * attention[i]) + (Smoothing / tokens);
        return smooth;
    }

    private static double SumOfLogs(float[] p) => p.Sum(x => x * Math.Log(x));

    /// <summary>Σ m ln m with m = (a + b)/2, partial sums in 64 bits.</summary>
    private static double SumOfMiddle(float[] a, float[] b)
    {
        var (sum, i) = (Vector<double>.Zero, 0);
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var middle = (new Vector<float>(a, i) + new Vector<float>(b, i)) * 0.5f;
            Vector.Widen(middle, out var low, out var high);
            sum += (low * Vector.Log(low)) + (high * Vector.Log(high));
        }

        var total = Vector.Sum(sum);
        for (; i < a.Length; i++)
        {
            var middle = ((double)a[i] + b[i]) / 2;
            total += middle * Math.Log(middle);
        }

        return total;
    }
}
