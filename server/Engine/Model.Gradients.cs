using AttentionServer.Engine.Interventions;
using AttentionServer.Models;

namespace AttentionServer.Engine;

public sealed partial class Model
{
    /// <summary>Forward and back again over texts of one length: how their logits change with what the request names.</summary>
    public IReadOnlyList<GradientTrace> Backward(IReadOnlyList<BackwardInput> inputs, GradientRequest wanted, CancellationToken cancellation)
    {
        var head = Head ?? throw new EngineException($"gradients: {Name}: it is a bare encoder and predicts nothing: choose a model with a head");
        var texts = inputs.Select(i => i.Text).ToList();
        foreach (var text in texts)
            Check(text);
        int batch = texts.Count, tokens = texts[0].Length;
        if (texts.Any(t => t.Length != tokens))
            throw new ArgumentException("Texts of one run backwards must have one length.", nameof(inputs));

        var spec = new GraphSpec
        {
            Head = head,
            Gradients = wanted.Parts,
            WordVectors = inputs[0].WordVectors != null,
            PickedRows = wanted.WordsAt != null && head is HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel,
            Interventions = new(texts.SelectMany(t => InterventionFeeds.Sites(t.Interventions, Config))),
        };
        using var feeds = new Feeds(texts, spec, Architecture, Config, wanted.WordsAt);
        if (spec.WordVectors)
            feeds.AddStack(GraphNames.WordVectors, [.. inputs.Select(i => i.WordVectors!)], batch, tokens, Config.EmbeddingSize);
        var shape = inputs[0].LogitGradient.Shape;
        long[] stacked = spec.PickedRows ? [(long)batch * shape[0], shape[1]] : [batch, .. shape.Select(d => (long)d)];
        feeds.AddStack(GraphNames.LogitGradient, [.. inputs.Select(i => i.LogitGradient)], stacked);

        using var run = _sessions.Run(spec, () => Architecture.Compose(Checkpoint, spec), feeds.Values, cancellation);
        Tensor Part(string name, int item, params int[] part)
        {
            var size = part.Aggregate(1, (a, b) => a * b);
            return new(run.Floats(name).Slice(item * size, size).ToArray(), part);
        }

        return
        [
            .. Enumerable.Range(0, batch).Select(item => new GradientTrace
            {
                Logits = Part(GraphNames.Logits(head), item, shape),
                Words = wanted.Parts.HasFlag(GradientParts.Words) ? Part(GraphNames.WordGradient, item, tokens, Config.EmbeddingSize) : null,
                Embedded = wanted.Parts.HasFlag(GradientParts.Embedded) ? Part(GraphNames.EmbeddedGradient, item, tokens, Config.Hidden) : null,
                Attentions = wanted.Parts.HasFlag(GradientParts.Attentions)
                    ? [.. Enumerable.Range(0, Config.Layers).Select(layer => Part(GraphNames.AttentionGradient(layer), item, Config.Heads, tokens, tokens))]
                    : [],
            }),
        ];
    }

    /// <summary>The vectors of words [T,E], as their table has them.</summary>
    public Tensor WordVectors(IReadOnlyList<int> ids)
    {
        var width = Config.EmbeddingSize;
        var table = Weight(Architecture.WordTable, Config.VocabularySize, width);
        var vectors = new float[ids.Count * width];
        for (var i = 0; i < ids.Count; i++)
            table.Slice(ids[i] * width, width).CopyTo(vectors.AsSpan(i * width));
        return new(vectors, ids.Count, width);
    }
}
