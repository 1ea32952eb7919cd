namespace AttentionServer.Graphs.Gradients;

/// <summary>Gradients of matrix products.</summary>
internal static class Products
{
    // C = A B: gBᵀ and Aᵀg, summed over leading axes that one of them was repeated along.
    public static Value?[] MatMul(Backward step) =>
    [
        step.Reduced(0, () => step.Graph.MatMulTurned(step.Arriving, step.Input(1), turnFirst: false)),
        step.Reduced(1, () => step.Graph.MatMulTurned(step.Input(0), step.Arriving, turnFirst: true)),
    ];

    // y = x Wᵀ + b: gW, gᵀx and Σ g; for a weight stored [in, out]: gWᵀ and xᵀg.
    public static Value?[] Linear(Backward step)
    {
        var (graph, arriving, rows, weight) = (step.Graph, step.Arriving, step.Input(0), step.Input(1));
        var inputsFirst = step.Node.Attributes["transB"] is 0L;
        Value? ofRows = step.Wanted(0) ? graph.Linear(arriving, weight, null, inputsFirst: !inputsFirst) : null;
        Value? ofWeight = !step.Wanted(1) ? null
            : inputsFirst ? graph.ProductOverRows(rows, arriving)
            : graph.ProductOverRows(arriving, rows);
        return step.Node.Inputs.Length == 3 ? [ofRows, ofWeight, step.Reduced(2, () => arriving)] : [ofRows, ofWeight];
    }
}
