namespace AttentionServer.Models;

/// <summary>
/// What a graph must contain; nothing else is composed into it, because the runtime executes every node whether its
/// result is asked for or not. Equal specs share one session.
/// </summary>
public sealed record GraphSpec
{
    /// <summary>Return attention probabilities of every layer.</summary>
    public bool Attentions { get; init; }

    /// <summary>Return queries, keys and values of every layer.</summary>
    public bool QueriesKeysValues { get; init; }

    /// <summary>Return the hidden states of every layer.</summary>
    public bool HiddenStates { get; init; }

    /// <summary>Return the residual sums of every layer.</summary>
    public bool BlockSums { get; init; }

    /// <summary>Compute this head; null for none.</summary>
    public HeadKind? Head { get; init; }

    /// <summary>Word logits only at the places a run names, instead of at every token.</summary>
    public bool PickedRows { get; init; }

    /// <summary>Where the run changes numbers on their way.</summary>
    public InterventionSites Interventions { get; init; } = InterventionSites.None;

    /// <summary>Return gradients of the head's logits with respect to these.</summary>
    public GradientParts Gradients { get; init; }

    /// <summary>The run brings word vectors instead of looking ids up.</summary>
    public bool WordVectors { get; init; }

    /// <summary>The run brings the hidden states before this block and only the blocks from it on are computed; null for the whole model.</summary>
    public int? FirstLayer { get; init; }
    /// <summary>Compute a loss, with weights that a training changes; null for everything else.</summary>
    public TrainingSpec? Training { get; init; }

    /// <summary>Texts of a batch differ in length, so keys beyond a text's end are masked.</summary>
    public bool Padded { get; init; }
}

/// <summary>What a training wants of a graph; weights are inputs then.</summary>
/// <param name="Backward">Return the gradient of every weight, not only the loss and the best guess of each row.</param>
/// <param name="Dropout">Multiply with masks that the run brings (Srivastava et al. 2014).</param>
public sealed record TrainingSpec(bool Backward, bool Dropout);

/// <summary>What gradients are taken with respect to.</summary>
[Flags]
public enum GradientParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Word vectors, before positions and segments are added.</summary>
    Words = 1,

    /// <summary>What enters the first block.</summary>
    Embedded = 2,

    /// <summary>Attention probabilities of every layer.</summary>
    Attentions = 4,
}

/// <summary>The names of graph inputs and outputs.</summary>
public static class GraphNames
{
    /// <summary>Token ids [B,T].</summary>
    public const string InputIds = "input_ids";

    /// <summary>The word vector of each token [B,T,E], when a run brings its own.</summary>
    public const string WordVectors = "word_vectors";

    /// <summary>The hidden states [B,T,D] before the first block that is computed, when a run brings its own.</summary>
    public const string Resumed = "resumed_states";

    /// <summary>Segment of each token [B,T].</summary>
    public const string TokenTypeIds = "token_type_ids";

    /// <summary>What is added to scores of each key [B,1,1,T]: 0, or a huge negative number for padding.</summary>
    public const string PaddingBias = "padding_bias";

    /// <summary>What is added to scores [T,T] of queries and keys: 0, or a huge negative number for keys that come later.</summary>
    public const string CausalBias = "causal_bias";

    /// <summary>Position of each token [B,T].</summary>
    public const string PositionIds = "position_ids";

    /// <summary>What flows back from the logits, of their shape.</summary>
    public const string LogitGradient = "logit_gradient";

    /// <summary>The gradient of word vectors [B,T,E].</summary>
    public const string WordGradient = "gradient.words";

    /// <summary>The gradient of what enters the first block [B,T,D].</summary>
    public const string EmbeddedGradient = "gradient.embedded";

    /// <summary>Which of the B·T rows is the last of each text [B].</summary>
    public const string LastRows = "last_rows";

    /// <summary>Which of the B·T rows the head is computed for [R].</summary>
    public const string PickedRows = "picked_rows";

    /// <summary>What should have been said in each row that the loss counts [rows, 1].</summary>
    public const string Targets = "targets";

    /// <summary>How much each row counts in the loss [rows, 1].</summary>
    public const string TargetWeights = "target_weights";

    /// <summary>−log p of what should have been said, in each row [rows, 1].</summary>
    public const string RowLosses = "row_losses";

    /// <summary>What would have been said, in each row [rows, 1].</summary>
    public const string Guesses = "guesses";

    /// <summary>The mask of what enters the first block.</summary>
    public const string DroppedEmbedding = "dropped.embedding";

    /// <summary>The mask of a layer's attention probabilities.</summary>
    public static string DroppedAttention(int layer) => $"dropped.attention.{layer}";

    /// <summary>The mask of what a layer's attention adds.</summary>
    public static string DroppedAttended(int layer) => $"dropped.attended.{layer}";

    /// <summary>The mask of what a layer's feed-forward network adds.</summary>
    public static string DroppedBlock(int layer) => $"dropped.block.{layer}";

    /// <summary>A table of vectors as lookups read it: the same memory as the weight, under a name of its own.</summary>
    public static string Table(string weight) => $"{weight}.table";

    /// <summary>The gradient of the rows that were looked up in a table [B,T,E].</summary>
    public static string RowGradient(string weight) => $"gradient.rows.{weight}";

    /// <summary>The gradient of a weight.</summary>
    public static string WeightGradient(string weight) => $"gradient.{weight}";

    /// <summary>Attention probabilities of a layer.</summary>
    public static string Attention(int layer) => $"attentions.{layer}";

    /// <summary>The gradient of a layer's attention probabilities.</summary>
    public static string AttentionGradient(int layer) => $"gradient.attentions.{layer}";

    /// <summary>Queries of a layer.</summary>
    public static string Query(int layer) => $"q.{layer}";

    /// <summary>Keys of a layer.</summary>
    public static string Key(int layer) => $"k.{layer}";

    /// <summary>Values of a layer.</summary>
    public static string Value(int layer) => $"v.{layer}";

    /// <summary>Hidden states after a layer; 0 is the output of the embedding block.</summary>
    public static string Hidden(int index) => $"hidden_states.{index}";

    /// <summary>A layer's input plus what its attention adds, before any normalisation.</summary>
    public static string AttentionSum(int layer) => $"attention_sums.{layer}";

    /// <summary>What leaves a layer's attention half plus what its feed-forward network adds, before any normalisation.</summary>
    public static string BlockSum(int layer) => $"block_sums.{layer}";

    /// <summary>What a head says.</summary>
    public static string Logits(HeadKind head) => $"{head.Id()}.logits";
}
