using System.Diagnostics;
using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Zones;
using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;
using AttentionServer.Studies.Zones;
using AttentionServer.Text;

namespace AttentionServer.Server.Features;

/// <summary>The zone report of one question and passage.</summary>
public sealed class ZonesFeature(LanguageServer server, ModelHost models, AnalysisStore store)
{
    /// <summary>The model that answers questions where none is named.</summary>
    public const string DefaultModel = "attention-mini-qa";

    private const int MostCells = 20_000;

    /// <summary>Registers the request.</summary>
    public void Register() =>
        server.OnRequest("attention/zones", ProtocolJson.Default.ZonesParams, ProtocolJson.Default.ZoneReport, ReportAsync);

    private async Task<Protocol.ZoneReport> ReportAsync(ZonesParams given, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var choice = ChoiceOf(given);
        var analysis = given.Analysis is { } id ? store.Find(id) ?? throw new MethodException($"analysis {id}: it is no longer in the cache: analyze again") : null;
        var texts = analysis != null ? default : (Question: TextOf(given.Question, "question"), Passage: TextOf(given.Passage, "passage"));
        using var progress = await server.BeginProgressAsync(given.WorkDoneToken, "Masking attention zones", cancellation).ConfigureAwait(false);
        return await models.UseAsync(
            given.Model ?? analysis?.Metadata.Model ?? DefaultModel,
            model =>
            {
                var encoding = analysis != null && model.Name == analysis.Metadata.Model
                    ? AnalysisReader.RequestFor(analysis, [], TargetChoice.Own).Encoding
                    : model.Tokenizer.Encode(analysis?.Metadata.Text ?? texts.Question, analysis != null ? analysis.Metadata.Pair : texts.Passage, new EncodeOptions { MaxTokens = model.MaxTokens, Truncate = TruncationStrategy.OnlySecond });
                Allow(choice, model);
                var report = Studies.Zones.ZoneReport.Of(model, new ZoneText(encoding, PadTo(given.PadTo, model)), choice, new Shares(progress), progress.Token);
                if (analysis?.Metadata.Interventions is { Count: > 0 })
                    report = report with { Notes = [.. report.Notes, "Zones are masked in the model without the changes of this analysis."] };
                return ZoneSummaries.Of(report, clock.Elapsed.TotalMilliseconds);
            },
            progress.Token).ConfigureAwait(false);
    }

    private string TextOf(TextSource? source, string what) =>
        SourceText.Resolve(source ?? throw new MethodException($"attention/zones: it has no {what}: name an analysis, or give a question and a passage"), server.Documents).Text;

    private static ZoneChoice ChoiceOf(ZonesParams given)
    {
        var zones = (given.Zones ?? []).Select(Zone.Find).Concat((given.Own ?? []).Select(z => Zone.Own(z.Name, z.Queries, z.Keys))).ToList();
        if (zones.GroupBy(z => z.Id).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new MethodException($"zone '{twice.Key}': attention/zones: it is named {twice.Count()} times: name it once");
        return new()
        {
            Zones = zones.Count > 0 ? zones : Zone.Paper,
            Layers = given.Layers is { Length: > 0 } layers ? layers : null,
            Strengths = given.Strengths is { Length: > 0 } strengths ? [.. strengths.Select(s => (float)s)] : [1],
            Mode = given.Mode is not { } mode ? MaskMode.Score : MaskModes.FromId(mode) ?? throw new MethodException($"mode '{mode}': attention/zones: use score or probability"),
        };
    }

    private static int? PadTo(int? length, Model model) => length is null or >= 1 && (length ?? 0) <= model.MaxTokens
        ? length
        : throw new MethodException($"padTo {length}: attention/zones: {model.Name} takes up to {model.MaxTokens} tokens");

    private static void Allow(ZoneChoice choice, Model model)
    {
        var cells = (long)choice.Zones.Count * (choice.Layers?.Count ?? model.Config.Layers) * choice.Strengths.Count;
        if (cells > MostCells)
            throw new MethodException($"zones: {cells} cells are more than a report shows ({MostCells}): choose fewer layers or strengths");
    }

    private sealed class Shares(WorkDoneProgress progress) : IProgress<double>
    {
        private int _shown = -1;

        public void Report(double value)
        {
            var percent = (int)(100 * value);
            if (percent == _shown)
                return;
            _shown = percent;
            progress.Report("masked passes", percent);
        }
    }
}
