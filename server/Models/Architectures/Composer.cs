using AttentionServer.Graphs;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Architectures;

/// <summary>
/// The blocks architectures are composed of. Hidden states travel as rows [B·T, width], because every product with a
/// weight is then one large matrix product; only attention sees [B, heads, T, head size].
/// </summary>
public sealed class Composer
{
    private readonly Checkpoint _checkpoint;
    private readonly Dictionary<string, Value> _weights = [];

    /// <summary>Starts a graph with its inputs.</summary>
    public Composer(Checkpoint checkpoint, GraphSpec spec, bool takesTokenTypes)
    {
        _checkpoint = checkpoint;
        Spec = spec;
        Ids = Graph.Input(GraphNames.InputIds, ElementType.Int64, Batch, Length);
        if (takesTokenTypes)
            TokenTypes = Graph.Input(GraphNames.TokenTypeIds, ElementType.Int64, Batch, Length);
        if (spec.Padded)
            PaddingBias = Graph.Input(GraphNames.PaddingBias, ElementType.Float, Batch, 1, 1, Length);
        if (spec.PickedRows)
            PickedRows = Graph.Input(GraphNames.PickedRows, ElementType.Int64, Picked);
    }

    /// <summary>Texts of the batch.</summary>
    public static Dim Batch => "B";

    /// <summary>Tokens of the longest text.</summary>
    public static Dim Length => "T";

    private static Dim Picked => "R";

    /// <summary>The graph so far.</summary>
    public GraphBuilder Graph { get; } = new();

    /// <summary>What is wanted.</summary>
    public GraphSpec Spec { get; }

    /// <summary>The model's config.json.</summary>
    public ModelConfig Config => _checkpoint.Config;

    /// <summary>Token ids [B,T].</summary>
    public Value Ids { get; }

    /// <summary>Segments [B,T], for architectures that have them.</summary>
    public Value? TokenTypes { get; }

    private Value? PaddingBias { get; }

    private Value? PickedRows { get; }

    /// <summary>True when the checkpoint has this tensor under any of its known spellings.</summary>
    public bool Has(string name) => _checkpoint.Has(name);

    /// <summary>A weight by name, once in the graph however often it is used.</summary>
    public Value Weight(string name, params Dim[] shape)
    {
        if (_weights.TryGetValue(name, out var known))
            return known;
        // Asked for now, so that a missing or misshapen tensor is an error before anything runs.
        _ = _checkpoint.Get(name, [.. shape.Select(d => d.Factor)]);
        return _weights[name] = Graph.Weight(name, shape);
    }

    /// <summary>The first of these names that the checkpoint has: tied weights are stored under one of them.</summary>
    public Value TiedWeight(string[] names, params Dim[] shape) => Weight(names.FirstOrDefault(Has) ?? names[0], shape);

    /// <summary>x Wᵀ + b.</summary>
    public Value Linear(Value rows, string name, int width) =>
        Graph.Linear(rows, Weight($"{name}.weight", width, rows.Shape[1]), Weight($"{name}.bias", width));

    /// <summary>Layer normalisation with the checkpoint's epsilon.</summary>
    public Value LayerNorm(Value rows, string name) =>
        Graph.LayerNorm(rows, Weight($"{name}.weight", rows.Shape[-1]), Weight($"{name}.bias", rows.Shape[-1]), (float)Config.LayerNormEpsilon);

    /// <summary>The activation that config.json names.</summary>
    public Value Activation(Value x) => Config.Activation switch
    {
        "gelu" => Graph.Gelu(x),
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => Graph.GeluTanh(x),
        "relu" => Graph.Relu(x),
        "silu" or "swish" => Graph.Multiply(x, Graph.Sigmoid(x)),
        "tanh" => Graph.Tanh(x),
        var other => throw new CheckpointException($"activation '{other}': {_checkpoint.Folder}/config.json: known are gelu, gelu_new, gelu_pytorch_tanh, relu, silu, swish, tanh"),
    };

    /// <summary>Rows of an embedding table for [B,T] indices, as rows [B·T, width].</summary>
    public Value Embedding(string name, Value indices, int entries, int width) =>
        Graph.Reshape(Graph.Gather(Weight(name, entries, width), indices), Batch * Length, width);

    /// <summary>The first T rows of a table, added to every text.</summary>
    public Value AddPositions(Value rows, string name, int entries)
    {
        var width = rows.Shape[1];
        var positions = Graph.Slice(Weight(name, entries, width), 0, 0, Length);
        return Graph.Reshape(Graph.Add(Graph.Reshape(rows, Batch, Length, width), positions), Batch * Length, width);
    }

    /// <summary>
    /// Multi-head attention (Vaswani et al. 2017): softmax(q kᵀ / √d) v over each head, heads side by side again.
    /// Rows in, rows out, before the output projection.
    /// </summary>
    public Value Attention(Value queries, Value keys, Value values, int layer)
    {
        int heads = Config.Heads, size = Config.HeadSize;
        Value Split(Value rows) => Graph.Transpose(Graph.Reshape(rows, Batch, Length, heads, size), 0, 2, 1, 3);

        Value q = Split(queries), v = Split(values);
        var kTransposed = Graph.Transpose(Graph.Reshape(keys, Batch, Length, heads, size), 0, 2, 3, 1);
        if (Spec.QueriesKeysValues)
        {
            Graph.Output(GraphNames.Query(layer), q);
            Graph.Output(GraphNames.Key(layer), Split(keys));
            Graph.Output(GraphNames.Value(layer), v);
        }

        // Scaling q costs T·d products a head; scaling the scores would cost T².
        var scores = Graph.MatMul(Graph.Multiply(q, Graph.Scalar(1f / MathF.Sqrt(size))), kTransposed);
        if (PaddingBias != null)
            scores = Graph.Add(scores, PaddingBias);
        var probabilities = Graph.Softmax(scores);
        if (Spec.Attentions)
            Graph.Output(GraphNames.Attention(layer), probabilities);

        var mixed = Graph.Transpose(Graph.MatMul(probabilities, v), 0, 2, 1, 3);
        return Graph.Reshape(mixed, Batch * Length, heads * size);
    }

    /// <summary>Returns the hidden states after a block when they are wanted.</summary>
    public void TraceHidden(int index, Value rows)
    {
        if (Spec.HiddenStates)
            Graph.Output(GraphNames.Hidden(index), Graph.Reshape(rows, Batch, Length, rows.Shape[1]));
    }

    /// <summary>The row of the first token of each text.</summary>
    public Value FirstRows(Value rows) =>
        Graph.Reshape(Graph.Slice(Graph.Reshape(rows, Batch, Length, rows.Shape[1]), 1, 0, 1), Batch, rows.Shape[1]);

    /// <summary>The rows a word head is computed for: all of them, or those the run picks.</summary>
    public Value WordRows(Value rows) => PickedRows == null ? rows : Graph.Gather(rows, PickedRows);

    /// <summary>Returns word logits: [B,T,vocabulary], or [R,vocabulary] when rows were picked.</summary>
    public void OutputWords(HeadKind head, Value logits) => Graph.Output(
        GraphNames.Logits(head),
        PickedRows == null ? Graph.Reshape(logits, Batch, Length, logits.Shape[1]) : logits);

    /// <summary>Returns span logits [B, 2 (start, end), T].</summary>
    public void OutputSpan(Value logits) => Graph.Output(
        GraphNames.Logits(HeadKind.QuestionAnswering),
        Graph.Transpose(Graph.Reshape(logits, Batch, Length, 2), 0, 2, 1));
}
