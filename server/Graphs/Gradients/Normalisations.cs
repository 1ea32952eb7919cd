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

    // With x̂ = (x − mean)/sd and h = g ⊙ scale: (h − mean(h) − x̂ mean(h x̂)) / sd
    public static Value?[] LayerNorm(Backward step)
    {
        var (graph, x, scale) = (step.Graph, step.Input(0), step.Input(1));
        var centred = graph.Subtract(x, graph.ReduceMean(x, -1));
        var variance = graph.ReduceMean(graph.Multiply(centred, centred), -1);
        var deviation = graph.Sqrt(graph.Add(variance, graph.Scalar((float)step.Node.Attributes["epsilon"])));
        var normal = graph.Divide(centred, deviation);
        return
        [
            step.Wanted(0) ? OfRows() : null,
            step.Reduced(1, () => graph.Multiply(step.Arriving, normal)),
            step.Reduced(2, () => step.Arriving),
        ];

        Value OfRows()
        {
            var h = graph.Multiply(step.Arriving, scale);
            var along = graph.Multiply(normal, graph.ReduceMean(graph.Multiply(h, normal), -1));
            return graph.Divide(graph.Subtract(graph.Subtract(h, graph.ReduceMean(h, -1)), along), deviation);
        }
    }
}
