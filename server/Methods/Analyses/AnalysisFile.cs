using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Methods.Analyses;

/// <summary>The layout of an analysis file: tensors, and one metadata entry with everything else.</summary>
internal static class AnalysisFile
{
    private const string MetadataKey = "analysis";

    public static void Write(string path, IReadOnlyList<SafetensorsEntry> tensors, AnalysisMetadata metadata)
    {
        var entries = new Dictionary<string, string>
        {
            // The plain entries are for readers in other languages; the last one is what this program reads back.
            ["model"] = metadata.Model,
            ["checkpoint"] = metadata.Checkpoint,
            ["text"] = metadata.Text,
            ["methods"] = string.Join(',', metadata.Maps),
            ["conventions"] = $"{AnalysisMetadata.Conventions}",
            ["engine"] = metadata.Engine,
            ["device"] = metadata.Device,
            [MetadataKey] = JsonSerializer.Serialize(metadata, AnalysisJson.Default.AnalysisMetadata),
        };
        SafetensorsWriter.Write(path, tensors, entries);
    }

    /// <summary>The metadata; null when there is no readable analysis at that path.</summary>
    public static AnalysisMetadata? TryRead(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var file = SafetensorsFile.Open(path);
            return file.Metadata.TryGetValue(MetadataKey, out var json) ? JsonSerializer.Deserialize(json, AnalysisJson.Default.AnalysisMetadata) : null;
        }
        catch (Exception e) when (e is CheckpointException or JsonException or IOException)
        {
            return null;
        }
    }

    public static bool Has(string path, string tensor)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.ContainsKey(tensor);
    }

    public static int[] Integers(string path, string tensor)
    {
        using var file = SafetensorsFile.Open(path);
        return [.. MemoryMarshal.Cast<byte, long>(file.Tensors[tensor].Bytes).ToArray().Select(n => checked((int)n))];
    }

    public static (int[] Shape, byte[] Bytes) Read(string path, string tensor, int[] index)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Tensors.TryGetValue(tensor, out var found))
            throw new MethodException($"tensor '{tensor}': {path}: the analysis does not have it");
        var shape = found.Shape.Select(d => checked((int)d)).ToArray();
        if (index.Length > shape.Length)
            throw new MethodException($"tensor '{tensor}': {path}: it has {shape.Length} axes, not {index.Length}");
        long start = 0, size = found.Length;
        for (var axis = 0; axis < index.Length; axis++)
        {
            if ((uint)index[axis] >= (uint)shape[axis])
                throw new MethodException($"tensor '{tensor}': {path}: index {index[axis]} is outside axis {axis}, which has {shape[axis]}");
            size /= shape[axis];
            start += index[axis] * size;
        }

        return (shape[index.Length..], found.Slice(start, checked((int)size)).ToArray());
    }
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class KeyJson : JsonSerializerContext;
