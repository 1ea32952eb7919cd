namespace AttentionServer.Graphs.Gradients;

/// <summary>
/// Reverse-mode differentiation: appends to a graph the nodes that compute how a value changes with others. Only what lies
/// between them is differentiated, because the runtime executes every node of a graph. A rule may spell out the node it
/// differentiates (<see cref="GraphBuilder.Replace"/>), so that what both ways need is computed once.
/// </summary>
public static class Gradient
{
    /// <summary>
    /// The gradient of Σ seed ⊙ value with respect to each of <paramref name="withRespectTo"/>, of the same shapes. A value that
    /// does not depend on one of them is an error: its gradient would be 0 for a reason nobody meant.
    /// </summary>
    public static IReadOnlyList<Value> Of(GraphBuilder graph, Value value, Value seed, IReadOnlyList<Value> withRespectTo)
    {
        if (!seed.Shape.Equals(value.Shape))
            throw new GraphException($"Gradient: {value.Shape} and {seed.Shape}: the seed must have the shape of {value.Name}");
        var nodes = graph.Nodes.ToList();
        var varies = Dependents(nodes, withRespectTo);
        var found = new Dictionary<string, Value> { [value.Name] = seed };
        foreach (var node in Enumerable.Reverse(nodes))
        {
            if (!found.TryGetValue(node.Outputs[0].Name, out var arriving) || !node.Inputs.Any(i => varies.Contains(i.Name)))
                continue;
            var step = new Backward(graph, node, arriving, [.. node.Inputs.Select(i => varies.Contains(i.Name))]);
            var gradients = GradientRules.For(node.Operator)(step);
            for (var i = 0; i < gradients.Length; i++)
            {
                if (gradients[i] is not { } gradient || !step.Wanted(i))
                    continue;
                var input = node.Inputs[i];
                if (!gradient.Shape.Equals(input.Shape))
                    throw new GraphException($"Gradient of {node.Operator}: {gradient.Shape} and {input.Shape}: the rule gives input {i} ({input.Name}) a gradient of another shape");
                found[input.Name] = found.TryGetValue(input.Name, out var other) ? graph.Add(other, gradient) : gradient;
            }
        }

        return [.. withRespectTo.Select(v => found.GetValueOrDefault(v.Name) ?? throw new GraphException($"Gradient: {value.Name} does not depend on {v.Name}"))];
    }

    private static HashSet<string> Dependents(List<Node> nodes, IReadOnlyList<Value> roots)
    {
        var varies = roots.Select(v => v.Name).ToHashSet();
        foreach (var node in nodes)
            if (node.Operator != "Shape" && node.Inputs.Any(i => varies.Contains(i.Name)))
                varies.UnionWith(node.Outputs.Select(o => o.Name));
        return varies;
    }
}

/// <summary>One node on the way back: what arrives at its output, and which of its inputs want a gradient.</summary>
internal sealed record Backward(GraphBuilder Graph, Node Node, Value Arriving, bool[] WantedInputs)
{
    /// <summary>An input of the node.</summary>
    public Value Input(int index) => Node.Inputs[index];

    /// <summary>The node's output.</summary>
    public Value Output => Node.Outputs[0];

    /// <summary>Whether an input wants a gradient; one that does not need not be given one.</summary>
    public bool Wanted(int index) => WantedInputs[index];

    /// <summary>The gradient of an input that was broadcast: summed over the axes it was repeated along.</summary>
    public Value? Reduced(int index, Func<Value> gradient)
    {
        if (!Wanted(index))
            return null;
        var (from, to) = (gradient(), Input(index).Shape);
        var extra = from.Rank - to.Rank;
        var axes = Enumerable.Range(0, from.Rank).Where(axis => axis < extra || (to[axis - extra].IsOne && !from.Shape[axis].IsOne)).ToArray();
        if (axes.Length > 0)
            from = Graph.ReduceSum(from, axes);
        return from.Shape.Equals(to) ? from : Graph.Reshape(from, [.. to]);
    }
}
