namespace AttentionServer.Graphs.Gradients;

/// <summary>
/// One vector–Jacobian product for each operator: given what arrives at the output, the gradient of each input (null for
/// inputs that are not differentiable, such as axes). Checked against exact finite differences, operator by operator.
/// </summary>
internal static class GradientRules
{
    private static readonly Dictionary<string, Func<Backward, Value?[]>> Rules = new()
    {
        ["Identity"] = step => [step.Arriving],
        ["Cast"] = step => [step.Graph.Cast(step.Arriving, step.Input(0).Type)],
        ["Add"] = step => [step.Reduced(0, () => step.Arriving), step.Reduced(1, () => step.Arriving)],
        ["Sub"] = step => [step.Reduced(0, () => step.Arriving), step.Reduced(1, () => step.Graph.Negate(step.Arriving))],
        ["Mul"] = Multiply,
        ["Div"] = Divide,
        ["Neg"] = step => [step.Graph.Negate(step.Arriving)],
        ["Exp"] = step => [step.Graph.Multiply(step.Arriving, step.Output)],
        ["Log"] = step => [step.Graph.Divide(step.Arriving, step.Input(0))],
        ["Sqrt"] = step => [step.Graph.Divide(step.Arriving, step.Graph.Multiply(step.Output, step.Graph.Scalar(2)))],
        ["Erf"] = Activations.Erf,
        ["Tanh"] = Activations.Tanh,
        ["Sigmoid"] = Activations.Sigmoid,
        ["Relu"] = step => [step.Graph.Multiply(step.Arriving, step.Graph.Sign(step.Output))],
        ["Gelu"] = Activations.Gelu,
        ["Softmax"] = Normalisations.Softmax,
        ["LayerNormalization"] = Normalisations.LayerNorm,
        ["MatMul"] = Products.MatMul,
        ["Gemm"] = Products.Linear,
        ["Reshape"] = step => [step.Graph.Reshape(step.Arriving, [.. step.Input(0).Shape]), null],
        ["Transpose"] = Transpose,
        ["Expand"] = step => [step.Reduced(0, () => step.Arriving), null],
        ["ReduceSum"] = step => [step.Graph.ExpandLike(step.Arriving, step.Input(0)), null],
        ["ReduceMean"] = step => [step.Graph.Multiply(step.Graph.ExpandLike(step.Arriving, step.Input(0)), step.Graph.Scalar(1f / Averaged(step))), null],
        ["Gather"] = step => [step.Graph.ScatterAdd(step.Input(0), step.Input(1), step.Arriving), null],
        ["Slice"] = step => [step.Graph.PadLike(step.Arriving, step.Input(0), (int)step.Graph.ReadIntegers(step.Input(3))[0], step.Graph.ReadIntegers(step.Input(1))[0]), null, null, null],
        ["Concat"] = Concat,
    };

    /// <summary>Operators whose results are whole numbers or steps: nothing flows back through them.</summary>
    public static IReadOnlyDictionary<string, string> NotDifferentiable { get; } = new Dictionary<string, string>
    {
        ["Shape"] = "sizes do not change with numbers",
        ["Sign"] = "a step",
        ["ConstantOfShape"] = "a constant",
        ["ScatterND"] = "appears in gradients only",
        ["FusedMatMul"] = "appears in gradients only",
        ["HardSigmoid"] = "appears where a rule has spelled out another operator",
        ["Pad"] = "appears in gradients only",
        ["LogSoftmax"] = "a loss, whose gradient at the logits is written out",
        ["GatherElements"] = "a loss, whose gradient at the logits is written out",
        ["ScatterElements"] = "appears in gradients only",
        ["ArgMax"] = "a choice",
    };

    /// <summary>The operators that have a rule.</summary>
    public static IReadOnlyCollection<string> Operators => Rules.Keys;

    /// <summary>The rule of an operator; one without is an error that names it.</summary>
    public static Func<Backward, Value?[]> For(string op) => Rules.GetValueOrDefault(op)
        ?? throw new GraphException($"Gradient: the operator {op} has no gradient rule{(NotDifferentiable.TryGetValue(op, out var why) ? $": {why}" : "")}");

    private static Value?[] Multiply(Backward step) =>
    [
        step.Reduced(0, () => step.Graph.Multiply(step.Arriving, step.Input(1))),
        step.Reduced(1, () => step.Graph.Multiply(step.Arriving, step.Input(0))),
    ];

    private static Value?[] Divide(Backward step) =>
    [
        step.Reduced(0, () => step.Graph.Divide(step.Arriving, step.Input(1))),
        step.Reduced(1, () => step.Graph.Negate(step.Graph.Divide(step.Graph.Multiply(step.Arriving, step.Output), step.Input(1)))),
    ];

    private static Value?[] Transpose(Backward step)
    {
        var order = (long[])step.Node.Attributes["perm"];
        return [step.Graph.Transpose(step.Arriving, [.. Enumerable.Range(0, order.Length).Select(axis => Array.IndexOf(order, (long)axis))])];
    }

    private static float Averaged(Backward step) =>
        step.Graph.ReadIntegers(step.Input(1)).Aggregate(1f, (n, axis) => n * step.Input(0).Shape[(int)axis].Factor);

    private static Value?[] Concat(Backward step)
    {
        var axis = (int)(long)step.Node.Attributes["axis"];
        var start = 0L;
        return [.. step.Node.Inputs.Select(input =>
        {
            var end = start + input.Shape[axis].Factor;
            var part = step.Graph.Slice(step.Arriving, axis, start, end);
            start = end;
            return part;
        })];
    }
}
