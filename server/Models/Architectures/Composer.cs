using AttentionServer.Graphs;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Architectures;

/// <summary>
/// What architectures are composed of. Hidden states travel as rows [B·T, width], because every product with a weight is
/// then one large matrix product; only attention sees [B, heads, T, head size].
/// </summary>
public sealed partial class Composer
{
    private readonly IWeightSource _checkpoint;
    private readonly Architecture _architecture;
    private readonly Dictionary<string, Value> _weights = [];

    /// <summary>Starts a graph with its inputs.</summary>
    public Composer(IWeightSource checkpoint, GraphSpec spec, Architecture architecture)
    {
        (_checkpoint, _architecture, Spec) = (checkpoint, architecture, spec);
        if (spec.FirstLayer != null)
            States = Graph.Input(GraphNames.Resumed, ElementType.Float, Batch, Length, Config.Hidden);
        else if (spec.WordVectors)
            Vectors = Graph.Input(GraphNames.WordVectors, ElementType.Float, Batch, Length, Config.EmbeddingSize);
        else
            Ids = Graph.Input(GraphNames.InputIds, ElementType.Int64, Batch, Length);
        if (Config.TakesTokenTypes && spec.FirstLayer == null)
            TokenTypes = Graph.Input(GraphNames.TokenTypeIds, ElementType.Int64, Batch, Length);
        if (architecture.TakesPositions && spec.FirstLayer == null)
            Positions = Graph.Input(GraphNames.PositionIds, ElementType.Int64, Batch, Length);
        if (spec.Padded)
            PaddingBias = Graph.Input(GraphNames.PaddingBias, ElementType.Float, Batch, 1, 1, Length);
        if (architecture.Causal)
            CausalBias = Graph.Input(GraphNames.CausalBias, ElementType.Float, Length, Length);
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

    private Value? States { get; }

    private Value? Ids { get; }

    private Value? Vectors { get; }

    private Value? TokenTypes { get; }

    private Value? Positions { get; }

    private Value? PaddingBias { get; }

    private Value? CausalBias { get; }

    private Value? PickedRows { get; }

    /// <summary>A weight by name, once in the graph however often it is used.</summary>
    public Value Weight(string name, params Dim[] shape)
    {
        if (_weights.TryGetValue(name, out var known))
            return known;
        // Asked for now, so that a missing or misshapen tensor is an error before anything runs.
        _checkpoint.Require(name, [.. shape.Select(d => d.Factor)]);
        return _weights[name] = Spec.Training == null ? Graph.Weight(name, shape) : Graph.Input(name, ElementType.Float, shape);
    }

    /// <summary>x Wᵀ + b.</summary>
    public Value Linear(Value rows, string name, int width, bool inputsFirst = false)
    {
        var inner = rows.Shape[1];
        var weight = inputsFirst ? Weight($"{name}.weight", inner, width) : Weight($"{name}.weight", width, inner);
        return Graph.Linear(rows, weight, Weight($"{name}.bias", width), inputsFirst);
    }

    /// <summary>x Wᵀ, for the few projections that have no bias.</summary>
    public Value Product(Value rows, string name, int width) => Graph.Linear(rows, Weight($"{name}.weight", width, rows.Shape[1]), null);

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

    /// <summary>Word, segment and position vectors summed and normalised, under the name of the embedding block.</summary>
    public Value Embed(string name)
    {
        var sum = Words();
        if (TokenTypes is { } types)
            sum = Graph.Add(sum, Rows($"{name}.token_type_embeddings.weight", types, Config.TypeVocabularySize));
        else if (Config.TypeVocabularySize == 1)
            sum = Graph.Add(sum, Weight($"{name}.token_type_embeddings.weight", 1, Config.EmbeddingSize));
        return LayerNorm(AddPositions(sum, $"{name}.position_embeddings.weight"), $"{name}.LayerNorm");
    }

    /// <summary>The rows that a run brings instead of embedding tokens; null where it starts with them.</summary>
    public Value? Resumed() => States is { } states ? Flat(states) : null;

    /// <summary>The word vector of each token.</summary>
    public Value Words() => _words = Vectors is { } vectors
        ? Graph.Reshape(vectors, Batch * Length, Config.EmbeddingSize)
        : Rows(_architecture.WordTable, Ids!, Config.VocabularySize);

    /// <summary>The vector of each token's position, added.</summary>
    public Value AddPositions(Value rows, string name)
    {
        if (Positions is { } positions)
            return Graph.Add(rows, Rows(name, positions, Config.MaxPositions));
        var width = rows.Shape[1];
        var first = Graph.Slice(Weight(name, Config.MaxPositions, width), 0, 0, Length);
        return Graph.Reshape(Graph.Add(Graph.Reshape(rows, Batch, Length, width), first), Batch * Length, width);
    }

    private Value Rows(string name, Value indices, int entries) => Graph.Reshape(
        Spec.Training == null ? Graph.Gather(Weight(name, entries, Config.EmbeddingSize), indices) : TableRows(name, indices, entries),
        Batch * Length,
        Config.EmbeddingSize);

    /// <summary>The numbers as the run wants them changed at this site; the same where the graph has no such site.</summary>
    private Value Intervene(Value x, InterventionPlace place, int layer)
    {
        var site = new InterventionSite(place, layer);
        if (!Spec.Interventions.Contains(site))
            return x;
        var scaled = Graph.Multiply(x, Graph.BroadcastInput(site.Scale, ElementType.Float, x.Rank));
        return Graph.Add(scaled, Graph.BroadcastInput(site.Shift, ElementType.Float, x.Rank));
    }

    private Value Flat(Value perText) => Graph.Reshape(perText, Batch * Length, perText.Shape[-1]);

    private Value PerText(Value rows) => Graph.Reshape(rows, Batch, Length, rows.Shape[1]);
}
