using System.Text.Json;

namespace AttentionServer.Models.Checkpoints;

/// <summary>Finds the files a folder's tensors lie in: one, or the shards that an index names.</summary>
internal static class CheckpointShards
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    public static IReadOnlyList<string> Find(string folder)
    {
        var single = Path.Combine(folder, Single);
        if (File.Exists(single))
            return [single];
        var index = Path.Combine(folder, Index);
        if (!File.Exists(index))
            throw new CheckpointException($"weights: {folder}: there is neither {Single} nor {Index}: choose a folder in Hugging Face layout");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index));
            var shards = document.RootElement.GetProperty("weight_map").EnumerateObject().Select(p => p.Value.GetString()!).Distinct().Order(StringComparer.Ordinal).ToList();
            foreach (var shard in shards)
                if (Path.GetFileName(shard) != shard)
                    throw new CheckpointException($"weights: {index}: the shard '{shard}' is no file of this folder: download the model again");
                else if (!File.Exists(Path.Combine(folder, shard)))
                    throw new CheckpointException($"weights: {folder}: the shard {shard} is missing: download the model again");
            return [.. shards.Select(s => Path.Combine(folder, s))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
        {
            throw new CheckpointException($"weights: {index}: it is not an index of shards: download the model again");
        }
    }
}
