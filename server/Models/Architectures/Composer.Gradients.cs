using AttentionServer.Graphs;
using AttentionServer.Graphs.Gradients;

namespace AttentionServer.Models.Architectures;

public sealed partial class Composer
{
    private readonly List<Value> _probabilities = [];
    private Value? _words;
    private Value? _embedded;
    private Value? _logits;

    /// <summary>
    /// What the spec wants to know of the logits' dependence: the run brings a gradient of the logits (a choice of one, or a
    /// loss), and is returned those of word vectors, embedded tokens or attention probabilities.
    /// </summary>
    public void AppendGradients()
    {
        if (Spec.Gradients == GradientParts.None)
            return;
        if (Spec.FirstLayer != null)
            throw new GraphException("Gradients: they go back to the words, so the graph must start with them");
        var logits = _logits ?? throw new GraphException("Gradients: the graph has no head whose logits they could be of");
        var wanted = new List<(string Name, Value Of, Func<Value, Value> Shaped)>();
        if (Spec.Gradients.HasFlag(GradientParts.Words))
            wanted.Add((GraphNames.WordGradient, _words!, PerText));
        if (Spec.Gradients.HasFlag(GradientParts.Embedded))
            wanted.Add((GraphNames.EmbeddedGradient, _embedded!, PerText));
        if (Spec.Gradients.HasFlag(GradientParts.Attentions))
            wanted.AddRange(_probabilities.Select((p, layer) => (GraphNames.AttentionGradient(layer), p, (Func<Value, Value>)(g => g))));

        var seed = Graph.Input(GraphNames.LogitGradient, ElementType.Float, [.. logits.Shape]);
        var gradients = Gradient.Of(Graph, logits, seed, [.. wanted.Select(w => w.Of)]);
        foreach (var ((name, _, shaped), gradient) in wanted.Zip(gradients))
            Graph.Output(name, shaped(gradient));
    }
}
