using AttentionServer.Engine;
using AttentionServer.Models;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Methods.Analyses;

/// <summary>The path from an encoding to an analysis file: trace, methods, predictions, tensors.</summary>
public static class Analyzer
{
    /// <summary>Runs the model and the methods, and writes the file.</summary>
    public static AnalysisMetadata Write(string path, Model model, AnalysisRequest request, CancellationToken cancellation)
    {
        foreach (var method in request.Methods)
            if (method.ProblemWith(model) is { } reason)
                throw new MethodException($"method '{method.Id}': {model.Name}: not defined for {model.Config.ModelType}: {reason}");

        // Refuses weights that are no numbers, by name, before anything is made of them.
        var checkpoint = model.Checkpoint.Hash;
        var tensors = new List<SafetensorsEntry>();
        var encoding = request.Encoding;
        var input = TokenInput.Of(encoding) with { Interventions = request.Interventions };
        var places = Prediction.Places(model, encoding, request.WordAt);
        var wanted = Wanted(model, request, places);
        string? working = null;
        using var run = new MethodRun(model, input, request.Methods, wanted, cancellation)
        {
            Choice = request.Target,
            Progress = new Share(share => request.Progress?.Invoke(working ?? "", share)),
        };
        var trace = run.Trace;

        var tokens = input.Length;
        tensors.Add(SafetensorsEntry.Of("input_ids", input.Ids, tokens));
        if (model.Config.TakesTokenTypes)
            tensors.Add(SafetensorsEntry.Of("token_type_ids", input.TypeIds, tokens));
        AddTrace(tensors, trace, request.Parts, model);

        var maps = new List<string>();
        if (request.Parts.HasFlag(TraceParts.Attentions))
        {
            maps.Add("attentions");
            if (request.Overviews && tokens > Overview.Size)
                tensors.Add(OverviewOf("attentions", [.. trace.Attentions], tokens));
        }

        var others = new Dictionary<string, string>();
        foreach (var method in request.Methods)
        {
            request.Progress?.Invoke(working = method.Title, null);
            var (scores, name) = (run.Of(method).Values, method.TensorName(model));
            if (FirstNonFinite(scores) is { } place)
                throw new MethodException($"method '{method.Id}': {model.Name}: number {place} of its result is infinite or not a number: its weights are finite, so they must be far too large: use another checkpoint");
            tensors.Add(SafetensorsEntry.Of(name, scores.ToArray(), scores.Shape));
            if (method.Axes != ScoreAxes.Map)
            {
                others.Add(name, method.Id);
                if (request.Overviews && method.Axes == ScoreAxes.HeadMaps && tokens > Overview.Size)
                    tensors.Add(OverviewOf(name, [new Tensor(scores.ToArray(), scores.Shape)], tokens));
                continue;
            }

            maps.Add(method.Id);
            if (request.Overviews && tokens > Overview.Size)
                tensors.Add(OverviewOf(method.Id, [new Tensor(scores.ToArray(), scores.Shape[0], 1, tokens, tokens)], tokens));
        }

        var explained = request.Methods.Any(m => m.ExplainsPrediction) ? run.Target : null;
        var metadata = new AnalysisMetadata
        {
            Text = encoding.Source,
            Pair = encoding.Pair,
            Tokens = encoding.Tokens,
            Model = model.Name,
            Architecture = model.Config.ModelType,
            Head = model.Head?.Id(),
            Layers = model.Config.Layers,
            Heads = model.Config.Heads,
            Hidden = model.Config.Hidden,
            Checkpoint = checkpoint,
            Maps = maps,
            Others = others,
            Target = explained?.ToString(),
            TargetPlaces = explained?.Places(model, tokens),
            Predictions = trace.Logits == null ? [] : Predictions(model, request, trace.Logits, places, wanted),
            Interventions = request.Interventions.Count > 0 ? request.Interventions : null,
            Notes = [.. new[] { encoding.Truncation?.Sentence, model.Device.Notice }.OfType<string>(), .. run.Notes],
            Engine = $"ONNX Runtime {DeviceChoice.EngineVersion}",
            Device = model.Device.Name,
        };
        cancellation.ThrowIfCancellationRequested();
        AnalysisFile.Write(path, tensors, metadata);
        return metadata;
    }

    private static int? FirstNonFinite(Tensor scores)
    {
        var numbers = scores.Span;
        for (var i = 0; i < numbers.Length; i++)
            if (!float.IsFinite(numbers[i]))
                return i;
        return null;
    }

    // Unlike Progress<T>, on the thread that works: steps stay in order.
    private sealed class Share(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }

    private static TraceRequest Wanted(Model model, AnalysisRequest request, int[] places)
    {
        var parts = request.Parts;
        var words = model.Head is HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel;
        var all = parts.HasFlag(TraceParts.Logits);
        return new()
        {
            Attentions = parts.HasFlag(TraceParts.Attentions),
            QueriesKeysValues = parts.HasFlag(TraceParts.QueriesKeysValues),
            HiddenStates = parts.HasFlag(TraceParts.HiddenStates),
            Logits = all || !words || places.Length > 0,
            WordsAt = all || !words ? null : places,
        };
    }

    private static IReadOnlyList<Prediction> Predictions(Model model, AnalysisRequest request, Tensor logits, int[] places, TraceRequest wanted)
    {
        if (model.Head is HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel && wanted.WordsAt == null)
            logits = new([.. places.SelectMany(p => logits.At(p).ToArray())], places.Length, logits.Shape[1]);
        return Prediction.Read(model, request.Encoding, logits, places, request.Candidates);
    }

    private static void AddTrace(List<SafetensorsEntry> tensors, Trace trace, TraceParts parts, Model model)
    {
        void Stack(TraceParts part, string name, IReadOnlyList<Tensor> layers)
        {
            if (parts.HasFlag(part))
                tensors.Add(SafetensorsEntry.Stack(name, layers.Count, layers[0].Shape, i => layers[i].Span));
        }

        Stack(TraceParts.Attentions, "attentions", trace.Attentions);
        Stack(TraceParts.QueriesKeysValues, "q", trace.Queries);
        Stack(TraceParts.QueriesKeysValues, "k", trace.Keys);
        Stack(TraceParts.QueriesKeysValues, "v", trace.Values);
        Stack(TraceParts.HiddenStates, "hidden_states", trace.HiddenStates);
        if (parts.HasFlag(TraceParts.Logits) && trace.Logits is { } logits && model.Head is { } head)
            tensors.Add(SafetensorsEntry.Of(GraphNames.Logits(head), logits.Span.ToArray(), logits.Shape));
    }

    private static SafetensorsEntry OverviewOf(string map, Tensor[] layers, int tokens)
    {
        var heads = layers.Sum(l => l.Length / (tokens * tokens));
        var cells = Overview.Size * Overview.Size;
        var thumbnails = new float[heads * cells];
        var at = 0;
        foreach (var layer in layers)
            for (var start = 0; start < layer.Length; start += tokens * tokens, at += cells)
                Overview.Shrink(layer.Span.Slice(start, tokens * tokens), tokens, thumbnails.AsSpan(at, cells));
        var count = layers.Length == 1 ? layers[0].Shape[0] : layers.Length;
        return SafetensorsEntry.Of($"overview.{map}", thumbnails, count, heads / count, Overview.Size, Overview.Size);
    }
}
