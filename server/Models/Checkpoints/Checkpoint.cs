using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace AttentionServer.Models.Checkpoints;

/// <summary>The configuration and tensors of a model. Tensors stored as 32-bit floats are used where they lie in the file.</summary>
public sealed class Checkpoint : IDisposable
{
    private readonly string _configText;
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, StoredTensor> _stored = [];
    private readonly Dictionary<string, WeightTensor> _weights = [];
    private readonly List<nint> _owned = [];
    private readonly int? _seed;
    private readonly Lock _lock = new();
    private readonly Lazy<string> _hash;

    private Checkpoint(string folder, string configText, IReadOnlyList<string> shards, int? seed)
    {
        Folder = folder;
        _configText = configText;
        _seed = seed;
        _hash = new(ComputeHash);
        Config = ModelConfig.Parse(configText, folder);
        try
        {
            foreach (var shard in shards)
            {
                var file = SafetensorsFile.Open(shard);
                _files.Add(file);
                foreach (var (name, tensor) in file.Tensors)
                    if (!_stored.TryAdd(name, tensor))
                        throw new CheckpointException($"tensor '{name}': {folder}: two shards have it: download the model again");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it was opened.</summary>
    public string Folder { get; }

    /// <summary>config.json.</summary>
    public ModelConfig Config { get; }

    /// <summary>The tensors as they are stored.</summary>
    public IReadOnlyCollection<StoredTensor> Stored => _stored.Values;

    /// <summary>SHA-256 over the configuration and every byte of the files; computed when first asked for.</summary>
    public string Hash => _hash.Value;

    /// <summary>A cheap stand-in for <see cref="Hash"/>: configuration, sizes and times of the files.</summary>
    public string Fingerprint => _seed is { } seed
        ? $"{_configText}#{seed}"
        : $"{_configText}#{string.Join('|', _files.Select(f => new FileInfo(f.Path)).Select(f => $"{f.FullName}:{f.Length}:{f.LastWriteTimeUtc.Ticks}"))}";

    /// <summary>Opens a folder in Hugging Face layout.</summary>
    public static Checkpoint Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new CheckpointException($"model: {folder}: there is no such folder: check the path");
        var config = Path.Combine(folder, "config.json");
        if (!File.Exists(config))
            throw new CheckpointException($"config.json: {folder}: it is missing: choose a folder in Hugging Face layout");
        return new(Path.GetFullPath(folder), File.ReadAllText(config), CheckpointShards.Find(folder), null);
    }

    /// <summary>A checkpoint of seeded random numbers that lies in memory and has every tensor it is asked for; for timing.</summary>
    public static Checkpoint Random(string config, int seed) => new("memory", config, [], seed);

    /// <summary>True when it has a tensor, under any of its spellings.</summary>
    public bool Has(string name) => _seed != null || TensorNames.Spellings(name).Any(_stored.ContainsKey);

    /// <summary>A tensor as 32-bit floats; a missing or misshapen one is an error that names it.</summary>
    public WeightTensor Get(string name, params long[] shape)
    {
        lock (_lock)
        {
            if (_weights.TryGetValue(name, out var known) && known.Shape.AsSpan().SequenceEqual(shape))
                return known;
            return _weights[name] = _seed is { } seed ? MakeUp(name, shape, seed) : Read(name, shape);
        }
    }

    /// <inheritdoc/>
    public unsafe void Dispose()
    {
        foreach (var memory in _owned)
            NativeMemory.AlignedFree((void*)memory);
        _owned.Clear();
        foreach (var file in _files)
            file.Dispose();
        _files.Clear();
    }

    private unsafe WeightTensor Read(string name, long[] shape)
    {
        var stored = TensorNames.Spellings(name).Select(s => _stored.GetValueOrDefault(s)).FirstOrDefault(t => t != null)
            ?? throw new CheckpointException(
                $"tensor '{name}': {Folder}: the checkpoint does not have it{(TensorNames.Near(name, _stored.Keys).ToList() is { Count: > 0 } near ? $"; it has {string.Join(", ", near)}" : "")}: is it a complete {Config.ModelType} model?");
        if (!stored.Shape.AsSpan().SequenceEqual(shape))
            throw new CheckpointException(
                $"tensor '{stored.Name}': {Folder}: it has the shape [{string.Join(',', stored.Shape)}] where config.json asks for [{string.Join(',', shape)}]: do the files belong together?");
        if (stored.Type == DType.F32 && stored.Pointer % sizeof(float) == 0)
            return new(name, shape, stored.Pointer, stored.Length);

        var count = stored.Length / stored.Type.Size();
        var floats = (float*)Own(count * sizeof(float));
        Widen(stored, floats, count);
        return new(name, shape, (nint)floats, count * sizeof(float));
    }

    private unsafe void Widen(StoredTensor stored, float* to, long count)
    {
        var from = (byte*)stored.Pointer;
        switch (stored.Type)
        {
            case DType.F32:
                Buffer.MemoryCopy(from, to, count * sizeof(float), count * sizeof(float));
                break;
            case DType.F16:
                for (var i = 0L; i < count; i++)
                    to[i] = (float)BitConverter.UInt16BitsToHalf((ushort)(from[2 * i] | (from[(2 * i) + 1] << 8)));
                break;
            case DType.BF16:
                for (var i = 0L; i < count; i++)
                    to[i] = BitConverter.UInt32BitsToSingle((uint)((from[2 * i] | (from[(2 * i) + 1] << 8)) << 16));
                break;
            case DType.F64:
                for (var i = 0L; i < count; i++)
                    to[i] = (float)BitConverter.ToDouble(new ReadOnlySpan<byte>(from + (8 * i), 8));
                break;
            default:
                throw new CheckpointException($"tensor '{stored.Name}': {Folder}: weights must be floats and it holds {stored.Type.Name()}");
        }
    }

    private unsafe WeightTensor MakeUp(string name, long[] shape, int seed)
    {
        var count = shape.Aggregate(1L, (a, b) => a * b);
        var floats = (float*)Own(count * sizeof(float));
        // Normalisation scales near 1 keep hidden states in the range that real models have.
        var scale = name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) ? 1f : 0f;
        var random = new Random((seed * 7919) + _weights.Count);
        for (var i = 0L; i < count; i++)
            floats[i] = scale + ((random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f) * 0.04f);
        return new(name, shape, (nint)floats, count * sizeof(float));
    }

    private unsafe nint Own(long bytes)
    {
        var memory = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        _owned.Add(memory);
        return memory;
    }

    private string ComputeHash()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes(_configText));
        if (_seed is { } seed)
            sha.AppendData(BitConverter.GetBytes(seed));
        foreach (var path in _files.Select(f => f.Path))
        {
            using var stream = File.OpenRead(path);
            sha.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }
}
