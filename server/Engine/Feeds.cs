using AttentionServer.Models;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>The inputs of one run: texts side by side, the shorter ones padded.</summary>
internal sealed class Feeds : IDisposable
{
    private readonly Dictionary<string, OrtValue> _values = [];

    public Feeds(IReadOnlyList<TokenInput> inputs, GraphSpec spec, bool takesTokenTypes, int pad, int[]? picked)
    {
        int batch = inputs.Count, length = inputs.Max(i => i.Length);
        long[] shape = [batch, length];
        var ids = new long[batch * length];
        var types = new long[batch * length];
        var bias = new float[batch * length];
        for (var b = 0; b < batch; b++)
        {
            var input = inputs[b];
            for (var t = 0; t < length; t++)
            {
                var at = (b * length) + t;
                var real = t < input.Length;
                ids[at] = real ? input.Ids[t] : pad;
                types[at] = real ? input.TypeIds[t] : 0;
                // The lowest number instead of −∞: a probability of exactly 0 without a NaN anywhere.
                bias[at] = real ? 0 : float.MinValue;
            }
        }

        Add(GraphNames.InputIds, ids, shape);
        if (takesTokenTypes)
            Add(GraphNames.TokenTypeIds, types, shape);
        if (spec.Padded)
            Add(GraphNames.PaddingBias, bias, [batch, 1, 1, length]);
        if (spec.PickedRows)
            Add(GraphNames.PickedRows, Array.ConvertAll(picked!, p => (long)p), [picked!.Length]);
    }

    public IReadOnlyDictionary<string, OrtValue> Values => _values;

    public void Dispose()
    {
        foreach (var value in _values.Values)
            value.Dispose();
    }

    private void Add<T>(string name, T[] data, long[] shape)
        where T : unmanaged => _values.Add(name, OrtValue.CreateTensorValueFromMemory(data, shape));
}
