using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Methods.Zones;
using AttentionServer.Models;
using AttentionServer.Models.Architectures;
using AttentionServer.Models.Catalog;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Studies.Reading;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Studies.Zones;

/// <summary>
/// The settings of a sweep, as they stand in a run's manifest: each zone masked in each layer of each model at each strength, over the questions of
/// data sets (Cui et al. 2022; arXiv 2410.20652).
/// </summary>
public sealed record ZoneSweep
{
    /// <summary>The name of the study.</summary>
    public const string Study = "zones";

    internal const string Data = "data";
    internal const string Engine = "engine";

    // Small enough that progress moves and little is lost with a kill, large enough that files are few.
    private const int LeastSlice = 4;
    private const int MostSlice = 32;

    /// <summary>The models, as the user names them; of one another's seed, or others with as many layers.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Files of questions, as full paths.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>How many questions of them, from the first.</summary>
    public required int Questions { get; init; }

    /// <summary>Ids of zones, or zones of the user's own as NAME=QUERIES&lt;-KEYS, in the order of the columns.</summary>
    public required IReadOnlyList<string> Zones { get; init; }

    /// <summary>The names of the columns.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> ZoneIds => [.. Zones.Select(z => ZoneOf(z).Id)];

    /// <summary>The layers, from 0.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>How many layers the models have.</summary>
    public required int ModelLayers { get; init; }

    /// <summary>How strongly, ascending.</summary>
    public required IReadOnlyList<float> Strengths { get; init; }

    /// <summary>score or probability.</summary>
    public required string Mode { get; init; }

    /// <summary>How passages are cut.</summary>
    public required WindowOptions Windows { get; init; }

    /// <summary>Whose rules score answers: 2 where some question cannot be answered.</summary>
    public required int Rules { get; init; }

    /// <summary>Whether malformed questions are left out.</summary>
    public bool SkipBad { get; init; }

    /// <summary>How many questions a cell file holds: they share their unmasked passes.</summary>
    public int Slice { get; init; } = MostSlice;

