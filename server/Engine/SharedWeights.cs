using System.Runtime.InteropServices;
using AttentionServer.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace AttentionServer.Engine;

/// <summary>
/// The weights of one model, once in memory for all its sessions: the tensors as they lie in the mapped file (small ones copied), and
/// the packed copies that the runtime's kernels make of them.
/// </summary>
public sealed class SharedWeights(Func<string, long[], (nint Pointer, long Bytes)> find, Action? letPagesGo = null) : IDisposable
{
    // Biases and scales are copied: read in every run, they would keep the pages of the matrices around them in memory.
    private const int SmallBytes = 64 << 10;

    private const int Alignment = 64;

    private readonly List<nint> _copies = [];
    private readonly Dictionary<string, OrtValue> _values = [];
    private readonly Lock _lock = new();

    internal PrePackedWeightsContainer Prepacked { get; } = new();

    /// <summary>While a session copies the weights: see <see cref="PackedPages"/>.</summary>
    internal PackedPages? WhileCopying() => letPagesGo == null ? null : new(letPagesGo);

    internal OrtValue Get(Value weight)
    {
        lock (_lock)
        {
            if (_values.TryGetValue(weight.Name, out var known))
                return known;
            var dims = weight.Shape.Select(d => d.Factor).ToArray();
            var (pointer, bytes) = find(weight.Name, dims);
            if (bytes <= SmallBytes)
                pointer = Copy(pointer, bytes);
            return _values[weight.Name] = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, TensorElementType.Float, dims, pointer, bytes);
        }
    }

    private unsafe nint Copy(nint pointer, long bytes)
    {
        var copy = NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        _copies.Add((nint)copy);
        NativeMemory.Copy((void*)pointer, copy, (nuint)bytes);
        return (nint)copy;
    }

    /// <inheritdoc/>
    public unsafe void Dispose()
    {
        foreach (var value in _values.Values)
            value.Dispose();
        Prepacked.Dispose();
        foreach (var copy in _copies)
            NativeMemory.AlignedFree((void*)copy);
    }
}
