namespace AttentionServer.Graphs.Gradients;

/// <summary>Gradients of functions of whole rows.</summary>
internal static class Normalisations
{
    // p ⊙ (g − Σ g p)
    public static Value?[] Softmax(Backward step)
    {
        var (graph, p) = (step.Graph, step.Output);
        var weighted = graph.Multiply(step.Arriving, p);
        return [graph.Subtract(weighted, graph.Multiply(p, graph.ReduceSum(weighted, -1)))];
    }

    // With x̂ = (x − mean)/sd and h = g ⊙ scale: (h − mean(h) − x̂ mean(h x̂)) / sd; x̂ and sd are what the way forward needs too.
    public static Value?[] LayerNorm(Backward step)
    {
        var (graph, x, scale, bias) = (step.Graph, step.Input(0), step.Input(1), step.Input(2));
        Value? normal = null, deviation = null;
        graph.Replace(step.Node, forward =>
        {
            var centred = forward.Subtract(x, forward.ReduceMean(x, -1));
            var variance = forward.ReduceMean(forward.Multiply(centred, centred), -1);
            deviation = forward.Sqrt(forward.Add(variance, forward.Scalar((float)step.Node.Attributes["epsilon"])));
            normal = forward.Divide(centred, deviation);
            forward.Add(forward.Multiply(normal, scale), bias);
        });
        var along = graph.Multiply(step.Arriving, normal!);
        return [step.Wanted(0) ? OfRows() : null, step.Reduced(1, () => along), step.Reduced(2, () => step.Arriving)];

        Value OfRows()
        {
            var h = graph.Multiply(step.Arriving, scale);
            // The mean of h ⊙ x̂ as a product with a column: h ⊙ x̂ itself would be one more pass over memory.
            var column = graph.Multiply(graph.Reshape(scale, scale.Shape[0], 1L), graph.Scalar(1f / scale.Shape[0].Factor));
            var turned = graph.Multiply(normal!, graph.MatMul(along, column));
            return graph.Divide(graph.Subtract(graph.Subtract(h, graph.ReduceMean(h, -1)), turned), deviation!);
        }
    }
}
