using AttentionServer.Engine;

namespace AttentionServer.Methods;

/// <summary>
/// Methods at work on one text: one trace with all they need, one target, and every result computed once however many
/// methods build on it. Not for use by several threads.
/// </summary>
public sealed class MethodRun : IDisposable
{
    private readonly Lazy<Trace> _trace;
    private readonly Lazy<(Target Target, Tensor Logits)> _target;
    private readonly Dictionary<string, Scores> _scores = [];
    private readonly Dictionary<string, object> _shared = [];
    private readonly List<string> _notes = [];
    private readonly CancellationToken _cancellation;

    /// <summary>Prepares a run; the model is asked when the first trace is needed.</summary>
    public MethodRun(Model model, TokenInput input, IReadOnlyList<Method> methods, TraceRequest kept, CancellationToken cancellation)
    {
        (Model, Input, _cancellation) = (model, input, cancellation);
        var wanted = Closure(methods).Aggregate(kept, (request, method) => request.With(method.Needs));
        _trace = new(() => model.Trace(input, wanted, cancellation));
        _target = new(() =>
        {
            using var trace = model.Trace(input, new() { Logits = true, WordsAt = Choice.WordsAt(model, input) }, cancellation);
            var logits = trace.Logits ?? throw new MethodException($"target: {model.Name}: it is a bare encoder and predicts nothing: choose a model with a head");
            return (Choice.Resolve(model, input, logits), new(logits.ToArray(), logits.Shape));
        });
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The text.</summary>
    public TokenInput Input { get; }

    /// <summary>What the prediction to explain is; what the user leaves open is what the model predicts itself.</summary>
    public TargetChoice Choice { get; init; } = TargetChoice.Own;

    /// <summary>The forward pass over the text, with all that the methods of this run need.</summary>
    public Trace Trace => _trace.Value;

    /// <summary>The prediction that methods explain.</summary>
    public Target Target => _target.Value.Target;

    /// <summary>The logits that the target is among: of word heads, those at its places.</summary>
    public Tensor Logits => _target.Value.Logits;

    /// <summary>Told the share of a method that is done, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>What readers of the results should know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Adds something readers of the results should know.</summary>
    public void Note(string sentence) => _notes.Add(sentence);

    /// <summary>The scores of a method, computed when first asked for.</summary>
    public Scores Of(Method method)
    {
        if (_scores.TryGetValue(method.Id, out var known))
            return known;
        _cancellation.ThrowIfCancellationRequested();
        Allow(method);
        return _scores[method.Id] = method.Compute(this, _cancellation);
    }

    /// <summary>The scores of a method that another one builds on.</summary>
    public Scores Of(string id) => Of(MethodRegistry.Find(id));

    /// <summary>Something several methods need, made once.</summary>
    public T Shared<T>(string name, Func<T> make)
        where T : class
    {
        if (!_shared.TryGetValue(name, out var known))
            _shared[name] = known = make();
        return (T)known;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var shared in _shared.Values.OfType<IDisposable>())
            shared.Dispose();
        if (_trace.IsValueCreated)
            _trace.Value.Dispose();
    }

    private static IEnumerable<Method> Closure(IEnumerable<Method> methods) =>
        methods.SelectMany(m => Closure(m.BuildsOn.Select(MethodRegistry.Find)).Prepend(m));

    /// <summary>Refuses what would not fit, before it starts.</summary>
    private void Allow(Method method)
    {
        var (needed, allowed) = (method.Cost(Model, Input.Length).Bytes, Model.Settings.EffectiveMemoryLimit);
        if (needed > allowed)
        {
            throw new MethodException(
                $"method '{method.Id}': {Input.Length} tokens: it needs {needed / 1e9:0.0} GB of memory and {allowed / 1e9:0.0} GB are allowed: choose a shorter text or a smaller model");
        }
    }
}
