using AttentionServer.Engine;

namespace AttentionServer.Studies.Runs;

/// <summary>One worker on a run: what a command, a process of several, and a task of a cluster all do.</summary>
public static class RunWorker
{
    /// <summary>Works on the run in that folder until nothing is left for it. Refuses when model, data or engine are not what they were.</summary>
    public static RunOutcome Work(string folder, StudyRegistry studies, ExecutionSettings settings, RunnerOptions options, IProgress<RunProgress>? progress, CancellationToken cancellation)
    {
        var run = RunFolder.Open(folder);
        return Work(run, studies.Of(run), settings, options, progress, cancellation);
    }

    /// <summary>The same on an open run. Model and data are opened only when a cell is missing.</summary>
    public static RunOutcome Work(RunFolder run, IStudy study, ExecutionSettings settings, RunnerOptions options, IProgress<RunProgress>? progress, CancellationToken cancellation)
    {
        run.Check(study.Fingerprints(run.Manifest, cancellation));
        cancellation.ThrowIfCancellationRequested();
        IStudySession? session = null;
        try
        {
            return StudyRunner.Run(run, study.Plan(run.Manifest), (cells, token) => (session ??= study.Open(run.Manifest, settings, token)).Execute(cells, token), options, progress, cancellation);
        }
        finally
        {
            session?.Dispose();
        }
    }
}
