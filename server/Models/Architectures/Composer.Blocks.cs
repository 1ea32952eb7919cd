using AttentionServer.Graphs;

namespace AttentionServer.Models.Architectures;

public sealed partial class Composer
{
    /// <summary>
    /// One block. Normalising the sums (Vaswani et al. 2017): y = LN₁(x + attention(x)), out = LN₂(y + ffn(y)).
    /// Normalising first (Xiong et al. 2020): y = x + attention(LN₁(x)), out = y + ffn(LN₂(y)).
    /// </summary>
    public Value Block(Value x, BlockLayout layout, int layer)
    {
        var entering = layout.NormFirst ? LayerNorm(x, layout.AttentionNorm) : x;
        var attended = Linear(LookedAt(Attention(entering, layout, layer), layer), layout.Output, Config.Hidden, layout.InputsFirst);
        var attentionSum = Graph.Add(Drop(attended, GraphNames.DroppedAttended(layer)), LookedAt(x, layer));
        var y = layout.NormFirst ? attentionSum : LayerNorm(attentionSum, layout.AttentionNorm);

        var inner = layout.NormFirst ? LayerNorm(y, layout.OutputNorm) : y;
        var up = InterveneRows(Activation(Linear(inner, layout.Up, Config.Intermediate, layout.InputsFirst)), InterventionPlace.Neurons, layer);
        var blockSum = Graph.Add(Drop(Linear(up, layout.Down, Config.Hidden, layout.InputsFirst), GraphNames.DroppedBlock(layer)), y);
        if (Spec.BlockSums)
        {
            Graph.Output(GraphNames.AttentionSum(layer), PerText(attentionSum));
            Graph.Output(GraphNames.BlockSum(layer), PerText(blockSum));
        }

        return layout.NormFirst ? blockSum : LayerNorm(blockSum, layout.OutputNorm);
    }

    /// <summary>The hidden states before the block of that index, changed as the run wants, and returned when they are wanted.</summary>
    public Value Hidden(int index, Value rows)
    {
        rows = InterveneRows(rows, InterventionPlace.Hidden, index);
        _embedded ??= rows;
        if (Spec.HiddenStates)
            Graph.Output(GraphNames.Hidden(index), PerText(rows));
        return rows;
    }

    /// <summary>
    /// A loss at picked rows looks at no others, so in training nothing but those is computed after the last attention: masked words
    /// are a seventh of a text, and the rest of a block is three quarters of its work.
    /// </summary>
    private Value LookedAt(Value rows, int layer) =>
        Spec.Training != null && layer == Config.Layers - 1 && PickedRows is { } picked ? Graph.Gather(rows, picked) : rows;

    private Value InterveneRows(Value rows, InterventionPlace place, int layer) =>
        Spec.Interventions.Contains(new(place, layer)) ? Flat(Intervene(PerText(rows), place, layer)) : rows;

    /// <summary>
    /// Multi-head attention (Vaswani et al. 2017): softmax(q kᵀ / √d) v over each head, heads side by side again.
    /// Rows in, rows out, before the output projection.
    /// </summary>
    private Value Attention(Value rows, BlockLayout layout, int layer)
    {
        int heads = Config.Heads, size = Config.HeadSize, width = heads * size;
        var (queries, keys, values) = Project(rows, layout, width);
        Value Split(Value part, InterventionPlace place) =>
            Intervene(Graph.Transpose(Graph.Reshape(part, Batch, Length, heads, size), 0, 2, 1, 3), place, layer);

        Value q = Split(queries, InterventionPlace.Queries), v = Split(values, InterventionPlace.Values);
        // Keys only turn on their way to the scores, so they are split as such only where somebody looks at them.
        var looked = Spec.QueriesKeysValues || Spec.Interventions.Contains(new(InterventionPlace.Keys, layer));
        var k = looked ? Split(keys, InterventionPlace.Keys) : null;
        var kTransposed = k != null ? Graph.Transpose(k, 0, 1, 3, 2) : Graph.Transpose(Graph.Reshape(keys, Batch, Length, heads, size), 0, 2, 3, 1);
        if (Spec.QueriesKeysValues)
        {
            Graph.Output(GraphNames.Query(layer), q);
            Graph.Output(GraphNames.Key(layer), k!);
            Graph.Output(GraphNames.Value(layer), v);
        }

        // Scaling q costs T·d products a head; scaling the scores would cost T².
        var scores = Graph.MatMul(Graph.Multiply(q, Graph.Scalar(1f / MathF.Sqrt(size))), kTransposed);
        scores = Intervene(scores, InterventionPlace.Scores, layer);
        if (CausalBias != null)
            scores = Graph.Add(scores, CausalBias);
        if (PaddingBias != null)
            scores = Graph.Add(scores, PaddingBias);
        var probabilities = Intervene(Graph.Softmax(scores), InterventionPlace.Attention, layer);
        _probabilities.Add(probabilities);
        if (Spec.Attentions)
            Graph.Output(GraphNames.Attention(layer), probabilities);

        var mixed = Graph.Transpose(Intervene(Graph.MatMul(Drop(probabilities, GraphNames.DroppedAttention(layer)), v), InterventionPlace.Heads, layer), 0, 2, 1, 3);
        return Graph.Reshape(mixed, Batch * Length, width);
    }

    private (Value Queries, Value Keys, Value Values) Project(Value rows, BlockLayout layout, int width)
    {
        if (layout.Fused is not { } fused)
        {
            return (Linear(rows, layout.Query, width, layout.InputsFirst),
                Linear(rows, layout.Key, width, layout.InputsFirst),
                Linear(rows, layout.Value, width, layout.InputsFirst));
        }

        var all = Linear(rows, fused, 3 * width, layout.InputsFirst);
        return (Graph.Slice(all, 1, 0, width), Graph.Slice(all, 1, width, 2 * width), Graph.Slice(all, 1, 2 * width, 3 * width));
    }
}
