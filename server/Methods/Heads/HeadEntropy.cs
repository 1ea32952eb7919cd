namespace AttentionServer.Methods.Heads;

/// <summary>How widely a head looks: the mean entropy of its rows, in nats, smoothed as by Clark et al. (2019).</summary>
public sealed class HeadEntropy : Method
{
    private const double Smoothing = 1e-4;

    /// <inheritdoc/>
    public override string Id => "entropy_head";

    /// <inheritdoc/>
    public override string Title => "Entropy of heads";

    /// <inheritdoc/>
    public override string Group => "Heads";

    /// <inheritdoc/>
    public override string Formula => "meanᵢ −Σⱼ p ln p, p = 0.9999 A + 0.0001/T";

    /// <inheritdoc/>
    public override string Paper => "Clark et al. 2019, What Does BERT Look At?";

    /// <inheritdoc/>
    public override string Reading => "A large number: the head looks everywhere, like a mean; a small one: its tokens look at one place each.";

    /// <inheritdoc/>
    public override string Caution => "It does not say where a head looks or whether it matters, and long texts have larger entropies.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => ScoreAxes.Heads;

    /// <inheritdoc/>
    public override Engine.TraceRequest Needs => new() { Attentions = true };

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var (layers, heads, tokens) = (run.Model.Config.Layers, run.Model.Config.Heads, run.Input.Length);
        var entropies = new float[layers * heads];
        Parallel.For(0, layers * heads, new ParallelOptions { CancellationToken = cancellation }, at =>
        {
            var sum = 0.0;
            foreach (var attention in run.Trace.Attentions[at / heads].At(at % heads))
            {
                var p = ((1 - Smoothing) * attention) + (Smoothing / tokens);
                sum -= p * Math.Log(p);
            }

            entropies[at] = (float)(sum / tokens);
        });
        return new(Axes, new(entropies, layers, heads));
    }
}
