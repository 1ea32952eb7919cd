using AttentionServer.Models;
using AttentionServer.Models.Architectures;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Training;

/// <summary>One tensor that a training changes.</summary>
/// <param name="Name">As Hugging Face's classes name it.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Offset">Where it begins in the memory of all parameters.</param>
/// <param name="Count">How many numbers it has.</param>
public sealed record Parameter(string Name, long[] Shape, long Offset, int Count)
{
    /// <summary>Whether weight decay applies: to matrices, not to biases and the scales of normalisations.</summary>
    public bool Decays => Shape.Length > 1;
}

/// <summary>
/// The weights of a model while it is trained, one after the other in memory. Which there are, is found out by composing the
/// graph once; what the checkpoint lacks of the head, or everything when there is none, starts from seeded numbers.
/// </summary>
public sealed class Parameters : IWeightSource, IDisposable
{
    // Whole cache lines, so that vectors never straddle two of them.
    private const int Alignment = 16;

    private readonly Checkpoint? _from;
    private readonly Dictionary<string, Parameter> _byName = new(StringComparer.Ordinal);
    private readonly List<Parameter> _all = [];
    private readonly List<string> _fresh = [];
    private long _size;

    private Parameters(ModelConfig config, string folder, Checkpoint? from) => (Config, Folder, _from) = (config, folder, from);

    /// <inheritdoc/>
    public ModelConfig Config { get; }

    /// <inheritdoc/>
    public string Folder { get; }

    /// <summary>All of them, in the order of their memory.</summary>
    public IReadOnlyList<Parameter> All => _all;

    /// <summary>How many numbers there are to train.</summary>
    public long Count => _all.Sum(p => (long)p.Count);

    /// <summary>Those that started from seeded numbers instead of a checkpoint's.</summary>
    public IReadOnlyList<string> Fresh => _fresh;

    internal Slab Values { get; private set; } = null!;

    internal long Size => _size;

    /// <summary>The parameters of a model with a head, from a checkpoint or from nothing.</summary>
    public static Parameters Of(ModelConfig config, string folder, HeadKind head, Checkpoint? from, int seed)
    {
        var parameters = new Parameters(config, folder, from);
        var architecture = ArchitectureRegistry.For(parameters);
        if (!architecture.Heads.Contains(head))
            throw new TrainingException($"{head.Title()}: {folder}: {architecture.Title} has no such head: train {string.Join(" or ", architecture.Heads.Select(h => h.Title()))}");
        _ = architecture.Compose(parameters, new() { Head = head, Training = new(Backward: false, Dropout: false) });
        parameters.Values = new(parameters._size);
        try
        {
            foreach (var parameter in parameters._all)
                parameters.Fill(parameter, seed);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }

        return parameters;
    }

    /// <summary>The numbers of a parameter.</summary>
    public Span<float> Of(Parameter parameter) => Values.Span(parameter.Offset, parameter.Count);

    /// <summary>The parameter of that name; null when there is none.</summary>
    public Parameter? Find(string name) => _byName.GetValueOrDefault(name);

    /// <inheritdoc/>
    public bool Has(string name) => _byName.ContainsKey(name) || (Values == null && _from != null && _from.Has(name) && !IsTied(name));

    /// <inheritdoc/>
    public void Require(string name, params long[] shape)
    {
        if (_byName.TryGetValue(name, out var known))
        {
            if (!known.Shape.AsSpan().SequenceEqual(shape))
                throw new InvalidOperationException($"{name} is asked for in two shapes");
            return;
        }

        if (Values != null)
            throw new InvalidOperationException($"{name} is new to a graph of the same model");
        var parameter = new Parameter(name, shape, _size, checked((int)shape.Aggregate(1L, (a, d) => a * d)));
        _size += (parameter.Count + Alignment - 1) / Alignment * Alignment;
        _byName.Add(name, parameter);
        _all.Add(parameter);
    }

    /// <inheritdoc/>
    public void Dispose() => Values?.Dispose();

    /// <summary>
    /// A decoder that was saved beside the word table it is tied to. Trained as two they would drift apart, and whoever
    /// loads the model ties them again.
    /// </summary>
    private bool IsTied(string name)
    {
        var table = ArchitectureRegistry.For(this).WordTable;
        long[] shape = [Config.VocabularySize, Config.EmbeddingSize];
        return name != table && name.EndsWith(".weight", StringComparison.Ordinal)
            && Stored(name, shape) is { } decoder && Stored(table, shape) is { } words && decoder.Floats.SequenceEqual(words.Floats);
    }

    /// <summary>A tensor of the checkpoint; null where it has none of that name and shape.</summary>
    private WeightTensor? Stored(string name, long[] shape)
    {
        try
        {
            return _from!.Has(name) ? _from.Get(name, shape) : null;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    private void Fill(Parameter parameter, int seed)
    {
        var values = Of(parameter);
        // A head of another shape, such as that of other classes, begins anew; of the rest nothing may be missing.
        if (_from != null && (IsOfHead(parameter.Name) ? Stored(parameter.Name, parameter.Shape) : _from.Get(parameter.Name, parameter.Shape)) is { } stored)
        {
            stored.Floats.CopyTo(values);
            if (values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) is var at and >= 0)
                throw new TrainingException($"tensor '{parameter.Name}': {Folder}: number {at} is not finite: a training cannot start from it; use another checkpoint");
            return;
        }

        _fresh.Add(parameter.Name);
        Initialisation.Fill(values, parameter, _from == null, Config, seed);
    }

    /// <summary>What a checkpoint may lack: a head, and the pooler that only classification uses.</summary>
    private bool IsOfHead(string name) => !name.StartsWith(Config.BasePrefix, StringComparison.Ordinal) || name.Contains(".pooler", StringComparison.Ordinal);
}
