using System.Diagnostics;
using System.Text.Json;
using AttentionServer.Engine.Interventions;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Compare;
using AttentionServer.Methods.Flow;
using AttentionServer.Server.Export;
using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;
using AttentionServer.Text;

namespace AttentionServer.Server.Features;

/// <summary>The requests of the panel: analyze, slice, show, export.</summary>
public sealed class AnalysisFeature(LanguageServer server, ModelHost models, AnalyzedTexts texts, AnalysisStore store)
{
    private const int Candidates = 8;
    private const int TintSteps = 5;

    /// <summary>Registers the requests.</summary>
    public void Register()
    {
        var json = ProtocolJson.Default;
        server.OnRequest("attention/analyze", json.AnalyzeParams, json.AnalysisSummary, AnalyzeAsync);
        server.OnRequest("attention/compute", json.ComputeParams, json.MapInfo, ComputeAsync);
        server.OnRequest("attention/change", json.ChangeParams, json.AnalysisSummary, ChangeAsync);
        server.OnRequest("attention/vectors", json.VectorsParams, json.StoredAnalysis, VectorsAsync);
        server.OnRequest("attention/flow", json.FlowParams, json.StoredAnalysis, (given, cancellation) => Task.Run(() => Flow(given), cancellation));
        server.OnRequest("attention/difference", json.DifferenceParams, json.StoredAnalysis, DifferenceAsync);
        server.OnRequest("attention/compare", json.CompareParams, json.AnalysisSummary, CompareAsync);
        server.OnRequest("attention/trust", json.TrustParams, json.TrustMatrix, TrustAsync);
        server.OnRequest("attention/slice", json.SliceParams, json.Slice, (given, cancellation) => Task.Run(() => Slice(given), cancellation));
        server.OnRequest("attention/show", json.ShowParams, json.Importance, (given, cancellation) => Task.Run(() => Show(given), cancellation));
        server.OnRequest("attention/export", json.ExportParams, LspJson.Default.Nothing, (given, cancellation) => Task.Run(() => Export(given), cancellation));
        server.OnCommand("attention.server.clearCache", (_, cancellation) => Task.Run(store.Clear, cancellation));
    }

    private async Task<AnalysisSummary> AnalyzeAsync(AnalyzeParams given, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var (text, textPlace) = SourceText.Resolve(given.Text, server.Documents);
        (string? pair, TextPlace? pairPlace) = given.Pair is { } second ? SourceText.Resolve(second, server.Documents) : default;

        var places = new[] { textPlace, pairPlace }.OfType<TextPlace>().ToList();
        texts.Expect(places);
        try
        {
            var (analysis, methods, blank) = await RunAsync(given, text, pair, cancellation).ConfigureAwait(false);
            var analyzed = new AnalyzedText(analysis, textPlace, pairPlace, Stored);
            texts.Add(analyzed);
            server.Log($"analyzed {analysis.Metadata.Tokens.Count} tokens with {analysis.Metadata.Model} in {clock.ElapsedMilliseconds} ms");
            return Summaries.Of(analysis, clock.Elapsed.TotalMilliseconds, given.Text.Uri ?? given.Pair?.Uri, token => analyzed.RangeOf(token, server.Documents)) with { Methods = methods, Blank = blank };
        }
        finally
        {
            texts.Forget(places);
        }
    }

    private async Task<(Analysis Analysis, MethodInfo[] Methods, string? Blank)> RunAsync(AnalyzeParams given, string text, string? pair, CancellationToken cancellation)
    {
        using var progress = await server.BeginProgressAsync(given.WorkDoneToken, "Analyzing attention", cancellation).ConfigureAwait(false);
        return await models.UseAsync(
            given.Model,
            model =>
            {
                var encoding = model.Tokenizer.Encode(text, pair, new EncodeOptions { MaxTokens = model.MaxTokens });
                progress.Report($"{encoding.Tokens.Count} tokens, {model.Name}");
                var request = new AnalysisRequest { Encoding = encoding, Methods = MethodRegistry.Immediate, Parts = TraceParts.Attentions, Overviews = true, Candidates = Candidates };
                var blank = model.RolesIn(Engine.TokenInput.Of(encoding)).Blank;
                return (store.GetOrCreate(model, request, progress.Token), Summaries.MethodsFor(model), blank is { } id ? model.TokenOf(id) : null);
            },
            progress.Token).ConfigureAwait(false);
    }

