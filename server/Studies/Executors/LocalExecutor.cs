using AttentionServer.Studies.Runs;

namespace AttentionServer.Studies.Executors;

/// <summary>In this process, on one device.</summary>
public sealed class LocalExecutor : IExecutor
{
    /// <inheritdoc/>
    public string Name => "local";

    /// <inheritdoc/>
    public RunOutcome Execute(RunFolder run, IStudy study, ExecutorOptions options, IProgress<RunProgress>? progress, CancellationToken cancellation) =>
        RunWorker.Work(run, study, options.Settings, new() { ClaimExpiry = options.ClaimExpiry }, progress, cancellation);
}
