namespace AttentionServer.Graphs.Gradients;

/// <summary>Gradients of functions of single numbers.</summary>
internal static class Activations
{
    private const float Cubic = 0.044715f;
    private static readonly float RootTwoOverPi = MathF.Sqrt(2 / MathF.PI);

    // 2/√π · e^(−x²)
    public static Value?[] Erf(Backward step)
    {
        var (graph, x) = (step.Graph, step.Input(0));
        return [graph.Multiply(step.Arriving, graph.Multiply(graph.Exp(graph.Negate(graph.Multiply(x, x))), graph.Scalar(2 / MathF.Sqrt(MathF.PI))))];
    }

    public static Value?[] Tanh(Backward step) => [step.Graph.Multiply(step.Arriving, OneMinusSquare(step.Graph, step.Output))];

    // s(1 − s)
    public static Value?[] Sigmoid(Backward step)
    {
        var (graph, s) = (step.Graph, step.Output);
        return [graph.Multiply(step.Arriving, graph.Multiply(s, graph.Subtract(graph.Scalar(1), s)))];
    }

    public static Value?[] Gelu(Backward step) =>
        [step.Graph.Multiply(step.Arriving, step.Node.Attributes.ContainsKey("approximate") ? OfTanh(step.Graph, step.Input(0)) : OfErf(step))];

    // Φ(x) + x φ(x) = ½(1 + erf u) + x e^(c − u²) with u = x/√2 and c = −ln √(2π), which saves passes over memory; u and
    // Φ(x) are what the way forward needs too.
    private static Value OfErf(Backward step)
    {
        var (graph, x) = (step.Graph, step.Input(0));
        Value? u = null, below = null;
        graph.Replace(step.Node, forward =>
        {
            u = forward.Multiply(x, forward.Scalar(1 / MathF.Sqrt(2)));
            below = forward.HardSigmoid(forward.Erf(u), 0.5f, 0.5f);
            forward.Multiply(x, below);
        });
        var density = graph.Exp(graph.Subtract(graph.Scalar(-MathF.Log(2 * MathF.PI) / 2), graph.Multiply(u!, u!)));
        return graph.Add(below!, graph.Multiply(x, density));
    }

    // ½(1 + t) + ½x(1 − t²) √(2/π) (1 + 3·0.044715 x²) with t = tanh(√(2/π)(x + 0.044715 x³))
    private static Value OfTanh(GraphBuilder graph, Value x)
    {
        var square = graph.Multiply(x, x);
        var inner = graph.Multiply(x, graph.Multiply(graph.Add(graph.Multiply(square, graph.Scalar(Cubic)), graph.Scalar(1)), graph.Scalar(RootTwoOverPi)));
        var t = graph.Tanh(inner);
        var slope = graph.Multiply(graph.Add(graph.Multiply(square, graph.Scalar(3 * Cubic)), graph.Scalar(1)), graph.Scalar(RootTwoOverPi));
        var half = graph.Scalar(0.5f);
        return graph.Add(
            graph.Multiply(graph.Add(t, graph.Scalar(1)), half),
            graph.Multiply(graph.Multiply(graph.Multiply(x, half), OneMinusSquare(graph, t)), slope));
    }

    private static Value OneMinusSquare(GraphBuilder graph, Value t) => graph.Subtract(graph.Scalar(1), graph.Multiply(t, t));
}
