using AttentionServer.Engine;

namespace AttentionServer.Methods.Occlusion;

/// <summary>
/// Blank-out (Li et al. 2016, Understanding Neural Networks through Representation Erasure): what the prediction loses when one
/// token is replaced by the mask, or by the end of text for causal models. One forward pass for each token.
/// </summary>
public sealed class BlankOut(bool logit) : Method
{
    // Texts of a batch: enough to keep the processor busy, few enough to stop soon.
    private const int MostTokens = 1024;

    /// <inheritdoc/>
    public override string Id => logit ? "blank_logit_drop" : "blank_prob_drop";

    /// <inheritdoc/>
    public override string Title => logit ? "Blank-out, drop of the logit" : "Blank-out, drop of the probability";

    /// <inheritdoc/>
    public override string Group => "Occlusion";

    /// <inheritdoc/>
    public override string Formula => logit ? "F(x) − F(x with xⱼ := mask)" : "p(x) − p(x with xⱼ := mask)";

    /// <inheritdoc/>
    public override string Paper => "Li, Monroe and Jurafsky 2016, Understanding Neural Networks through Representation Erasure";

    /// <inheritdoc/>
    public override string Reading => logit
        ? "A positive number: without this token the model would be less inclined to its prediction; a negative one: more."
        : "A positive number: without this token the prediction would be less probable by this much; a negative one: more.";

    /// <inheritdoc/>
    public override string Caution =>
        "It does not say how the token mattered, and tokens that stand in for each other hide one another: blanking either alone changes little. A text with a mask in it is also one the model may never have seen.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => ScoreAxes.Tokens;

    /// <inheritdoc/>
    public override bool Signed => true;

    /// <inheritdoc/>
    public override bool ExplainsPrediction => true;

    /// <inheritdoc/>
    public override MethodCost Cost(Model model, int tokens) => new(tokens * model.ForwardFlops(tokens), model.ForwardBytes(tokens) * Batch(tokens));

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var blanked = run.Shared("blank-out", () => Blank(run, cancellation));
        return new(ScoreAxes.Tokens, new([.. blanked.Select(b => (float)(logit ? b.Logit : b.Probability))], run.Input.Length));
    }

    private static int Batch(int tokens) => Math.Clamp(MostTokens / tokens, 1, tokens);

    private static (double Logit, double Probability)[] Blank(MethodRun run, CancellationToken cancellation)
    {
        var (input, target, model) = (run.Input, run.Target, run.Model);
        var blank = model.RolesIn(input).Blank
            ?? throw new MethodException($"method 'blank-out': {model.Name}: it has no mask token to put in the place of others: choose a model with a vocabulary");
        var (logit, probability) = (target.Logit(run.Logits), target.Probability(run.Logits));
        var wanted = new TraceRequest { Logits = true, WordsAt = target.WordsAt };
        var drops = new List<(double, double)>();
        foreach (var places in Enumerable.Range(0, input.Length).Chunk(Batch(input.Length)))
        {
            var texts = places.Select(place =>
            {
                var ids = (int[])input.Ids.Clone();
                ids[place] = blank;
                return input with { Ids = ids };
            }).ToList();
            drops.AddRange(model.TraceBatch(texts, wanted, cancellation).Select(t => (logit - target.Logit(t.Logits!), probability - target.Probability(t.Logits!))));
            run.Progress?.Report((double)drops.Count / input.Length);
        }

        return [.. drops];
    }
}
