using AttentionServer.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace AttentionServer.Engine;

/// <summary>
/// The weights of one model, once in memory for all its sessions: the tensors as they lie in the mapped file, and
/// the packed copies that the runtime's kernels make of them.
/// </summary>
public sealed class SharedWeights(Func<string, long[], (nint Pointer, long Bytes)> find, Action? letPagesGo = null) : IDisposable
{
    private readonly Dictionary<string, OrtValue> _values = [];
    private readonly Lock _lock = new();

    internal PrePackedWeightsContainer Prepacked { get; } = new();

    /// <summary>While a session copies the weights: see <see cref="PackedPages"/>.</summary>
    internal PackedPages? WhilePacking() => letPagesGo == null ? null : new(letPagesGo);

    internal OrtValue Get(Value weight)
    {
        lock (_lock)
        {
            if (_values.TryGetValue(weight.Name, out var known))
                return known;
            var dims = weight.Shape.Select(d => d.Factor).ToArray();
            var (pointer, bytes) = find(weight.Name, dims);
            return _values[weight.Name] = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.Float, dims, pointer, bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in _values.Values)
            value.Dispose();
        Prepacked.Dispose();
    }
}
