using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionServer.Models.Catalog;
using AttentionServer.Training;
using AttentionServer.Training.Objectives;

namespace AttentionServer.Server.Trainings;

/// <summary>The shape of a model that begins with seeded numbers; sizes that are null are those of the model it is named after.</summary>
public sealed record ScratchShape(string? Vocabulary, int? Layers, int? Heads, int? Hidden);

/// <summary>
/// Everything that determines a training, from the terminal or the editor. It lies in the folder of the model as training.json, so that
/// whoever finds the folder can go on.
/// </summary>
public sealed record TrainingRequest
{
    private const string What = "training";

    /// <summary>mlm, qa or classification.</summary>
    public required string Objective { get; init; }

    /// <summary>The model it starts from.</summary>
    public required string Model { get; init; }

    /// <summary>Files to train on.</summary>
    public required string[] Data { get; init; }

    /// <summary>Files to judge the model by.</summary>
    public string[] Dev { get; init; } = [];

    /// <summary>The share of the data that is set aside to judge the model by, where no files are given for that.</summary>
    public double DevShare { get; init; }

    /// <summary>The last documents of the first file of text, set aside likewise.</summary>
    public int HoldOut { get; init; }

    /// <summary>How it is trained, whatever it is trained to do.</summary>
    public required TrainingSettings Settings { get; init; }

    /// <summary>Tokens of a batch.</summary>
    public required int BatchTokens { get; init; }

    /// <summary>How rows are cut, for hidden words.</summary>
    public LanguageSettings Words { get; init; } = new();

    /// <summary>How windows are cut, for questions.</summary>
    public AnswerSettings Answers { get; init; } = new();

    /// <summary>The most tokens of a text, for classes.</summary>
    public int ClassLength { get; init; } = 256;

    /// <summary>Begins with seeded numbers instead of the model's.</summary>
    public ScratchShape? Scratch { get; init; }

    /// <summary>Where it runs.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads; sums are cut by their number, so it belongs to what makes losses the same.</summary>
    public required int Threads { get; init; }

    /// <summary>The request that a folder holds; null where there is none.</summary>
    public static TrainingRequest? Find(string folder)
    {
        var path = Path.Combine(folder, TrainedModels.SettingsFile);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), TrainingRequestJson.Default.TrainingRequest);
        }
        catch (JsonException e)
        {
            throw new TrainingException($"{What}: {path}: it cannot be read ({e.Message.TrimEnd('.')}): train another model, or go on with the command it was begun with", e);
        }
    }

    /// <summary>The request of a folder; without one there is nothing to go on with.</summary>
    public static TrainingRequest Of(string folder) =>
        Find(folder) ?? throw new TrainingException($"{What}: {folder}: {(Directory.Exists(folder) ? "there is no training in this folder" : "there is no such folder")}: check the name, or begin one");

    /// <summary>Puts it into a folder. Paths are written in full, because whoever goes on may stand elsewhere.</summary>
    public void Write(string folder)
    {
        var model = new ModelCatalog().Resolve(Model);
        var whole = this with { Data = [.. Data.Select(Path.GetFullPath)], Dev = [.. Dev.Select(Path.GetFullPath)], Model = model.Source == "folder" ? model.Folder : Model };
        Export.AtomicFile.Write(Path.Combine(folder, TrainedModels.SettingsFile), stream => JsonSerializer.Serialize(stream, whole, TrainingRequestJson.Default.TrainingRequest));
    }
}

[JsonSerializable(typeof(TrainingRequest))]
[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class TrainingRequestJson : JsonSerializerContext;
