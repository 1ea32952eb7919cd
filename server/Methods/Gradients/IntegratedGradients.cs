using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Methods.Gradients;

/// <summary>
/// Integrated gradients (Sundararajan et al. 2017): gradients along the straight way from a baseline to the text's word vectors,
/// times that way. What tokens get adds up to F(text) − F(baseline), except for what the steps miss, which is told.
/// </summary>
public sealed class IntegratedGradients(bool maskBaseline, bool gaussLegendre) : GradientMethod
{
    private const int Steps = 50;

    // Texts of a batch: enough to keep the processor busy, few enough to stop soon and to stay in its caches.
    private const int MostTokens = 640;

    /// <inheritdoc/>
    public override string Id => $"ig_{(maskBaseline ? "mask" : "zero")}_{(gaussLegendre ? "gl" : "mid")}";

    /// <inheritdoc/>
    public override string Title => $"Integrated gradients from {(maskBaseline ? "masks" : "zero")}{(gaussLegendre ? "" : ", midpoints")}";

    /// <inheritdoc/>
    public override string Formula => $"(eⱼ − bⱼ) · ∫₀¹ ∂F/∂eⱼ(b + α(e − b)) dα, {Steps} {(gaussLegendre ? "Gauss–Legendre nodes" : "midpoints")}";

    /// <inheritdoc/>
    public override string Paper => "Sundararajan, Taly and Yan 2017, Axiomatic Attribution for Deep Networks";

    /// <inheritdoc/>
    public override string Reading => maskBaseline
        ? "A positive number: this token's word, instead of a mask, pushes the target's logit up by this much; a negative one: down. Special tokens are part of the baseline and get 0."
        : "A positive number: this token's word vector, instead of none, pushes the target's logit up by this much; a negative one: down.";

    /// <inheritdoc/>
    public override string Caution => maskBaseline
        ? "It depends on the baseline: a text of masks is itself something the model has an opinion about, and points on the way are no texts."
        : "It depends on the baseline: vectors of zeros are no text, and points on the way are none either.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => ScoreAxes.Tokens;

    /// <inheritdoc/>
    public override bool Signed => true;

    /// <inheritdoc/>
    public override MethodCost Cost(Model model, int tokens)
    {
        var one = base.Cost(model, tokens);
        return new(Steps * one.Flops, Batch(tokens) * one.Bytes);
    }

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var (model, target, tokens, width) = (run.Model, run.Target, run.Input.Length, run.Model.Config.EmbeddingSize);
        var (to, from) = (model.WordVectors(Ids(run)).ToArray(), Baseline(run));
        var seed = target.LogitGradient(run.Logits);
        // The ends of the way come along: their difference is what the parts must add up to.
        var path = (gaussLegendre ? Quadrature.GaussLegendre(Steps) : Quadrature.Midpoints(Steps)).Append((0, 0)).Append((1, 0)).ToArray();
        var integral = new double[to.Length];
        var ends = new double[2];
        for (var start = 0; start < path.Length;)
        {
            var batch = path[start..Math.Min(path.Length, start + Batch(tokens))];
            var inputs = batch.Select(step => new BackwardInput(run.Input, seed) { WordVectors = Between(from, to, step.At, tokens, width) }).ToList();
            var back = model.Backward(inputs, new(GradientParts.Words) { WordsAt = target.WordsAt }, cancellation);
            for (var i = 0; i < batch.Length; i++)
            {
                if (start + i >= Steps)
                    ends[start + i - Steps] = target.Logit(back[i].Logits);
                else
                    Accumulate(integral, back[i].Words!.Span, batch[i].Weight);
            }

            start += batch.Length;
            run.Progress?.Report((double)start / path.Length);
        }

        var scores = new double[tokens];
        for (var at = 0; at < integral.Length; at++)
            scores[at / width] += (to[at] - (double)from[at]) * integral[at];
        run.Note($"{Title}: the parts add up to {scores.Sum():0.0000} and the logit differs from the baseline's by {ends[1] - ends[0]:0.0000} (completeness delta {scores.Sum() - (ends[1] - ends[0]):0.0e-0}).");
        return new(ScoreAxes.Tokens, new([.. scores.Select(s => (float)s)], tokens));
    }

    private static int Batch(int tokens) => Math.Clamp(MostTokens / tokens, 1, Steps);

    private static void Accumulate(double[] integral, ReadOnlySpan<float> gradient, double weight)
    {
        for (var at = 0; at < integral.Length; at++)
            integral[at] += weight * gradient[at];
    }

    private static Tensor Between(float[] from, float[] to, double share, int tokens, int width)
    {
        var vectors = new float[to.Length];
        for (var at = 0; at < vectors.Length; at++)
            vectors[at] = (float)(from[at] + (share * (to[at] - (double)from[at])));
        return new(vectors, tokens, width);
    }

    /// <summary>Zeros; or the mask's vector at every token, except special ones, which stay.</summary>
    private float[] Baseline(MethodRun run)
    {
        var (ids, width) = (Ids(run), run.Model.Config.EmbeddingSize);
        if (!maskBaseline)
            return new float[ids.Count * width];
        var roles = run.Model.RolesIn(run.Input);
        var blank = roles.Blank ?? throw new MethodException($"method '{Id}': {run.Model.Name}: it has no mask token for a baseline: use integrated gradients from zero");
        return run.Model.WordVectors([.. ids.Select((id, i) => (run.Input.Special is { } special ? special[i] : roles.Special.Contains(id)) ? id : blank)]).ToArray();
    }
}
