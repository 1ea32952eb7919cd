using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Models.Architectures;

namespace AttentionServer.Training;

/// <summary>The inputs of one run over a batch, besides the parameters.</summary>
internal sealed class StepInputs
{
    // The lowest number instead of −∞: a probability of exactly 0 without a NaN anywhere.
    private const float Never = float.MinValue;

    private readonly List<StepNumbers> _all = [];

    public StepInputs(Batch batch, GraphSpec spec, Architecture architecture, ModelConfig config)
    {
        int texts = batch.Texts.Count, length = batch.Length;
        Ids = Padded(batch, t => t.Ids, config.PadTokenId ?? 0);
        Add(GraphNames.InputIds, Ids, texts, length);
        if (config.TakesTokenTypes)
            Add(GraphNames.TokenTypeIds, Types = Padded(batch, t => t.TypeIds, 0), texts, length);
        if (architecture.TakesPositions)
            Add(GraphNames.PositionIds, Positions = [.. Ids.Chunk(length).SelectMany(text => architecture.Positions(config, text))], texts, length);
        if (spec.Padded)
            Add(GraphNames.PaddingBias, PaddingBias(batch), texts, 1, 1, length);
        if (architecture.Causal)
            Add(GraphNames.CausalBias, CausalBias(length), length, length);
        if (architecture.Causal && spec.Head == HeadKind.Classification)
            Add(GraphNames.LastRows, batch.Texts.Select((t, b) => ((long)b * length) + t.Ids.Length - 1).ToArray(), texts);
        if (spec.PickedRows)
            Add(GraphNames.PickedRows, batch.Texts.SelectMany((t, b) => t.Picked.Select(place => ((long)b * length) + place)).ToArray(), batch.Choices);
        Add(GraphNames.Targets, Targets = batch.Texts.SelectMany(t => t.Targets).Select(t => (long)t).ToArray(), batch.Choices, 1);
    }

    public IReadOnlyList<StepNumbers> All => _all;

    public long[] Ids { get; }

    public long[]? Types { get; }

    public long[]? Positions { get; }

    public long[] Targets { get; }

    public void Add(string name, Array values, params long[] dims) => _all.Add(new(name, values, dims));

    /// <summary>The rows of a table that a batch looked up.</summary>
    public long[] LookedUp(string table, string words) =>
        table == words ? Ids
        : table.EndsWith("token_type_embeddings.weight", StringComparison.Ordinal) ? Types!
        : Positions!;

    private static long[] Padded(Batch batch, Func<TrainingText, int[]> of, long padding)
    {
        var values = new long[batch.Texts.Count * batch.Length];
        Array.Fill(values, padding);
        for (var b = 0; b < batch.Texts.Count; b++)
        {
            var part = of(batch.Texts[b]);
            for (var i = 0; i < part.Length; i++)
                values[(b * batch.Length) + i] = part[i];
        }

        return values;
    }

    private static float[] PaddingBias(Batch batch)
    {
        var bias = new float[batch.Texts.Count * batch.Length];
        for (var b = 0; b < batch.Texts.Count; b++)
            bias.AsSpan((b * batch.Length) + batch.Texts[b].Ids.Length, batch.Length - batch.Texts[b].Ids.Length).Fill(Never);
        return bias;
    }

    private static float[] CausalBias(int length)
    {
        var bias = new float[length * length];
        for (var to = 0; to < length; to++)
            bias.AsSpan((to * length) + to + 1, length - to - 1).Fill(Never);
        return bias;
    }
}
