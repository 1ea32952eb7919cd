using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Methods.Gradients;

/// <summary>What methods by derivatives have in common: one run forward and back, shared by all that need the same parts.</summary>
public abstract class GradientMethod : Method
{
    /// <inheritdoc/>
    public override string Group => "Gradients";

    /// <inheritdoc/>
    public override bool ExplainsPrediction => true;

    /// <inheritdoc/>
    // Back again costs twice what forward does.
    public override MethodCost Cost(Model model, int tokens) => new(3 * model.ForwardFlops(tokens), 3 * model.Config.Layers * model.ForwardBytes(tokens));

    /// <summary>Gradients of the target's logit, or of the loss −ln p of it.</summary>
    protected static GradientTrace Backward(MethodRun run, GradientParts parts, bool loss, CancellationToken cancellation) => run.Shared(
        $"gradients {parts} {loss}",
        () =>
        {
            var seed = loss ? run.Target.LossGradient(run.Logits) : run.Target.LogitGradient(run.Logits);
            return run.Model.Backward([new(run.Input, seed)], new(parts) { WordsAt = run.Target.WordsAt }, cancellation)[0];
        });

    /// <summary>The ids whose words are read, replaced tokens included.</summary>
    protected static IReadOnlyList<int> Ids(MethodRun run) => Engine.Interventions.Intervention.Replaced(run.Input);
}
