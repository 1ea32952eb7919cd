using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Methods.Gradients;

/// <summary>How gradients of a vector become one number for each token.</summary>
public enum GradientReading
{
    /// <summary>The length of the gradient.</summary>
    L2,

    /// <summary>The sum of its components' sizes.</summary>
    L1,

    /// <summary>Its product with the vector itself.</summary>
    TimesInput,

    /// <summary>The gradient as it is.</summary>
    Vectors,
}

/// <summary>
/// Saliency (Simonyan et al. 2014; Li et al. 2016): how the target's logit would change with each token's vector, of words or of
/// what enters the first block.
/// </summary>
public sealed class WordGradient(GradientReading reading, bool embedded = false) : GradientMethod
{
    /// <inheritdoc/>
    public override string Id => (reading, embedded) switch
    {
        (GradientReading.L1, _) => "grad_l1",
        (GradientReading.L2, false) => "grad_l2",
        (GradientReading.L2, true) => "grad_h0_l2",
        (GradientReading.TimesInput, false) => "grad_x_input",
        (GradientReading.TimesInput, true) => "grad_h0_x_h0",
        _ => "grad_vectors",
    };

    /// <inheritdoc/>
    public override string Title => (reading, embedded) switch
    {
        (GradientReading.L1, _) => "Gradient, L1 norm",
        (GradientReading.L2, false) => "Gradient, L2 norm",
        (GradientReading.L2, true) => "Gradient of embedded tokens, L2 norm",
        (GradientReading.TimesInput, false) => "Gradient × input",
        (GradientReading.TimesInput, true) => "Gradient × input of embedded tokens",
        _ => "Gradient vectors",
    };

    /// <inheritdoc/>
    public override string Formula => $"g = ∂F/∂{Vector}ⱼ, " + reading switch
    {
        GradientReading.L1 => "‖g‖₁",
        GradientReading.L2 => "‖g‖₂",
        GradientReading.TimesInput => $"g · {Vector}ⱼ",
        _ => "itself",
    };

    /// <inheritdoc/>
    public override string Paper => reading == GradientReading.TimesInput
        ? "Shrikumar et al. 2016, Not Just a Black Box; Denil et al. 2014"
        : "Simonyan et al. 2014, Deep Inside Convolutional Networks; Li et al. 2016, Visualizing and Understanding Neural Models in NLP";

    /// <inheritdoc/>
    public override string Reading => reading == GradientReading.TimesInput
        ? "A positive number: to first order, this token pushes the target's logit up; a negative one: down."
        : "A large number: the target's logit reacts strongly to small changes of this token's vector.";

    /// <inheritdoc/>
    public override string Caution => reading == GradientReading.TimesInput
        ? "It is a first-order statement about a curved function: where the model saturates it misses what matters, and it does not add up to the logit."
        : "It says how sensitive the model is, not what it used: a token can matter where the gradient is flat, and it has no sign.";

    /// <inheritdoc/>
    public override ScoreAxes Axes => reading == GradientReading.Vectors ? ScoreAxes.TokenVectors : ScoreAxes.Tokens;

    /// <inheritdoc/>
    public override bool Signed => reading is GradientReading.TimesInput or GradientReading.Vectors;

    /// <inheritdoc/>
    public override TraceRequest Needs => new() { HiddenStates = embedded && reading == GradientReading.TimesInput };

    private string Vector => embedded ? "h⁰" : "e";

    /// <inheritdoc/>
    public override Scores Compute(MethodRun run, CancellationToken cancellation)
    {
        var back = Backward(run, GradientParts.Words | GradientParts.Embedded, loss: false, cancellation);
        var gradient = embedded ? back.Embedded! : back.Words!;
        if (reading == GradientReading.Vectors)
            return new(ScoreAxes.TokenVectors, gradient);
        var vectors = reading != GradientReading.TimesInput ? null : embedded ? run.Trace.HiddenStates[0] : run.Model.WordVectors(Ids(run));
        return new(ScoreAxes.Tokens, new([.. Enumerable.Range(0, run.Input.Length).Select(token => (float)Read(gradient.At(token), vectors == null ? [] : vectors.At(token)))], run.Input.Length));
    }

    private double Read(ReadOnlySpan<float> gradient, ReadOnlySpan<float> vector)
    {
        var sum = 0.0;
        for (var d = 0; d < gradient.Length; d++)
        {
            double g = gradient[d];
            sum += reading switch
            {
                GradientReading.L1 => Math.Abs(g),
                GradientReading.L2 => g * g,
                _ => g * vector[d],
            };
        }

        return reading == GradientReading.L2 ? Math.Sqrt(sum) : sum;
    }
}
