using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionServer.Models;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Training;

/// <summary>Writes a model in Hugging Face layout: config.json, model.safetensors and the files of its tokenizer.</summary>
public sealed class ModelFolder
{
    private static readonly string[] TokenizerFiles =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt",
        "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
    ];

    private static readonly Dictionary<string, string> ClassNames = new()
    {
        ["bert"] = "Bert",
        ["roberta"] = "Roberta",
        ["camembert"] = "Camembert",
        ["xlm-roberta"] = "XLMRoberta",
        ["distilbert"] = "DistilBert",
        ["electra"] = "Electra",
        ["albert"] = "Albert",
        ["gpt2"] = "GPT2",
    };

    private readonly string _path;
    private readonly bool _half;

    /// <summary>Prepares the folder: everything but the weights.</summary>
    public ModelFolder(string path, string config, string tokenizerFolder, bool half)
    {
        (_path, _half) = (path, half);
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "config.json"), config);
        foreach (var name in TokenizerFiles)
        {
            var source = Path.Combine(tokenizerFolder, name);
            if (File.Exists(source) && Path.GetFullPath(source) != Path.GetFullPath(Path.Combine(path, name)))
                File.Copy(source, Path.Combine(path, name), overwrite: true);
        }
    }

    /// <summary>True when the folder holds a model's weights.</summary>
    public static bool HasModel(string path) => File.Exists(Path.Combine(path, "model.safetensors"));

    /// <summary>True when the folder holds a training that can go on.</summary>
    public static bool HasTraining(string path) => File.Exists(Path.Combine(path, TrainingState.FileName));

    /// <summary>The steps that a training that stopped has behind it, and those it will have had; null where there is none that can be read.</summary>
    public static (long Step, long Total)? Standing(string path) => TrainingState.Peek(path) is { } point ? (point.Step, point.Plan.Total) : null;

    /// <summary>A config.json for a model with this head: the class that loads it, its classes, and the type that transformers widens to.</summary>
    public static string Config(string config, HeadKind head, IReadOnlyList<string>? labels)
    {
        var root = JsonNode.Parse(config.TrimStart('\uFEFF'))!.AsObject();
        var type = (string?)root["model_type"] ?? "";
        root["architectures"] = new JsonArray(JsonValue.Create($"{ClassNames.GetValueOrDefault(type, type)}{Suffix(head)}"));
        root["torch_dtype"] = "float32";
        if (labels != null)
        {
            root["id2label"] = new JsonObject(labels.Select((l, i) => KeyValuePair.Create($"{i}", (JsonNode?)JsonValue.Create(l))));
            root["label2id"] = new JsonObject(labels.Select((l, i) => KeyValuePair.Create(l, (JsonNode?)JsonValue.Create(i))));
            root.Remove("num_labels");
            root.Remove("_num_labels");
        }

        return root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>Writes the weights, whole or not at all.</summary>
    public void Write(Parameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var entries = parameters.All.Select(parameter => new SafetensorsEntry(
            parameter.Name, _half ? DType.F16 : DType.F32, parameter.Shape, stream => WriteTo(stream, parameters.Of(parameter)))).ToList();
        SafetensorsWriter.Write(Path.Combine(_path, "model.safetensors"), entries, new Dictionary<string, string> { ["format"] = "pt" }, durable: true);
    }

    private void WriteTo(Stream stream, ReadOnlySpan<float> values)
    {
        if (!_half)
        {
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        var narrow = ArrayPool<Half>.Shared.Rent(values.Length);
        for (var i = 0; i < values.Length; i++)
            narrow[i] = (Half)values[i];
        stream.Write(MemoryMarshal.AsBytes(narrow.AsSpan(0, values.Length)));
        ArrayPool<Half>.Shared.Return(narrow);
    }

    private static string Suffix(HeadKind head) => head switch
    {
        HeadKind.MaskedLanguageModel => "ForMaskedLM",
        HeadKind.CausalLanguageModel => "LMHeadModel",
        HeadKind.QuestionAnswering => "ForQuestionAnswering",
        HeadKind.Classification => "ForSequenceClassification",
        _ => throw new ArgumentOutOfRangeException(nameof(head), head, "Not trained here."),
    };
}