    /// <summary>What a new sweep is started with, checked against models and data.</summary>
    public static (RunManifest Manifest, int Skipped) Start(ZoneSweepRequest request, CancellationToken cancellation)
    {
        if (request.Models.Count == 0 || request.Files.Count == 0)
            throw new MethodException("sweep: it has no model or no data: name at least one of each");
        if (request.Models.GroupBy(m => m).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new MethodException($"sweep: {twice.Key}: it is named {twice.Count()} times: name each model once");
        if (request.Zones.Select(ZoneOf).GroupBy(z => z.Id).FirstOrDefault(g => g.Count() > 1) is { } same)
            throw new MethodException($"sweep: zone '{same.Key}': it is named {same.Count()} times: name each zone once");
        foreach (var zone in request.Zones.Select(ZoneOf))
            zone.Allow(request.Mode);
        var catalog = new ModelCatalog();
        var fingerprints = new SortedDictionary<string, string>(StringComparer.Ordinal) { [Engine] = EngineOf() };
        var (layers, positions, first) = (0, int.MaxValue, request.Models[0]);
        foreach (var name in request.Models)
        {
            var found = catalog.Resolve(name);
            using var checkpoint = Checkpoint.Open(found.Folder);
            var architecture = ArchitectureRegistry.For(checkpoint);
            if (architecture.HeadOf(checkpoint) != HeadKind.QuestionAnswering)
                throw new MethodException($"sweep: {name}: it does not answer questions about a passage: choose a question-answering model, such as attention-mini-qa");
            if (layers != 0 && checkpoint.Config.Layers != layers)
                throw new MethodException($"sweep: {name}: it has {checkpoint.Config.Layers} layers, {first} has {layers}: sweep models of other depths in runs of their own and compare the runs");
            (layers, positions) = (checkpoint.Config.Layers, Math.Min(positions, architecture.MaxTokens(checkpoint.Config)));
            fingerprints[Model(name)] = checkpoint.Hash;
        }

        if (request.Layers?.FirstOrDefault(l => l < 0 || l >= layers, -1) is { } outside and not -1)
            throw new MethodException($"sweep: layer {outside}: {first} has layers 0 to {layers - 1}");
        if (request.Limit is < 1)
            throw new MethodException($"sweep: limit {request.Limit}: give a number of questions from 1");
        IReadOnlyList<string> files = [.. request.Files.Select(Path.GetFullPath)];
        var skipped = request.SkipBad ? new SkippedQuestions() : null;
        var (count, impossible) = (0, false);
        foreach (var question in QuestionData.Read(files, skipped, cancellation).Take(request.Limit ?? int.MaxValue))
        {
            if (!question.Impossible && question.Answers.Count == 0)
                throw new MethodException($"sweep: question \"{question.Id}\" has no marked answer to score by: {question.Where}: give it answers, or leave it out");
            (count, impossible) = (count + 1, impossible || question.Impossible);
        }

        fingerprints[Data] = HashOf(files, request.SkipBad, cancellation);
        var windows = WindowOptions.Within(positions);
        var sweep = new ZoneSweep
        {
            Models = request.Models,
            Files = files,
            Questions = count,
            Zones = request.Zones,
            Layers = [.. (request.Layers ?? [.. Enumerable.Range(0, layers)]).Distinct().Order()],
            ModelLayers = layers,
            Strengths = [.. request.Strengths.Distinct().Order()],
            Mode = request.Mode.Id(),
            Windows = windows,
            Rules = impossible ? 2 : 1,
            SkipBad = request.SkipBad,
            Slice = request.Slice ?? Math.Clamp(count / 10, LeastSlice, MostSlice),
        };
        _ = sweep.Cells();
        return (new()
        {
            Study = Study,
            Title = $"Zones · {string.Join(", ", request.Models.Select(Path.GetFileName))} · {string.Join(", ", files.Select(Path.GetFileName))}, {count.ToString("N0", CultureInfo.InvariantCulture)} questions",
            Fingerprints = fingerprints,
            Settings = JsonSerializer.SerializeToNode(sweep, ZoneSweepJson.Default.ZoneSweep)!.AsObject(),
        }, skipped?.Count ?? 0);
    }

    /// <summary>The settings of a run.</summary>
    public static ZoneSweep Of(RunManifest manifest)
    {
        try
        {
            return manifest.Settings.Deserialize(ZoneSweepJson.Default.ZoneSweep)!;
        }
        catch (JsonException e)
        {
            throw new RunException($"run: manifest.json: its settings are not those of a zone sweep ({e.Message.TrimEnd('.')}): start the sweep in a new folder", e);
        }
    }

    /// <summary>The folder that a sweep goes to when none is named: the same sweep has the same one, so that it goes on.</summary>
    public static string FolderFor(RunManifest manifest)
    {
        var all = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["settings"] = manifest.Settings.DeepClone(),
            ["fingerprints"] = new JsonArray([.. manifest.Fingerprints.Select(p => JsonValue.Create($"{p.Key} {p.Value}"))]),
        }, ZoneSweepJson.Default.JsonObject);
        return Path.Combine(RunCatalog.DefaultFolder, $"zones-{Convert.ToHexStringLower(SHA256.HashData(all))[..12]}");
    }

    /// <summary>All cells of the heat map.</summary>
    public IReadOnlyList<ZoneCell> Cells() => ZoneCell.Grid([.. Zones.Select(ZoneOf)], Layers, Strengths, MaskModes.FromId(Mode)!.Value);

    private static Zone ZoneOf(string text) => text.Contains('=', StringComparison.Ordinal) ? Zone.Parse(text) : Zone.Find(text);

    internal static string Model(string name) => $"model {name}";

    internal static string EngineOf() => $"ONNX Runtime {DeviceChoice.EngineVersion}, conventions {Methods.Analyses.AnalysisMetadata.Conventions}";

    internal static string HashOf(IReadOnlyList<string> files, bool skipBad, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in files)
        {
            cancellation.ThrowIfCancellationRequested();
            using var file = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(file));
        }

        hash.AppendData([skipBad ? (byte)1 : (byte)0]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>What a user asks a sweep for.</summary>
public sealed record ZoneSweepRequest
{
    /// <summary>The models.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>Files of questions.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>How many questions at most.</summary>
    public int? Limit { get; init; }

    /// <summary>Ids of zones, or zones of the user's own.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [.. Zone.Paper.Select(z => z.Id)];

    /// <summary>The layers; all where null.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>How strongly.</summary>
    public IReadOnlyList<float> Strengths { get; init; } = [1];

    /// <summary>Before the softmax or after it.</summary>
    public MaskMode Mode { get; init; } = MaskMode.Score;

    /// <summary>Leave out malformed questions.</summary>
    public bool SkipBad { get; init; }

    /// <summary>How many questions a cell file holds; follows from how many there are where null.</summary>
    public int? Slice { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ZoneSweep))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ZoneSweepJson : JsonSerializerContext;
