using System.Collections.Concurrent;
using System.Text;

namespace AttentionServer.Models.Checkpoints;

/// <summary>
/// The configuration and tensors of a model. Tensors stored as 32-bit floats are used where they lie in the file, others
/// are widened once. Every member may be called from any thread, as long as nobody disposes it meanwhile.
/// </summary>
public sealed class Checkpoint : IWeightSource, IDisposable
{
    private const string ConfigName = "config.json";
    private const int MaximumConfigBytes = 16 << 20;

    private readonly CheckpointShards? _shards;
    private readonly int _seed;
    private readonly string _wrapper;
    private readonly ConcurrentDictionary<string, Lazy<WeightTensor>> _weights = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<NativeBuffer> _owned = [];
    private readonly Lazy<string> _hash;
    private volatile bool _disposed;

    private Checkpoint(string folder, byte[] config, CheckpointShards? shards, int seed)
    {
        Folder = folder;
        Config = ModelConfig.Parse(Encoding.UTF8.GetString(config), folder);
        _shards = shards;
        _seed = seed;
        _wrapper = TensorNames.Wrapper([.. Tensors.Keys]);
        Stored = [.. Tensors.Values.Where(t => !TensorNames.IsBuffer(t.Name))];
        Fingerprint = shards == null ? CheckpointHash.OfSeed(config, seed) : CheckpointHash.OfHeaders(config, shards);
        _hash = new(() => shards == null ? Fingerprint : CheckpointHash.OfContent(config, shards));
    }

    /// <summary>Where it was opened.</summary>
    public string Folder { get; }

    /// <summary>config.json.</summary>
    public ModelConfig Config { get; }

    /// <summary>The weights as they are stored; masks and position ids, which some files carry along, are left out.</summary>
    public IReadOnlyCollection<StoredTensor> Stored { get; }

