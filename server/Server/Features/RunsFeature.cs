using AttentionServer.Methods;
using AttentionServer.Methods.Zones;
using AttentionServer.Rpc;
using AttentionServer.Server.Export;
using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;
using AttentionServer.Studies.Runs;
using AttentionServer.Studies.Statistics;
using AttentionServer.Studies.Zones;

namespace AttentionServer.Server.Features;

/// <summary>Runs of studies: which there are, sweeps that start and go on, their reports.</summary>
public sealed class RunsFeature(LanguageServer server, ModelHost models)
{
    private static readonly StudyRegistry Studies = StudyRegistry.Default;

    /// <summary>Registers the requests.</summary>
    public void Register()
    {
        var json = ProtocolJson.Default;
        server.OnRequest("attention/runs", json.RunsParams, json.RunInfoArray, (_, cancellation) => Task.Run(() => RunCatalog.List(RunCatalog.DefaultFolder, Studies).Select(SweepSummaries.Of).ToArray(), cancellation));
        server.OnRequest("attention/sweepPlan", json.SweepParams, json.SweepPlan, PlanAsync);
        server.OnRequest("attention/sweep", json.SweepParams, json.RunInfo, SweepAsync);
        server.OnRequest("attention/resumeRun", json.RunParams, json.RunInfo, ResumeAsync);
        server.OnRequest("attention/sweepReport", json.RunParams, json.SweepReport, (given, cancellation) => Task.Run(() => ReportOf(RunFolder.Open(given.Run), cancellation), cancellation));
        server.OnRequest("attention/exportRun", json.RunExportParams, LspJson.Default.Nothing, (given, cancellation) => Task.Run(() => Export(given, cancellation), cancellation));
        server.OnRequest("attention/deleteRun", json.RunParams, LspJson.Default.Nothing, (given, cancellation) => Task.Run(() => Delete(given), cancellation));
    }

    /// <summary>The report of a sweep; another kind of run is refused.</summary>
    public static SweepReport ReportOf(RunFolder run, CancellationToken cancellation) => run.Manifest.Study == ZoneSweep.Study
        ? SweepSummaries.Of(RunCatalog.Describe(run, Studies), ZoneSweepReport.Of(run, new InferenceOptions(), cancellation))
        : throw new RunException($"run: {run.Path}: it is a study of {run.Manifest.Study}, not a zone sweep: export its table instead");

    private async Task<SweepPlan> PlanAsync(SweepParams given, CancellationToken cancellation)
    {
        using var progress = await server.BeginProgressAsync(given.WorkDoneToken, "Planning a sweep", cancellation).ConfigureAwait(false);
        return await Task.Run(
            () =>
            {
                var (manifest, skipped) = ZoneSweep.Start(RequestOf(given), progress.Token);
                var (sweep, folder) = (ZoneSweep.Of(manifest), given.Run ?? ZoneSweep.FolderFor(manifest));
                var done = RunFolder.Exists(folder) ? RunCatalog.Describe(folder, Studies).Progress?.Share ?? 0 : 0;
                return new SweepPlan
                {
                    Run = folder,
                    Title = manifest.Title,
                    Questions = sweep.Questions,
                    Skipped = skipped,
                    Cells = sweep.Cells().Count,
                    Done = done,
                    Cost = ZoneSweepCost.Of(sweep, models.Settings, progress.Token).ToString(),
                };
            },
            progress.Token).ConfigureAwait(false);
    }

    private async Task<RunInfo> SweepAsync(SweepParams given, CancellationToken cancellation)
    {
        using var progress = await server.BeginProgressAsync(given.WorkDoneToken, "Sweeping attention zones", cancellation).ConfigureAwait(false);
        return await Task.Run(
            () =>
            {
                var (manifest, _) = ZoneSweep.Start(RequestOf(given), progress.Token);
                var folder = given.Run ?? ZoneSweep.FolderFor(manifest);
                return Work(RunFolder.OpenOrCreate(folder, manifest), progress);
            },
            progress.Token).ConfigureAwait(false);
    }

    private async Task<RunInfo> ResumeAsync(RunParams given, CancellationToken cancellation)
    {
        using var progress = await server.BeginProgressAsync(given.WorkDoneToken, "Going on with a run", cancellation).ConfigureAwait(false);
        return await Task.Run(() => Work(RunFolder.Open(given.Run), progress), progress.Token).ConfigureAwait(false);
    }

    private RunInfo Work(RunFolder run, WorkDoneProgress progress)
    {
        RequireTrust(run.Manifest.Study == ZoneSweep.Study ? ZoneSweep.Of(run.Manifest).Models : []);
        RunWorker.Work(run, Studies.Of(run), models.Settings, new(), new Steps(progress), progress.Token);
        return SweepSummaries.Of(RunCatalog.Describe(run, Studies));
    }

    private ZoneSweepRequest RequestOf(SweepParams given)
    {
        IReadOnlyList<string> names = given.Models is { Length: > 0 } chosen ? chosen : [ZonesFeature.DefaultModel];
        RequireTrust(names);
        var request = new ZoneSweepRequest { Models = names, Files = given.Data, Limit = given.Limit, Layers = given.Layers, SkipBad = given.SkipBad ?? false };
        if (given.Zones is { Length: > 0 } zones)
            request = request with { Zones = zones };
        if (given.Strengths is { Length: > 0 } strengths)
            request = request with { Strengths = [.. strengths.Select(s => (float)s)] };
        return given.Mode is not { } mode ? request
            : request with { Mode = MaskModes.FromId(mode) ?? throw new MethodException($"mode '{mode}': attention/sweep: use score or probability") };
    }

    private void RequireTrust(IReadOnlyList<string> names)
    {
        if (!models.Trusted && names.FirstOrDefault(n => !new Models.Catalog.ModelCatalog().IsBundled(n)) is { } foreign)
            throw new LocalRpcException(RpcErrorCode.RequestFailed, $"model '{foreign}': this workspace is not trusted, so only bundled models are opened: trust the workspace first");
    }

    private static Nothing Export(RunExportParams given, CancellationToken cancellation)
    {
        var run = RunFolder.Open(given.Run);
        SweepExport.Write(given.Path, run, Studies, examples: false, cancellation);
        return new();
    }

    private static Nothing Delete(RunParams given)
    {
        RunFolder.Open(given.Run).Delete();
        return new();
    }

    private sealed class Steps(WorkDoneProgress progress) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => progress.Report(value.ToString(), (int)(100 * value.Share));
    }
}
