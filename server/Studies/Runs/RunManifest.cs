using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AttentionServer.Studies.Runs;

/// <summary>What a run is: the study, its settings, and fingerprints of all that its numbers depend on.</summary>
public sealed record RunManifest
{
    /// <summary>The layout of run folders that this program writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The layout of the folder.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The study's name in the registry.</summary>
    public required string Study { get; init; }

    /// <summary>The run in one line, for people.</summary>
    public required string Title { get; init; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset Created { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>What its numbers depend on and a hash of each: "model attention-mini-qa", "data dev.json", "engine".</summary>
    public SortedDictionary<string, string> Fingerprints { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The study's own settings, from which it makes its plan.</summary>
    public JsonObject Settings { get; init; } = [];

    /// <summary>Jobs that were handed to a cluster for this run.</summary>
    public IReadOnlyList<RunJob> Jobs { get; init; } = [];

    /// <summary>The manifest as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RunJson.Default.RunManifest);

    /// <summary>Reads a manifest; the path is for what is said when it cannot be.</summary>
    public static RunManifest Parse(ReadOnlySpan<byte> json, string path)
    {
        RunManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(json, RunJson.Default.RunManifest) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new RunException($"run: {path}: this is no manifest of a run ({e.Message.TrimEnd('.')}): name the folder of a run, or start one in a new folder", e);
        }

        return manifest.Format == CurrentFormat
            ? manifest
            : throw new RunException($"run: {path}: its layout is version {manifest.Format}, this program knows version {CurrentFormat}: use the program that started it");
    }

    /// <summary>What the other run has otherwise, in words; null when both are the same run.</summary>
    public string? DifferenceFrom(RunManifest other)
    {
        if (Study != other.Study)
            return $"the study is {Study}, not {other.Study}";
        if (FingerprintDifference(other.Fingerprints, all: true) is { } changed)
            return changed;
        var (mine, theirs) = (Settings, other.Settings);
        var name = mine.Select(p => p.Key).Union(theirs.Select(p => p.Key)).FirstOrDefault(k => !JsonNode.DeepEquals(mine[k], theirs[k]));
        return name == null ? null : $"{name} is {Show(mine[name])}, not {Show(theirs[name])}";
    }

    /// <summary>The first fingerprint that is another one now, in words; null when none is.</summary>
    public string? FingerprintDifference(IReadOnlyDictionary<string, string> now, bool all)
    {
        foreach (var (name, value) in Fingerprints)
            if (now.TryGetValue(name, out var other) ? other != value : all)
                return other == null ? $"{name} is not part of it any more" : $"{name} has changed since ({Short(value)} then, {Short(other)} now)";
        return all && now.Keys.FirstOrDefault(k => !Fingerprints.ContainsKey(k)) is { } added ? $"{added} was not part of it" : null;
    }

    private static string Show(JsonNode? node) => node?.ToJsonString() ?? "not set";

    private static string Short(string hash) => hash.Length > 20 ? hash[..12] : hash;
}

/// <summary>A job of a cluster: who runs it, its id there, and how many cells were missing when it was handed in.</summary>
public sealed record RunJob(string Executor, string Id, int Cells, DateTimeOffset Submitted);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunManifest))]
internal sealed partial class RunJson : JsonSerializerContext;