    /// <summary>SHA-256 over the configuration and every tensor, the same however it is split into files; computed when first asked for.</summary>
    public string Hash
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _hash.Value;
        }
    }

    /// <summary>A cheap stand-in for <see cref="Hash"/>: SHA-256 over the configuration, the headers, and the sizes and times of the files.</summary>
    public string Fingerprint { get; }

    /// <summary>Bytes of the weight files on disk.</summary>
    public long FileBytes => _shards?.Files.Sum(f => f.File.Length) ?? 0;

    private IReadOnlyDictionary<string, StoredTensor> Tensors => _shards?.Tensors ?? new Dictionary<string, StoredTensor>();

    /// <summary>Opens a folder in Hugging Face layout; reads the headers only.</summary>
    public static Checkpoint Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new CheckpointException($"model: {folder}: there is no such folder: check the path");
        var config = Path.Combine(folder, ConfigName);
        if (!File.Exists(config))
            throw new CheckpointException($"config.json: {folder}: it is missing: choose a folder in Hugging Face layout");
        var bytes = SmallFile.Read(config, MaximumConfigBytes);
        var shards = CheckpointShards.Open(folder);
        try
        {
            return new(Path.GetFullPath(folder), bytes, shards, 0);
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    /// <summary>A checkpoint of seeded random numbers that lies in memory and has every tensor it is asked for; for timing.</summary>
    public static Checkpoint Random(string config, int seed) => new("memory", Encoding.UTF8.GetBytes(config), null, seed);

    /// <summary>True when it has a tensor, under any of its spellings.</summary>
    public bool Has(string name) => _shards == null || Find(name) != null;

    /// <inheritdoc/>
    public void Require(string name, params long[] shape) => Get(name, shape);

    /// <summary>A tensor as 32-bit floats; a missing or misshapen one is an error that names it.</summary>
    public WeightTensor Get(string name, params long[] shape) => GetFirst([name], shape);

    /// <summary>The first of these tensors that it has: tied weights are stored under one of several names.</summary>
    public WeightTensor GetFirst(IReadOnlyList<string> names, params long[] shape)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_shards == null)
            return _weights.GetOrAdd($"{names[0]} {ShapeText.Of(shape)}", _ => new(() => MakeUp(names[0], shape))).Value;
        var stored = names.Select(Find).FirstOrDefault(t => t != null) ?? throw Missing(names);
        if (!stored.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new CheckpointException(
                $"tensor '{stored.Name}': {stored.File.Path}: it has the shape {ShapeText.Of(stored.Shape)} where config.json asks for "
                + $"{ShapeText.Of(shape)}: do the files belong together?");
        }

        return Read(stored);
    }

    /// <summary>Where a tensor's first infinity or NaN is, counted in numbers; null when all are finite.</summary>
    public unsafe long? FirstNonFinite(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var weight = Read(Find(name) ?? throw Missing([name]));
        var index = Widening.FirstNonFinite((float*)weight.Pointer, weight.Bytes / sizeof(float));
        return index < 0 ? null : index;
    }

    /// <summary>
    /// Takes the weight files out of the process's resident memory. Reading a tensor brings its pages back, so this is for
    /// when most of them have been copied elsewhere.
    /// </summary>
    public void LetPagesGo()
    {
        foreach (var file in _shards?.Files ?? [])
            file.File.LetPagesGo();
    }

    /// <summary>Unmaps the files and frees what was widened; no tensor of it may be in use any more.</summary>
    public void Dispose()
    {
        _disposed = true;
        _shards?.Dispose();
        Free();
    }

    private StoredTensor? Find(string name)
    {
        foreach (var spelling in TensorNames.Spellings(name, Config.BasePrefix))
        {
            if (Tensors.TryGetValue(_wrapper + spelling, out var stored) && !TensorNames.IsBuffer(spelling))
                return stored;
        }

        return null;
    }

    // Under the name in the file, so that tied weights are widened once.
    private WeightTensor Read(StoredTensor stored) => _weights.GetOrAdd(stored.Name, _ => new(() => Widen(stored))).Value;

    private unsafe WeightTensor Widen(StoredTensor stored)
    {
        if (!stored.Type.IsFloat())
        {
            throw new CheckpointException(
                $"tensor '{stored.Name}': {stored.File.Path}: weights must be floats and it holds {stored.Type.Name()}: use a model that is not quantised");
        }

        using var hold = stored.File.Keep();
        if (stored.Type == DType.F32 && stored.Pointer % sizeof(float) == 0)
            return new(stored.Name, stored.Shape, stored.Pointer, stored.Length);
        var buffer = new NativeBuffer(stored.Count * sizeof(float));
        Widening.ToFloat(stored.Type, (byte*)stored.Pointer, (float*)buffer.Pointer, stored.Count);
        stored.File.LetPagesGo();
        return Own(buffer, stored.Name, stored.Shape, stored.Count);
    }

    private unsafe WeightTensor MakeUp(string name, long[] shape)
    {
        var bytes = DType.F32.ByteLength(shape)
            ?? throw new CheckpointException($"tensor '{name}': memory: the shape {ShapeText.Of(shape)} is too large: choose a smaller model");
        var buffer = new NativeBuffer(bytes);
        RandomWeights.Fill(new Span<float>((void*)buffer.Pointer, checked((int)(bytes / sizeof(float)))), name, shape.Length, _seed);
        return Own(buffer, name, shape, bytes / sizeof(float));
    }

    /// <summary>Only filled buffers come here, so that a Dispose elsewhere cannot free one that is being written.</summary>
    private WeightTensor Own(NativeBuffer buffer, string name, long[] shape, long count)
    {
        _owned.Add(buffer);
        if (_disposed)
            Free();
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(name, shape, buffer.Pointer, count * sizeof(float));
    }

    private void Free()
    {
        while (_owned.TryTake(out var buffer))
            buffer.Dispose();
    }

    private CheckpointException Missing(IReadOnlyList<string> names)
    {
        var others = names.Count == 1 ? "" : $", nor {string.Join(", ", names.Skip(1).Select(n => $"'{n}'"))}";
        var near = NearNames.Of(names[0], Stored.Select(t => t.Name[_wrapper.Length..]));
        var has = near.Count == 0 ? "" : $"; it has {string.Join(", ", near.Select(SafetensorsHeader.Shown))}";
        return new($"tensor '{names[0]}': {Folder}: the checkpoint does not have it{others}{has}: is it a complete {Config.ModelType} model?");
    }
}