    private async Task<AnalysisSummary> ChangeAsync(ChangeParams given, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var json = JsonSerializer.Serialize(new EditFile { Interventions = given.Edits }, ProtocolJson.Default.EditFile);
        var analysis = await MoreAsync(given.Analysis, _ => MethodRegistry.Immediate, "Changing the model", null, given.WorkDoneToken, cancellation, (request, model) => request with
        {
            Interventions = InterventionFile.Parse(json, "panel", model),
            Parts = TraceParts.Attentions,
            Candidates = Candidates,
        }).ConfigureAwait(false);
        return Summaries.Of(analysis, clock.Elapsed.TotalMilliseconds);
    }

    private async Task<StoredAnalysis> VectorsAsync(VectorsParams given, CancellationToken cancellation)
    {
        var analysis = await MoreAsync(given.Analysis, _ => [], "Reading queries, keys and values", null, given.WorkDoneToken, cancellation, (request, _) => request with
        {
            Parts = TraceParts.Attentions | TraceParts.QueriesKeysValues | TraceParts.HiddenStates,
            Overviews = false,
        }).ConfigureAwait(false);
        return new() { Analysis = analysis.Id };
    }

    private StoredAnalysis Flow(FlowParams given)
    {
        var analysis = Stored(given.Analysis);
        if (!Enum.TryParse<FlowEdges>(given.Edges, ignoreCase: true, out var edges) || !Enum.IsDefined(edges))
            throw new MethodException($"flow: edges '{given.Edges}': use attention, rollout or flow");
        return new() { Analysis = FlowGraph.In(store, analysis, new(edges, given.Layers ?? analysis.Metadata.Layers, given.Source, given.Sink)).Id };
    }

    private async Task<StoredAnalysis> DifferenceAsync(DifferenceParams given, CancellationToken cancellation)
    {
        Method first = MethodRegistry.Find(given.First), second = MethodRegistry.Find(given.Second);
        var both = await MoreAsync(given.Analysis, _ => [first, second], "Comparing methods", given.Target, given.WorkDoneToken, cancellation).ConfigureAwait(false);
        return new() { Analysis = MethodDifference.In(store, both, first, second).Id };
    }

    private async Task<AnalysisSummary> CompareAsync(CompareParams given, CancellationToken cancellation)
    {
        var plain = Stored(given.Analysis);
        IReadOnlyList<Method> wanted = [.. MethodRegistry.Immediate, .. (given.Methods ?? []).Select(MethodRegistry.Find).Where(m => m.Axes == ScoreAxes.Map)];
        IReadOnlyList<Method> Defined(Engine.Model model) => [.. wanted.Distinct().Where(m => m.ProblemWith(model) == null)];
        var first = await MoreAsync(plain.Id, Defined, "Comparing", null, given.WorkDoneToken, cancellation).ConfigureAwait(false);
        var other = given.Model ?? plain.Metadata.Model;
        using var progress = await server.BeginProgressAsync(null, "Comparing", cancellation).ConfigureAwait(false);
        var second = await models.UseAsync(
            other,
            model =>
            {
                var pair = given.Text == null ? plain.Metadata.Pair : null;
                var encoding = model.Tokenizer.Encode(given.Text ?? plain.Metadata.Text, pair, new EncodeOptions { MaxTokens = model.MaxTokens });
                return store.GetOrCreate(model, new AnalysisRequest { Encoding = encoding, Methods = Defined(model) }, progress.Token);
            },
            progress.Token).ConfigureAwait(false);
        var shared = wanted.Distinct().Where(m => first.Metadata.Maps.Contains(m.Id) && second.Metadata.Maps.Contains(m.Id)).ToList();
        return Summaries.OfComparison(store.GetOrCreate(ComparisonFile.Key(first, second, shared), path => ComparisonFile.Write(path, first, second, shared)), first.Metadata, second.Metadata);
    }

