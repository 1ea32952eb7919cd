using AttentionServer.Engine.Interventions;

namespace AttentionServer.Engine;

/// <summary>A text whose forward pass goes on from hidden states [T,D] that an earlier pass recorded before some layer.</summary>
public sealed record ResumedInput(TokenInput Text, Tensor Hidden);

public sealed partial class Model
{
    /// <summary>
    /// The rest of a forward pass, from a layer on: what is changed in a layer leaves those below it as they were, so their
    /// hidden states need not be computed again. Texts are padded to the longest; padding is cut off again.
    /// </summary>
    public IReadOnlyList<Trace> Resume(int layer, IReadOnlyList<ResumedInput> inputs, TraceRequest wanted, CancellationToken cancellation)
    {
        if (layer < 0 || layer > Config.Layers)
            throw new EngineException($"layer {layer}: {Name} can go on from layer 0 to {Config.Layers}");
        foreach (var input in inputs)
        {
            Check(input.Text);
            CheckResumed(layer, input);
        }

        var texts = inputs.Select(i => i.Text).ToList();
        var length = texts.Max(t => t.Length);
        var spec = wanted.Spec(Head, padded: texts.Any(t => t.Length != length)) with
        {
            FirstLayer = layer,
            Interventions = new(texts.SelectMany(t => InterventionFeeds.Sites(t.Interventions, Config))),
        };
        using var feeds = new Feeds(texts, spec, Architecture, Config, wanted.WordsAt);
        feeds.AddResumed([.. inputs.Select(i => i.Hidden)], length, Config.Hidden);
        using var run = _sessions.Run(spec, () => Architecture.Compose(Checkpoint, spec), feeds.Values, cancellation);
        return [.. texts.Select((_, i) => Read(run, null, texts, i, wanted, layer))];
    }

    private void CheckResumed(int layer, ResumedInput input)
    {
        if (!input.Hidden.Shape.AsSpan().SequenceEqual([input.Text.Length, Config.Hidden]))
            throw new EngineException($"hidden states [{string.Join(',', input.Hidden.Shape)}]: {input.Text.Length} tokens of {Name} have [{input.Text.Length},{Config.Hidden}]");
        for (var n = 0; n < input.Text.Interventions.Count; n++)
        {
            var intervention = input.Text.Interventions[n];
            if (intervention.Id != null || InterventionFeeds.LayersOf(intervention, Config).Any(l => l < layer))
                throw new EngineException($"intervention {n + 1}: it changes what comes before layer {layer}, where this pass goes on: run the whole model");
        }
    }
}
