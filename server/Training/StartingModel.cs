using System.Text.Json.Nodes;
using AttentionServer.Models;
using AttentionServer.Models.Architectures;
using AttentionServer.Models.Catalog;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Text;

namespace AttentionServer.Training;

/// <summary>What a training starts from: a model's weights, or only the shape of one and a vocabulary.</summary>
public sealed class StartingModel : IDisposable
{
    private readonly Checkpoint? _checkpoint;
    private readonly string _config;

    private StartingModel(Checkpoint? checkpoint, string config, string tokenizerFolder)
    {
        (_checkpoint, _config, TokenizerFolder) = (checkpoint, config, tokenizerFolder);
        Tokenizer = Tokenizer.Load(tokenizerFolder);
    }

    /// <summary>The folder its tokenizer comes from.</summary>
    public string TokenizerFolder { get; }

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The classes that config.json names.</summary>
    public IReadOnlyList<string> Labels => Parsed(_config).Labels;

    /// <summary>How its graph is composed.</summary>
    public Architecture Architecture
    {
        get
        {
            using var shape = Checkpoint.Random(_config, 0);
            return ArchitectureRegistry.For(shape);
        }
    }

    /// <summary>Opens a model to train on.</summary>
    public static StartingModel Open(string name)
    {
        var folder = new ModelCatalog().Resolve(name).Folder;
        return new(Checkpoint.Open(folder), File.ReadAllText(Path.Combine(folder, "config.json")), folder);
    }

    /// <summary>Takes a model's family and, unless one is given, its vocabulary; sizes that are null stay.</summary>
    public static StartingModel FromScratch(string name, string? vocabulary, int? layers, int? heads, int? hidden, string workFolder)
    {
        var folder = new ModelCatalog().Resolve(name).Folder;
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        var tokenizerFolder = vocabulary == null ? folder : WithVocabulary(vocabulary, workFolder);
        var size = Tokenizer.Load(tokenizerFolder).VocabularySize;
        var type = (string?)config["model_type"];
        Set(config, layers, type switch { "distilbert" => "n_layers", "gpt2" => "n_layer", _ => "num_hidden_layers" });
        Set(config, heads, type switch { "distilbert" => "n_heads", "gpt2" => "n_head", _ => "num_attention_heads" });
        Set(config, hidden, type switch { "distilbert" => "dim", "gpt2" => "n_embd", _ => "hidden_size" });
        Set(config, hidden * 4, type switch { "distilbert" => "hidden_dim", "gpt2" => "n_inner", _ => "intermediate_size" });
        if (type == "electra")
            Set(config, hidden, "embedding_size");
        config["vocab_size"] = size;
        return new(null, config.ToJsonString(), tokenizerFolder);
    }

    /// <summary>config.json of the model that is trained.</summary>
    public string Config(HeadKind head, IReadOnlyList<string>? labels) => ModelFolder.Config(_config, head, labels);

    /// <summary>Its parameters.</summary>
    public Parameters Parameters(HeadKind head, IReadOnlyList<string>? labels, int seed)
    {
        var config = Parsed(Config(head, labels));
        if (Tokenizer.VocabularySize > config.VocabularySize)
            throw new TrainingException($"model: {TokenizerFolder}: its tokenizer has {Tokenizer.VocabularySize} tokens and the model {config.VocabularySize}: choose a folder whose files belong together");
        return Training.Parameters.Of(config, _checkpoint?.Folder ?? "from scratch", head, _checkpoint, seed);
    }

    /// <inheritdoc/>
    public void Dispose() => _checkpoint?.Dispose();

    private static ModelConfig Parsed(string config) => ModelConfig.Parse(config, "config.json");

    private static void Set(JsonObject config, int? value, string key)
    {
        if (value is { } number)
            config[key] = number;
    }

    /// <summary>A folder with a vocabulary of WordPieces and what says how to use it.</summary>
    private static string WithVocabulary(string vocabulary, string workFolder)
    {
        if (!File.Exists(vocabulary))
            throw new TrainingException($"vocabulary {vocabulary}: there is no such file: give a vocab.txt with one token a line");
        Directory.CreateDirectory(workFolder);
        var target = Path.Combine(workFolder, "vocab.txt");
        if (Path.GetFullPath(vocabulary) != Path.GetFullPath(target))
            File.Copy(vocabulary, target, overwrite: true);
        File.WriteAllText(Path.Combine(workFolder, "tokenizer_config.json"), """
            {
              "tokenizer_class": "BertTokenizer",
              "do_lower_case": true,
              "unk_token": "[UNK]",
              "sep_token": "[SEP]",
              "pad_token": "[PAD]",
              "cls_token": "[CLS]",
              "mask_token": "[MASK]"
            }

            """);
        return workFolder;
    }
}
