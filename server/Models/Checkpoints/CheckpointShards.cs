using System.Text.Json;
using AttentionServer.Models.Catalog;
using AttentionServer.Models.Checkpoints.Torch;

namespace AttentionServer.Models.Checkpoints;

/// <summary>Finds the files a folder's tensors lie in, one or the shards that an index names, and opens them.</summary>
internal sealed class CheckpointShards : IDisposable
{
    private const string Safe = "model.safetensors";
    private const string IndexEnding = ".index.json";
    private const int MaximumIndexBytes = 64 << 20;

    // In the order of preference: both formats are read without running anything, the first is read with fewer steps.
    private static readonly (string Name, Func<string, ITensorFile> Open)[] Formats =
    [
        (Safe, SafetensorsFile.Open),
        ("pytorch_model.bin", TorchFile.Open),
    ];

    private readonly List<ITensorFile> _files = [];
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    private CheckpointShards() { }

    /// <summary>Every open file, by name.</summary>
    public IReadOnlyList<ITensorFile> Files => _files;

    /// <summary>The tensors of all files.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    public static CheckpointShards Open(string folder)
    {
        var shards = new CheckpointShards();
        try
        {
            foreach (var (name, open) in Formats)
            {
                var single = Path.Combine(folder, name);
                if (File.Exists(single))
                    shards.Add(open(single), only: null);
                else if (File.Exists(single + IndexEnding))
                    shards.AddIndexed(folder, single + IndexEnding, open);
                if (shards.Files.Count > 0)
                    return shards;
            }

            throw NoWeights(folder);
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    private void Add(ITensorFile file, IEnumerable<string>? only)
    {
        _files.Add(file);
        foreach (var name in only ?? file.Tensors.Keys)
            _tensors[name] = file.Tensors.GetValueOrDefault(name)
                ?? throw new CheckpointException(
                    $"tensor '{SafetensorsHeader.Shown(name)}': {file.File.Path}: the index says it is in this file, and it is not: download the model again");
    }

    private void AddIndexed(string folder, string index, Func<string, ITensorFile> open)
    {
        foreach (var shard in ReadIndex(index).GroupBy(p => p.Value, p => p.Key).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            // A plain name only: an index must not reach outside its folder.
            if (shard.Key is "" or "." or ".." || shard.Key.AsSpan().IndexOfAny("/\\:\0") >= 0)
            {
                throw new CheckpointException(
                    $"weights: {index}: the shard '{SafetensorsHeader.Shown(shard.Key)}' is no file of this folder: download the model again");
            }

            var path = Path.Combine(folder, shard.Key);
            if (!File.Exists(path))
                throw new CheckpointException($"weights: {folder}: the shard {SafetensorsHeader.Shown(shard.Key)} is missing: download the model again");
            Add(open(path), shard);
        }
    }

    /// <summary>The file of each tensor.</summary>
    private static Dictionary<string, string> ReadIndex(string path)
    {
        try
        {
            var map = new Dictionary<string, string>(StringComparer.Ordinal);
            using var document = JsonDocument.Parse(SmallFile.Read(path, MaximumIndexBytes), new JsonDocumentOptions { MaxDepth = 16 });
            foreach (var entry in document.RootElement.GetProperty("weight_map").EnumerateObject())
                map[entry.Name] = entry.Value.GetString() ?? throw new JsonException("a file name is null");
            return map;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CheckpointException($"weights: {path}: it is not an index of shards: download the model again", e);
        }
    }

    private static CheckpointException NoWeights(string folder)
    {
        string[] others = [".h5", ".msgpack", ".onnx", ".gguf", ".ckpt"];
        var other = Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .FirstOrDefault(n => others.Contains(Path.GetExtension(n)));
        return new CheckpointException(TrainedModels.IsUnfinished(folder)
            ? $"weights: {folder}: its training has not come to its end: go on with 'attention train resume {folder}' first"
            : other == null
            ? $"weights: {folder}: there is no {Safe}: choose a folder in Hugging Face layout"
            : $"weights: {folder}: there is {other} but no {Safe}: convert the weights to safetensors, or download a revision that has them");
    }
}
