using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>The outputs of one run; their memory lives until this is disposed.</summary>
public sealed class RunResult : IDisposable
{
    private readonly Dictionary<string, OrtValue> _values;
    private readonly IDisposable _owner;

    internal RunResult(string[] names, IDisposableReadOnlyCollection<OrtValue> values)
    {
        _owner = values;
        _values = names.Zip(values).ToDictionary(p => p.First, p => p.Second);
    }

    /// <summary>The names of the outputs.</summary>
    public IEnumerable<string> Names => _values.Keys;

    /// <summary>True when the run returned this output.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The elements of an output, row-major.</summary>
    public ReadOnlySpan<float> Floats(string name) => _values[name].GetTensorDataAsSpan<float>();

    /// <summary>The dimensions of an output.</summary>
    public long[] Dims(string name) => _values[name].GetTensorTypeAndShape().Shape;

    /// <inheritdoc/>
    public void Dispose() => _owner.Dispose();
}
