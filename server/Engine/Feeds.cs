using AttentionServer.Engine.Interventions;
using AttentionServer.Models;
using AttentionServer.Models.Architectures;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>The inputs of one run: texts side by side, the shorter ones padded.</summary>
internal sealed class Feeds : IDisposable
{
    // The lowest number instead of −∞: a probability of exactly 0 without a NaN anywhere.
    private const float Never = float.MinValue;

    private readonly Dictionary<string, OrtValue> _values = [];

    public Feeds(IReadOnlyList<TokenInput> inputs, GraphSpec spec, Architecture architecture, ModelConfig config, int[]? picked)
    {
        int batch = inputs.Count, length = inputs.Max(i => i.Length);
        long[] shape = [batch, length];
        T[] Padded<T>(Func<TokenInput, IEnumerable<T>> of, T padding) =>
            [.. inputs.SelectMany(input => of(input).Concat(Enumerable.Repeat(padding, length - input.Length)))];

        if (spec.FirstLayer == null)
        {
            var ids = Padded(i => InterventionFeeds.Replace(i.Ids, i.Interventions).Select(id => (long)id), config.PadTokenId ?? 0);
            if (!spec.WordVectors)
                Add(GraphNames.InputIds, ids, shape);
            if (config.TakesTokenTypes)
                Add(GraphNames.TokenTypeIds, Padded(i => i.TypeIds.Select(type => (long)type), 0), shape);
            if (architecture.TakesPositions)
                Add(GraphNames.PositionIds, [.. ids.Chunk(length).SelectMany(text => architecture.Positions(config, text))], shape);
        }

        if (spec.Padded)
            Add(GraphNames.PaddingBias, Padded(i => Enumerable.Repeat(0f, i.Length), Never), [batch, 1, 1, length]);
        if (architecture.Causal)
            Add(GraphNames.CausalBias, [.. Enumerable.Range(0, length * length).Select(at => at % length > at / length ? Never : 0)], [length, length]);
        if (architecture.Causal && spec.Head == HeadKind.Classification)
            Add(GraphNames.LastRows, [.. inputs.Select((input, b) => ((long)b * length) + input.Length - 1)], [batch]);
        foreach (var site in inputs.SelectMany(i => InterventionFeeds.Sites(i.Interventions, config)).Distinct())
        {
            var (scale, shift, dims) = InterventionFeeds.At(site, inputs, config, length);
            Add(site.Scale, scale, [.. dims.Select(d => (long)d)]);
            Add(site.Shift, shift, [.. dims.Select(d => (long)d)]);
        }

        if (spec.PickedRows)
            Add(GraphNames.PickedRows, [.. from b in Enumerable.Range(0, batch) from place in picked! select ((long)b * length) + place], [batch * picked!.Length]);
    }

    public IReadOnlyDictionary<string, OrtValue> Values => _values;

    public void Dispose()
    {
        foreach (var value in _values.Values)
            value.Dispose();
    }

    /// <summary>Hidden states [T,D] of each text, the shorter ones padded with zeros: whatever stands there, no token draws on it.</summary>
    public void AddResumed(IReadOnlyList<Tensor> states, int length, int width)
    {
        var padded = new float[states.Count * length * width];
        for (var text = 0; text < states.Count; text++)
            states[text].Span.CopyTo(padded.AsSpan(text * length * width));
        Add(GraphNames.Resumed, padded, [states.Count, length, width]);
    }

    /// <summary>One more input: a tensor for each text, one after the other.</summary>
    public void AddStack(string name, IReadOnlyList<Tensor> texts, params long[] shape) => Add(name, [.. texts.SelectMany(t => t.ToArray())], shape);

    private void Add<T>(string name, T[] data, long[] shape)
        where T : unmanaged => _values.Add(name, OrtValue.CreateTensorValueFromMemory(data, shape));
}
