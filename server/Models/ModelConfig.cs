using System.Text.Json;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models;

/// <summary>What config.json says, under one set of names for all architectures.</summary>
public sealed record ModelConfig
{
    private const int MostLayers = 1024;
    private const int Widest = 1 << 17;
    private const int MostEntries = 1 << 24;
    private const int MostLabels = 100_000;

    /// <summary>bert, gpt2, …</summary>
    public required string ModelType { get; init; }

    /// <summary>Class names the checkpoint was saved from ("BertForMaskedLM").</summary>
    public required IReadOnlyList<string> Architectures { get; init; }

    /// <summary>Blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Attention heads of each block.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of hidden states.</summary>
    public required int Hidden { get; init; }

    /// <summary>Width of one head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Width of the feed-forward block.</summary>
    public required int Intermediate { get; init; }

    /// <summary>Width of the word embedding; ELECTRA and ALBERT project it to <see cref="Hidden"/>.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>Rows of the word embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Rows of the position embedding.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Rows of the segment embedding; 0 where there is none.</summary>
    public required int TypeVocabularySize { get; init; }

    /// <summary>True when texts and pairs are told apart by token types.</summary>
    public bool TakesTokenTypes => TypeVocabularySize > 1;

    /// <summary>The epsilon of layer normalisation.</summary>
    public required double LayerNormEpsilon { get; init; }

    /// <summary>The feed-forward activation.</summary>
    public required string Activation { get; init; }

    /// <summary>The padding token; null where the model has none.</summary>
    public required int? PadTokenId { get; init; }

    /// <summary>The token that begins a text; null where config.json names none.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>The token that ends a text; null where config.json names none.</summary>
    public int? EosTokenId { get; init; }

    /// <summary>Names of the classes.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Sets of weights that ALBERT's layers share, and blocks in a set; 1 and 1 elsewhere.</summary>
    public required (int Groups, int Blocks) Shared { get; init; }

    /// <summary>
    /// What the names of encoder tensors start with in a model that was saved with a head: Hugging Face's
    /// base_model_prefix, which a bare encoder lacks. Empty for unknown model types.
    /// </summary>
    public string BasePrefix => ModelType switch
    {
        "camembert" or "xlm-roberta" => "roberta.",
        "gpt2" => "transformer.",
        "bert" or "roberta" or "distilbert" or "electra" or "albert" => $"{ModelType}.",
        _ => "",
    };

    /// <summary>Reads config.json; what is missing or absurd is an error that names the key.</summary>
    public static ModelConfig Parse(string json, string folder)
    {
        try
        {
            using var document = JsonDocument.Parse(json.TrimStart('\uFEFF'), new JsonDocumentOptions { MaxDepth = 32 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new CheckpointException($"config.json: {folder}: it is not a JSON object: download the model again");
            return Read(new ConfigReader(document.RootElement, folder));
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"config.json: {folder}: it is not valid JSON (line {e.LineNumber + 1}): download the model again", e);
        }
    }

    /// <summary>Keys that a type may leave out take the value that its Hugging Face class has for them.</summary>
    private static ModelConfig Read(ConfigReader reader)
    {
        var type = reader.Text(["model_type"]);
        RefuseOtherGraphs(reader, type);
        int heads = reader.Number(["num_attention_heads", "n_heads", "n_head"], 1, MostLayers), hidden = reader.Number(["hidden_size", "dim", "n_embd"], 1, Widest);
        if (!reader.Has("head_dim") && hidden % heads != 0)
            throw reader.Wrong("hidden_size", $"{hidden} is no multiple of {heads} heads");
        var vocabulary = reader.Number(["vocab_size"], 1, MostEntries);
        // ALBERT's config counts rounds through a group of blocks; each of them is a layer to whoever looks.
        var (layers, groups, blocks) = (reader.Number(["num_hidden_layers", "n_layers", "n_layer"], 1, MostLayers), reader.Number(["num_hidden_groups"], 1, MostLayers, 1), reader.Number(["inner_group_num"], 1, MostLayers, 1));
        return new()
        {
            ModelType = type,
            Architectures = reader.Texts("architectures"),
            Layers = layers * blocks,
            Heads = heads,
            Hidden = hidden,
            HeadSize = reader.Number(["head_dim"], 1, Widest, hidden / heads),
            Intermediate = reader.Number(["intermediate_size", "hidden_dim", "n_inner"], 1, 8 * Widest, type == "gpt2" ? 4 * hidden : null),
            EmbeddingSize = reader.Number(["embedding_size"], 1, Widest, type is "electra" or "albert" ? null : hidden),
            VocabularySize = vocabulary,
            MaxPositions = reader.Number(["max_position_embeddings", "n_positions", "n_ctx"], 1, MostEntries),
            TypeVocabularySize = type is "distilbert" or "gpt2" ? 0 : reader.Number(["type_vocab_size"], 0, Widest, 2),
            LayerNormEpsilon = reader.Fraction(["layer_norm_eps", "layer_norm_epsilon"], type == "gpt2" ? 1e-5 : 1e-12),
            Activation = reader.Text(["hidden_act", "activation", "activation_function"], type is "albert" or "gpt2" ? "gelu_new" : "gelu"),
            PadTokenId = PadToken(reader, vocabulary),
            BosTokenId = reader.TokenId("bos_token_id", vocabulary),
            EosTokenId = reader.TokenId("eos_token_id", vocabulary),
            Labels = reader.Classes("id2label") ?? [.. Enumerable.Range(0, reader.Number(["num_labels", "_num_labels"], 1, MostLabels, 2)).Select(i => $"LABEL_{i}")],
            Shared = (groups, blocks),
        };
    }

    /// <summary>Settings that would change the arithmetic silently: nobody should get numbers of another model.</summary>
    private static void RefuseOtherGraphs(ConfigReader reader, string type)
    {
        if (reader.Text(["position_embedding_type"], "absolute") is var positions and not "absolute")
            throw reader.Wrong("position_embedding_type", $"'{positions}' is not supported, only 'absolute'");
        if (type != "gpt2" && reader.Flag("is_decoder", false))
            throw reader.Wrong("is_decoder", "a decoder of this type is not supported");
        if (reader.Flag("add_cross_attention", false))
            throw reader.Wrong("add_cross_attention", "attention to another model's states is not supported");
        if (reader.Flag("scale_attn_by_inverse_layer_idx", false))
            throw reader.Wrong("scale_attn_by_inverse_layer_idx", "scores that depend on the layer's number are not supported");
        if (!reader.Flag("scale_attn_weights", true))
            throw reader.Wrong("scale_attn_weights", "scores that are not scaled are not supported");
    }

    /// <summary>Fine-tuned GPT-2 models name padding tokens that their table never got: those count as none.</summary>
    private static int? PadToken(ConfigReader reader, int vocabulary) =>
        reader.Number(["pad_token_id"], -1, MostEntries, -1) is var id && id >= 0 && id < vocabulary ? id : null;
}
