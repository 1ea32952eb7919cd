using System.Collections.Concurrent;
using System.Diagnostics;
using AttentionServer.Models.Catalog;
using AttentionServer.Rpc;
using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;
using AttentionServer.Server.Trainings;
using AttentionServer.Training;

namespace AttentionServer.Server.Features;

/// <summary>Trainings that start, stop and go on, beside everything else that is asked; and their course.</summary>
public sealed class TrainingFeature(LanguageServer server, ModelHost models)
{
    private const double SetAside = 0.1;

    // Steps of small models take milliseconds.
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(0.25);

    private readonly ConcurrentDictionary<string, Work> _working = [];

    /// <summary>Registers the requests.</summary>
    public void Register()
    {
        var json = ProtocolJson.Default;
        server.OnRequest("attention/train", json.TrainParams, json.TrainingReport, (given, cancellation) => WorkAsync(given.Output, given.WorkDoneToken, given, cancellation));
        server.OnRequest("attention/resumeTraining", json.TrainingParams, json.TrainingReport, (given, cancellation) => WorkAsync(given.Output, given.WorkDoneToken, null, cancellation));
        server.OnRequest("attention/training", json.TrainingParams, json.TrainingReport, (given, cancellation) => Task.Run(() => Report(given.Output), cancellation));
    }

    /// <summary>Whether the model of a folder is trained here right now.</summary>
    public bool IsAtWork(string folder) => _working.ContainsKey(folder);

    private async Task<TrainingReport> WorkAsync(string output, string? token, TrainParams? begun, CancellationToken cancellation)
    {
        if (!models.Trusted)
            throw new LocalRpcException(RpcErrorCode.RequestFailed, $"model '{output}': this workspace is not trusted, so nothing is trained: trust the workspace first");
        var folder = TrainingFolder.Of(output);
        using var progress = await server.BeginProgressAsync(token, begun == null ? "Going on with a training" : "Training a model", cancellation).ConfigureAwait(false);
        // A thread of its own, because it takes minutes or hours.
        return await Task.Factory.StartNew(() => Train(output, folder, begun, progress), progress.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }

    private TrainingReport Train(string output, string folder, TrainParams? begun, WorkDoneProgress progress)
    {
        TrainingRequest request;
        if (begun != null)
        {
            TrainingFolder.CheckNew(output);
            request = RequestOf(begun);
        }
        else
        {
            request = TrainingRequest.Of(folder);
            if (!TrainedModels.IsUnfinished(folder))
                throw new TrainingException($"training '{output}': {folder}: it is finished: use the model, or train another one");
        }

        var work = new Work(request);
        if (_working.Keys.FirstOrDefault() is { } other || !_working.TryAdd(folder, work))
            throw new TrainingException($"training '{output}': {_working.Keys.FirstOrDefault() ?? folder}: another model is trained already, and two would share the processor: stop that one first, or wait for it");
        try
        {
            using var job = TrainingJob.Open(request, folder, resume: begun == null, text => progress.Report(text), work.Notes.Enqueue, progress.Token);
            if (job.Resumed)
                work.Course = TrainingCourse.Read(folder, job.Step);
            var told = 0L;
            job.Run(
                step =>
                {
                    work.Course.Add(step);
                    lock (work.Pace)
                        work.Pace.Add(step);
                    if (step.DevLoss == null && told != 0 && Stopwatch.GetElapsedTime(told) < Told)
                        return;
                    told = Stopwatch.GetTimestamp();
                    progress.Report(work.Pace.ToString(), (int)(100 * step.Progress));
                },
                progress.Token);
            return TrainingSummaries.Of(output, folder, request, work.Course, null, [.. work.Notes]);
        }
        finally
        {
            _working.TryRemove(folder, out _);
        }
    }

    private TrainingReport Report(string output)
    {
        var folder = TrainingFolder.Of(output);
        if (!_working.TryGetValue(folder, out var work))
            return TrainingSummaries.Of(output, folder, TrainingRequest.Of(folder), TrainingCourse.Read(folder, ModelFolder.Standing(folder)?.Step ?? long.MaxValue), null, []);
        lock (work.Pace)
            return TrainingSummaries.Of(output, folder, work.Request, work.Course, work.Pace, [.. work.Notes]);
    }

    private TrainingRequest RequestOf(TrainParams given)
    {
        var defaults = TrainingDefaults.Of(given.Objective);
        if (new[] { given.Minutes != null, given.Epochs != null, given.Steps != null }.Count(said => said) > 1 || given.Minutes is <= 0 or > 1e6 || given.Epochs is <= 0 or > 1e6 || given.Steps is <= 0)
            throw new TrainingException("minutes, epochs, steps: attention/train: give one of them, more than 0");
        var settings = models.Settings;
        return new()
        {
            Objective = defaults.Id,
            Model = given.Model,
            Data = given.Data,
            Dev = given.Dev ?? [],
            DevShare = SetAside,
            Settings = defaults.Settings with { Seed = given.Seed ?? 1, Minutes = given.Minutes ?? 0, Steps = given.Steps ?? 0, Epochs = given.Epochs ?? (given.Minutes == null && given.Steps == null ? 1 : 0) },
            BatchTokens = defaults.BatchTokens,
            // As in the terminal, other devices have to be asked for.
            Device = settings.Device == "auto" ? "cpu" : settings.Device,
            Threads = settings.EffectiveThreads,
        };
    }

    private sealed class Work(TrainingRequest request)
    {
        public TrainingRequest Request => request;

        public TrainingCourse Course { get; set; } = new();

        public TrainingPace Pace { get; } = new(request.Settings.Minutes);

        public ConcurrentQueue<string> Notes { get; } = [];
    }
}
