using AttentionServer.Engine.Interventions;
using AttentionServer.Graphs;
using AttentionServer.Models;
using AttentionServer.Models.Architectures;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Text;

namespace AttentionServer.Engine;

/// <summary>
/// A checkpoint made ready to run. Sessions are composed on demand, one per <see cref="GraphSpec"/>, and share the
/// weights, so that asking for something new costs milliseconds and no memory.
/// </summary>
public sealed partial class Model : IDisposable
{
    private readonly Dictionary<string, float[]> _derived = [];
    private readonly SessionCache _sessions;
    private readonly Lazy<Tokenizer> _tokenizer;

    private Model(string name, Checkpoint checkpoint, ExecutionSettings settings, DeviceChoice device)
    {
        Name = name;
        Checkpoint = checkpoint;
        Architecture = ArchitectureRegistry.For(checkpoint);
        Head = Architecture.HeadOf(checkpoint);
        Settings = settings;
        // Lazy keeps a failure too, so a folder without a vocabulary is searched once.
        _tokenizer = new(() => Tokenizer.Load(checkpoint.Folder));
        _sessions = new(name, new SharedWeights((weight, dims) =>
        {
            var tensor = checkpoint.Get(weight, dims);
            return (tensor.Pointer, tensor.Bytes);
        }, checkpoint.LetPagesGo), device);
    }

    /// <summary>The name it was asked for by.</summary>
    public string Name { get; }

    /// <summary>The tensors and the configuration.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>config.json.</summary>
    public ModelConfig Config => Checkpoint.Config;

    /// <summary>How its graph is composed.</summary>
    public Architecture Architecture { get; }

    /// <summary>What it predicts; null for a bare encoder.</summary>
    public HeadKind? Head { get; }

    /// <summary>How it was asked to run.</summary>
    public ExecutionSettings Settings { get; }

    /// <summary>Where it runs; the processor, and why, after another device failed it.</summary>
    public DeviceChoice Device => _sessions.Device;

    /// <summary>The model's own tokenizer, read when first needed.</summary>
    public Tokenizer Tokenizer => _tokenizer.Value;

    /// <summary>The token of an id, or "#id" where the folder comes without a vocabulary.</summary>
    public string TokenOf(int id)
    {
        try
        {
            return Tokenizer.TokenOf(id);
        }
        catch (TokenizerException)
        {
            return $"#{id}";
        }
    }

    /// <summary>The roles of a text's tokens: by the tokenizer, or by the ids where the folder comes without a vocabulary.</summary>
    public TokenRoles RolesIn(TokenInput text)
    {
        var roles = Architecture.Roles(Config, text.Ids);
        try
        {
            var known = Tokenizer.Special;
            int?[] special = [known.Cls, known.Sep, known.Bos, known.Eos, known.Pad];
            roles = new(Architecture.Causal ? known.Eos ?? roles.Blank : known.Mask ?? roles.Blank, special.OfType<int>().ToHashSet());
        }
        catch (TokenizerException)
        {
            // The ids are all there is.
        }

        return roles.Blank == null ? roles with { Blank = Config.PadTokenId } : roles;
    }

    /// <summary>The most tokens a text can have.</summary>
    public int MaxTokens => Architecture.MaxTokens(Config);

    /// <summary>Opens a folder in Hugging Face layout.</summary>
    public static Model Open(string name, string folder, ExecutionSettings settings) => From(name, Checkpoint.Open(folder), settings);

    /// <summary>Makes a checkpoint ready to run, and owns it from now on.</summary>
    public static Model From(string name, Checkpoint checkpoint, ExecutionSettings settings) => From(name, checkpoint, settings, () => DeviceChoice.For(settings));

