using System.Text.Json;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models;

/// <summary>What config.json says, under one set of names for all architectures.</summary>
public sealed record ModelConfig
{
    private const int Largest = 1 << 24;

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

    /// <summary>Rows of the word embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Rows of the position embedding.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Rows of the segment embedding; 0 where there is none.</summary>
    public required int TypeVocabularySize { get; init; }

    /// <summary>The epsilon of layer normalisation.</summary>
    public required double LayerNormEpsilon { get; init; }

    /// <summary>The feed-forward activation.</summary>
    public required string Activation { get; init; }

    /// <summary>The padding token; null where the model has none.</summary>
    public required int? PadTokenId { get; init; }

    /// <summary>Names of the classes.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Reads config.json; what is missing or absurd is an error that names the key.</summary>
    public static ModelConfig Parse(string json, string folder)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new CheckpointException($"config.json: {folder}: it is not a JSON object: download the model again");
            return new Reader(document.RootElement, folder).Read();
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"config.json: {folder}: it is not valid JSON (line {e.LineNumber + 1}): download the model again");
        }
    }

    /// <summary>Reads keys under any of the names that architectures give them.</summary>
    private sealed class Reader(JsonElement root, string folder)
    {
        public ModelConfig Read()
        {
            int heads = Number("num_attention_heads", "n_heads", "n_head"), hidden = Number("hidden_size", "dim", "n_embd");
            if (Find("head_dim") == null && hidden % heads != 0)
                throw Wrong("hidden_size", $"{hidden} is no multiple of {heads} heads");
            if (Find("position_embedding_type") is { ValueKind: JsonValueKind.String } positions && positions.GetString() is var kind and not "absolute")
                throw Wrong("position_embedding_type", $"'{kind}' is not supported, only 'absolute'");
            return new()
            {
                ModelType = Text("model_type"),
                Architectures = Strings("architectures"),
                Layers = Number("num_hidden_layers", "n_layers", "n_layer"),
                Heads = heads,
                Hidden = hidden,
                HeadSize = Find("head_dim") == null ? hidden / heads : Number("head_dim"),
                Intermediate = Find("intermediate_size", "hidden_dim", "n_inner") is { ValueKind: JsonValueKind.Number } ? Number("intermediate_size", "hidden_dim", "n_inner") : 4 * hidden,
                VocabularySize = Number("vocab_size"),
                MaxPositions = Number("max_position_embeddings", "n_positions", "n_ctx"),
                TypeVocabularySize = Find("type_vocab_size") == null ? 0 : Number("type_vocab_size"),
                LayerNormEpsilon = Find("layer_norm_eps", "layer_norm_epsilon") is { } epsilon ? Epsilon(epsilon) : 1e-12,
                Activation = Find("hidden_act", "activation", "activation_function") is { ValueKind: JsonValueKind.String } activation ? activation.GetString()! : "gelu",
                PadTokenId = Find("pad_token_id") is { ValueKind: JsonValueKind.Number } ? NumberFrom(0, "pad_token_id") : null,
                Labels = Labels(),
            };
        }

        private JsonElement? Find(params string[] names)
        {
            foreach (var name in names)
                if (root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
                    return value;
            return null;
        }

        private int Number(params string[] names) => NumberFrom(1, names);

        private int NumberFrom(int least, params string[] names)
        {
            if (Find(names) is not { } value)
                throw Wrong(names[0], "it is missing");
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= Largest
                ? number
                : throw Wrong(names[0], $"{Short(value)} is not a whole number from {least} to {Largest}");
        }

        private double Epsilon(JsonElement value) =>
            value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is >= 0 and < 1
                ? number
                : throw Wrong("layer_norm_eps", $"{Short(value)} is not a number from 0 to 1");

        private string Text(string name) =>
            Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Wrong(name, "it is missing");

        private List<string> Strings(string name) =>
            Find(name) is { ValueKind: JsonValueKind.Array } list
                ? [.. list.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : throw Wrong(name, $"{Short(e)} is not a string"))]
                : [];

        private List<string> Labels()
        {
            var count = Find("num_labels") == null ? 2 : Number("num_labels");
            if (Find("id2label") is not { ValueKind: JsonValueKind.Object } map)
                return [.. Enumerable.Range(0, count).Select(i => $"LABEL_{i}")];
            var labels = new SortedDictionary<int, string>();
            foreach (var label in map.EnumerateObject())
                if (!int.TryParse(label.Name, out var id) || label.Value.ValueKind != JsonValueKind.String || !labels.TryAdd(id, label.Value.GetString()!))
                    throw Wrong("id2label", $"'{label.Name}' does not name a class");
            return labels.Keys.SequenceEqual(Enumerable.Range(0, labels.Count)) ? [.. labels.Values] : throw Wrong("id2label", "its ids are not 0, 1, 2, …");
        }

        private static string Short(JsonElement value) => value.GetRawText() is { Length: > 40 } text ? $"{text[..40]}…" : value.GetRawText();

        private CheckpointException Wrong(string key, string why) => new($"config.json '{key}': {folder}: {why}: is this a supported model?");
    }
}
