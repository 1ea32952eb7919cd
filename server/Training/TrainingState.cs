using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionServer.Models.Catalog;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Training;

/// <summary>Where a training is, besides its numbers.</summary>
internal sealed record TrainingPoint
{
    public long Step { get; init; }

    public required TrainingPlan Plan { get; init; }

    public DataPosition Position { get; init; }

    public long NextSave { get; init; }

    public long Tokens { get; init; }

    public double Seconds { get; init; }

    public double? BestLoss { get; init; }

    public double? BestAccuracy { get; init; }

    public long BestStep { get; init; }

    public int Worse { get; init; }

    public required string Fingerprint { get; init; }
}

[JsonSerializable(typeof(TrainingPoint))]
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
internal sealed partial class TrainingPointJson : JsonSerializerContext;

/// <summary>
/// What a training goes on from: one safetensors file, there whole or not at all, with the weights, both running means of
/// the optimiser and, as metadata, where it is. Random numbers follow from seed and step, so there is no state of theirs.
/// </summary>
internal static class TrainingState
{
    public const string FileName = TrainedModels.StateFile;

    private const string Key = "training";

    public static void Save(string folder, TrainingPoint point, Parameters parameters, AdamW optimiser)
    {
        var entries = new List<SafetensorsEntry>();
        foreach (var parameter in parameters.All)
        {
            foreach (var (part, slab) in Parts(parameters, optimiser))
                entries.Add(new($"{part}.{parameter.Name}", DType.F32, parameter.Shape, stream => stream.Write(MemoryMarshal.AsBytes(slab.Span(parameter.Offset, parameter.Count)))));
        }

        var json = JsonSerializer.Serialize(point, TrainingPointJson.Default.TrainingPoint);
        SafetensorsWriter.Write(Path.Combine(folder, FileName), entries, new Dictionary<string, string> { [Key] = json }, durable: true);
    }

    /// <summary>Where the training of a folder stands, without its numbers; null where there is no state that can be read.</summary>
    public static TrainingPoint? Peek(string folder)
    {
        try
        {
            using var file = SafetensorsFile.Open(Path.Combine(folder, FileName));
            return file.Metadata.TryGetValue(Key, out var json) ? JsonSerializer.Deserialize(json, TrainingPointJson.Default.TrainingPoint) : null;
        }
        catch (Exception e) when (e is UserException or IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Puts everything back; a state of other settings, data or parameters is an error.</summary>
    public static TrainingPoint Load(string folder, string fingerprint, Parameters parameters, AdamW optimiser)
    {
        var path = Path.Combine(folder, FileName);
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(Key, out var json))
            throw Broken(path, "it says nothing of where the training was");
        TrainingPoint point;
        try
        {
            point = JsonSerializer.Deserialize(json, TrainingPointJson.Default.TrainingPoint) ?? throw Broken(path, "it says nothing of where the training was");
        }
        catch (JsonException e)
        {
            throw Broken(path, e.Message.TrimEnd('.'));
        }

        if (point.Fingerprint != fingerprint)
            throw new TrainingException($"--resume: {path}: the training began with other settings or other data: give the same as then, or choose another --output");
        foreach (var parameter in parameters.All)
        {
            foreach (var (part, slab) in Parts(parameters, optimiser))
            {
                if (!file.Tensors.TryGetValue($"{part}.{parameter.Name}", out var stored) || !stored.Shape.AsSpan().SequenceEqual(parameter.Shape))
                    throw Broken(path, $"it lacks {part}.{parameter.Name} of this model");
                MemoryMarshal.Cast<byte, float>(stored.Bytes).CopyTo(slab.Span(parameter.Offset, parameter.Count));
            }
        }

        return point;
    }

    private static IEnumerable<(string Name, Slab Slab)> Parts(Parameters parameters, AdamW optimiser) =>
        [("weight", parameters.Values), ("first", optimiser.First), ("second", optimiser.Second)];

    private static TrainingException Broken(string path, string why) =>
        new(string.Create(CultureInfo.InvariantCulture, $"--resume: {path}: {why}: begin again with another --output"));
}