    internal static Model From(string name, Checkpoint checkpoint, ExecutionSettings settings, Func<DeviceChoice> device)
    {
        try
        {
            return new(name, checkpoint, settings, device());
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>One forward pass over one text.</summary>
    public Trace Trace(TokenInput input, TraceRequest wanted, CancellationToken cancellation)
    {
        if (wanted.IsNothing(Head))
        {
            // ONNX Runtime refuses to run for nothing; what the text is checked for stays the same.
            Check(input);
            return new Trace(null, input);
        }

        var run = Run([input], wanted, cancellation);
        return Read(run, run, [input], 0, wanted, first: 0);
    }

    /// <summary>One forward pass over several texts, padded to the longest; padding is cut off again.</summary>
    public IReadOnlyList<Trace> TraceBatch(IReadOnlyList<TokenInput> inputs, TraceRequest wanted, CancellationToken cancellation)
    {
        using var run = Run(inputs, wanted, cancellation);
        return [.. inputs.Select((_, i) => Read(run, null, inputs, i, wanted, first: 0))];
    }

    /// <summary>Products and sums of one text's forward pass, as the literature counts them: two for each multiply-add.</summary>
    public double ForwardFlops(int tokens)
    {
        double t = tokens, d = Config.Hidden, inner = Config.Heads * Config.HeadSize, f = Config.Intermediate;
        return Config.Layers * ((2 * t * ((4 * d * inner) + (2 * d * f))) + (4 * t * t * inner));
    }

    /// <summary>The same of a pass that is resumed at a layer.</summary>
    public double ForwardFlops(int tokens, int firstLayer) => ForwardFlops(tokens) * (Config.Layers - firstLayer) / Config.Layers;

    /// <summary>Bytes that one text's forward pass has in memory at once, without the weights: scores and probabilities of a layer and its widest rows.</summary>
    public long ForwardBytes(int tokens) => sizeof(float) * (((long)Config.Heads * tokens * tokens * 3) + ((long)tokens * ((2 * Config.Intermediate) + (8 * Config.Hidden))));

    /// <summary>The weights of a block.</summary>
    public BlockWeights Block(int layer) => new(this, layer);

    /// <summary>A weight as it is stored; a missing or misshapen one is an error that names it.</summary>
    public unsafe ReadOnlySpan<float> Weight(string name, params long[] shape)
    {
        var weight = Checkpoint.Get(name, shape);
        return new((void*)weight.Pointer, checked((int)(weight.Bytes / sizeof(float))));
    }

    /// <summary>Numbers that follow from the weights alone: made when first asked for, kept while the model is open.</summary>
    public float[] Derived(string name, Func<float[]> make)
    {
        lock (_derived)
        {
            if (!_derived.TryGetValue(name, out var known))
                _derived[name] = known = make();
            return known;
        }
    }

    /// <summary>
    /// Runs a graph of a method's own on the model's device, composed when its name is first asked for. Weights it
    /// declares are the checkpoint's, shared with all other sessions.
    /// </summary>
    public RunResult Compute(string graph, Func<GraphBuilder> compose, IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation)
    {
        var values = inputs.ToDictionary(i => i.Key, i => i.Value.ToOrtValue());
        try
        {
            return _sessions.Run(graph, compose, values, cancellation);
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    /// <summary>The same for a graph with one output, written where the caller wants it.</summary>
    public void Compute(string graph, Func<GraphBuilder> compose, IReadOnlyDictionary<string, Tensor> inputs, Tensor output, CancellationToken cancellation)
    {
        var values = inputs.ToDictionary(i => i.Key, i => i.Value.ToOrtValue());
        using var into = output.ToOrtValue();
        try
        {
            _sessions.Run(graph, compose, session =>
            {
                session.Run(values, into, cancellation);
                return true;
            });
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sessions.Dispose();
        Checkpoint.Dispose();
    }

    private RunResult Run(IReadOnlyList<TokenInput> inputs, TraceRequest wanted, CancellationToken cancellation)
    {
        foreach (var input in inputs)
            Check(input);
        var padded = inputs.Any(i => i.Length != inputs[0].Length);
        var sites = inputs.SelectMany(i => InterventionFeeds.Sites(i.Interventions, Config));
        var spec = wanted.Spec(Head, padded) with { Interventions = new(sites) };
        using var feeds = new Feeds(inputs, spec, Architecture, Config, wanted.WordsAt);
        return _sessions.Run(spec, () => Architecture.Compose(Checkpoint, spec), feeds.Values, cancellation);
    }

    private Trace Read(RunResult run, IDisposable? owner, IReadOnlyList<TokenInput> inputs, int item, TraceRequest wanted, int first)
    {
        int tokens = inputs[item].Length, layers = Config.Layers - first, heads = Config.Heads, size = Config.HeadSize;
        Tensor[] PerLayer(bool present, int count, Func<int, string> name, params int[] shape) =>
            present ? [.. Enumerable.Range(first, count).Select(l => Part(name(l), shape))] : [];

        Tensor Part(string name, int[] shape)
        {
            // The run's tensors start with the batch axis, except word logits of picked rows, text after text.
            var dims = run.Dims(name).Select(d => checked((int)d)).ToArray();
            var whole = dims.Length == shape.Length + 1 ? dims[1..] : shape;
            var part = new Tensor(run, name, item * whole.Aggregate(1, (a, b) => a * b), whole);
            var cropped = part.Crop(shape);
            return owner == null && ReferenceEquals(cropped, part) ? new(part.Span.ToArray(), shape) : cropped;
        }

        return new Trace(owner, inputs[item])
        {
            FirstLayer = first,
            Attentions = PerLayer(wanted.Attentions, layers, GraphNames.Attention, heads, tokens, tokens),
            Queries = PerLayer(wanted.QueriesKeysValues, layers, GraphNames.Query, heads, tokens, size),
            Keys = PerLayer(wanted.QueriesKeysValues, layers, GraphNames.Key, heads, tokens, size),
            Values = PerLayer(wanted.QueriesKeysValues, layers, GraphNames.Value, heads, tokens, size),
            HiddenStates = PerLayer(wanted.HiddenStates, layers + 1, GraphNames.Hidden, tokens, Config.Hidden),
            AttentionSums = PerLayer(wanted.BlockSums, layers, GraphNames.AttentionSum, tokens, Config.Hidden),
            BlockSums = PerLayer(wanted.BlockSums, layers, GraphNames.BlockSum, tokens, Config.Hidden),
            Logits = wanted.Logits && Head is { } head ? Part(GraphNames.Logits(head), LogitsShape(head, tokens, wanted)) : null,
        };
    }

    private int[] LogitsShape(HeadKind head, int tokens, TraceRequest wanted) => head switch
    {
        HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel => [wanted.WordsAt?.Length ?? tokens, Config.VocabularySize],
        HeadKind.QuestionAnswering => [2, tokens],
        HeadKind.Classification => [Config.Labels.Count],
        HeadKind.TokenClassification => [tokens, Config.Labels.Count],
        _ => [tokens],
    };

    private void Check(TokenInput input)
    {
        if (input.Length == 0)
            throw new EngineException($"text: {Name}: there is no token to run the model on: give it some text");
        if (input.Length > MaxTokens)
            throw new EngineException($"text: {input.Length} tokens: {Name} has positions for {MaxTokens}: give it a shorter text");
        if (input.TypeIds.Length != input.Length)
            throw new EngineException($"segments: {input.TypeIds.Length} for {input.Length} tokens: give one for each token");
        InterventionCheck.Check(input, Config, Name);
        foreach (var id in input.Ids)
            if ((uint)id >= (uint)Config.VocabularySize)
                throw new EngineException($"token id {id}: {Name} has a vocabulary of {Config.VocabularySize}: does the tokenizer belong to this model?");
        if (Config.TakesTokenTypes)
            foreach (var type in input.TypeIds)
                if ((uint)type >= (uint)Config.TypeVocabularySize)
                    throw new EngineException($"segment {type}: {Name} knows segments 0 to {Config.TypeVocabularySize - 1}");
    }
}