    private async Task<MapInfo> ComputeAsync(ComputeParams given, CancellationToken cancellation)
    {
        var method = MethodRegistry.Find(given.Method);
        return Summaries.Computed(await MoreAsync(given.Analysis, _ => [method], method.Title, given.Target, given.WorkDoneToken, cancellation).ConfigureAwait(false));
    }

    private async Task<Protocol.TrustMatrix> TrustAsync(TrustParams given, CancellationToken cancellation)
    {
        var analysis = await MoreAsync(given.Analysis, Methods.Compare.TrustMatrix.UsualFor, "Comparing methods", given.Target, given.WorkDoneToken, cancellation).ConfigureAwait(false);
        return Summaries.Of(Methods.Compare.TrustMatrix.Of(analysis));
    }

    /// <summary>More methods on the text of an analysis, as an analysis of their own.</summary>
    private async Task<Analysis> MoreAsync(string id, Func<Engine.Model, IReadOnlyList<Method>> methods, string title, string? target, string? workDoneToken, CancellationToken cancellation, Func<AnalysisRequest, Engine.Model, AnalysisRequest>? adapt = null)
    {
        var analysis = Stored(id);
        using var progress = await server.BeginProgressAsync(workDoneToken, title, cancellation).ConfigureAwait(false);
        return await models.UseAsync(
            analysis.Metadata.Model,
            model =>
            {
                var choice = target != null ? TargetChoice.Parse(target, model, analysis.Metadata.Tokens.Count) : TargetChoice.Own;
                var request = AnalysisReader.RequestFor(analysis, methods(model), choice) with
                {
                    Progress = (what, share) => progress.Report(what, share is { } part ? (int)(100 * part) : null),
                };
                return store.GetOrCreate(model, adapt?.Invoke(request, model) ?? request, progress.Token);
            },
            progress.Token).ConfigureAwait(false);
    }

    // From the store, because what is on screen may be older than this server.
    private Analysis Stored(string id) => store.Find(id) ?? throw new MethodException($"analysis {id}: it is no longer in the cache: analyze again");

    private Slice Slice(SliceParams given)
    {
        var (path, shape) = store.Slice(given.Analysis, given.Tensor, given.Index);
        return new() { Path = path, Shape = shape };
    }

    private Protocol.Importance Show(ShowParams given)
    {
        var text = texts.Find(given.Analysis);
        var importance = text.Show(given.Choice);
        var most = importance.Values.Where((_, i) => importance.Ranks[i] > 0).DefaultIfEmpty(0).Max();
        return new()
        {
            Values = importance.Groups.Spread(importance.Values),
            Ranks = importance.Groups.Spread(importance.Ranks),
            Tints = importance.Groups.Spread(Tints(importance, most)),
            TintsFrom = [.. Enumerable.Range(0, TintSteps).Select(step => Math.Max(0, most) * (step + 0.5) / TintSteps), most],
            Ranges = [.. text.Analysis.Metadata.Tokens.Select(t => text.RangeOf(t, server.Documents))],
            Title = Describe(text),
        };
    }

    /// <summary>Shares of the most important token that is not special, in steps an editor can tell apart.</summary>
    private static int[] Tints(Methods.Readings.Importance importance, double most) =>
        [.. importance.Values.Select((v, i) => importance.Ranks[i] > 0 && most > 0 ? (int)Math.Round(TintSteps * v / most) : 0)];

    private Nothing Export(ExportParams given)
    {
        var shown = given.View?.Changed ?? given.Analysis;
        ExportFormats.Write(given.Format, given.Path, Stored(shown), given.View, [.. (given.View?.Computed ?? []).Append(given.View?.Choice.Analysis).OfType<string>().Distinct().Where(id => id != shown).Select(Stored)]);
        return new();
    }

    /// <summary>"Attention rollout, layer 4".</summary>
    internal static string Describe(AnalyzedText text)
    {
        var choice = text.Choice;
        var title = choice.Map == Summaries.PerHeadMap ? "Attention" : MethodRegistry.Parse(choice.Map)[0].Title;
        var layer = choice.Layer is { } one ? $"layer {one + 1}" : "strongest of all layers";
        return $"{title}, {layer}{(choice.Head is { } head ? $", head {head + 1}" : "")}{(choice.Words == true ? ", words" : "")}";
    }
}
