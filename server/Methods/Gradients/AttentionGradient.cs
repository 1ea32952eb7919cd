using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Methods.Gradients;

/// <summary>What is made of the gradient of attention probabilities.</summary>
public enum AttentionReading
{
    /// <summary>The gradient itself.</summary>
    Map,

    /// <summary>Its size, summed over a head's map.</summary>
    PerHead,

    /// <summary>Its size, summed over heads and the tokens that attend.</summary>
    PerLayerToken,

    /// <summary>Its size, summed over the tokens that attend.</summary>
    PerHeadToken,

    /// <summary>Its product with the attention, summed over a head's map.</summary>
    TimesAttention,
}

/// <summary>
/// Gradients of attention: how the target's logit, or the loss −ln p (Clark et al. 2019), would change if a head attended more here.
/// Attention is taken as free to change, after the softmax.
/// </summary>
public sealed class AttentionGradient(AttentionReading reading, bool loss) : GradientMethod
{
    /// <inheritdoc/>
    public override string Id => (reading, loss) switch
    {
        (AttentionReading.Map, _) => "attgrad",
        (AttentionReading.PerHead, false) => "attgrad_abs_sum_head",
        (AttentionReading.PerHead, true) => "lossgrad_abs_sum_head",
        (AttentionReading.PerLayerToken, _) => "attgrad_abs_sum_to_token",
        (AttentionReading.PerHeadToken, _) => "lossgrad_abs_head_to_token",
        _ => "attgrad_x_att_sum_head",
    };

    /// <inheritdoc/>
    public override string Title => (reading, loss) switch
    {
        (AttentionReading.Map, _) => "Gradient of attention",
        (AttentionReading.PerHead, false) => "Gradient of attention, per head",
        (AttentionReading.PerHead, true) => "Loss gradient of attention, per head",
        (AttentionReading.PerLayerToken, _) => "Gradient of attention, per token",
        (AttentionReading.PerHeadToken, _) => "Loss gradient of attention, per head and token",
        _ => "Attention × gradient, per head",
    };

    /// <inheritdoc/>
    public override string Formula => (loss ? "g = ∂(−ln p)/∂A, " : "g = ∂F/∂A, ") + reading switch
    {
        AttentionReading.Map => "itself",
        AttentionReading.PerHead => "Σᵢⱼ|gₕᵢⱼ|",
        AttentionReading.PerLayerToken => "Σₕᵢ|gₕᵢⱼ|",
        AttentionReading.PerHeadToken => "Σᵢ|gₕᵢⱼ|",
        _ => "Σᵢⱼ gₕᵢⱼ Aₕᵢⱼ",
    };

    /// <inheritdoc/>
    public override string Paper => loss
        ? "Clark et al. 2019, What Does BERT Look At?"
        : reading == AttentionReading.TimesAttention ? "Michel et al. 2019, Are Sixteen Heads Really Better than One?; Hao et al. 2021" : "Serrano and Smith 2019, Is Attention Interpretable?";

    /// <inheritdoc/>
    public override string Reading => reading switch
    {
        AttentionReading.Map => "A positive cell: more attention here would push the target's logit up; a negative one: down.",
        AttentionReading.TimesAttention => "A positive number: to first order, what this head attends to speaks for the target; a negative one: against it.",
        AttentionReading.PerLayerToken or AttentionReading.PerHeadToken => "A large number: the prediction reacts strongly to how much is attended to this token here.",
        _ => "A large number: the prediction reacts strongly to where this head attends.",
    };

    /// <inheritdoc/>
    public override string Caution =>
        "It says what more attention would do, not what the attention there is does, and attention cannot grow in one cell alone: a row sums to 1.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => reading switch
    {
        AttentionReading.Map => ScoreAxes.HeadMaps,
        AttentionReading.PerLayerToken => ScoreAxes.LayerTokens,
        AttentionReading.PerHeadToken => ScoreAxes.HeadTokens,
        _ => ScoreAxes.Heads,
    };

    /// <inheritdoc/>
    public override bool Signed => reading is AttentionReading.Map or AttentionReading.TimesAttention;

    /// <inheritdoc/>
    public override TraceRequest Needs => new() { Attentions = reading == AttentionReading.TimesAttention };

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var gradients = Backward(run, GradientParts.Attentions, loss, cancellation).Attentions;
        var (layers, heads, tokens) = (gradients.Count, run.Model.Config.Heads, run.Input.Length);
        if (reading == AttentionReading.Map)
            return new(Axes, new([.. gradients.SelectMany(g => g.ToArray())], layers, heads, tokens, tokens));

        int[] shape = Axes switch
        {
            ScoreAxes.Heads => [layers, heads],
            ScoreAxes.LayerTokens => [layers, tokens],
            _ => [layers, heads, tokens],
        };
        var sums = new double[shape.Aggregate(1, (a, b) => a * b)];
        for (var layer = 0; layer < layers; layer++)
        {
            var gradient = gradients[layer].Span;
            var attention = reading == AttentionReading.TimesAttention ? run.Trace.Attentions[layer].Span : default;
            for (var at = 0; at < gradient.Length; at++)
            {
                var (head, token) = (at / (tokens * tokens), at % tokens);
                var place = Axes switch
                {
                    ScoreAxes.Heads => (layer * heads) + head,
                    ScoreAxes.LayerTokens => (layer * tokens) + token,
                    _ => (((layer * heads) + head) * tokens) + token,
                };
                sums[place] += attention.IsEmpty ? Math.Abs((double)gradient[at]) : (double)gradient[at] * attention[at];
            }
        }

        return new(Axes, new([.. sums.Select(s => (float)s)], shape));
    }
}
