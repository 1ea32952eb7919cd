using AttentionServer.Engine;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Studies.Executors;

/// <summary>Where the cells of a run are computed.</summary>
public interface IExecutor
{
    /// <summary>The name for <c>--executor</c>.</summary>
    string Name { get; }

    /// <summary>Works until the plan is finished. What is finished stays, whatever ends it.</summary>
    RunOutcome Execute(RunFolder run, IStudy study, ExecutorOptions options, IProgress<RunProgress>? progress, CancellationToken cancellation);
}

/// <summary>What executors have to know.</summary>
public sealed record ExecutorOptions
{
    /// <summary>How models run.</summary>
    public ExecutionSettings Settings { get; init; } = new();

    /// <summary>
    /// The command that works on a run, usually <c>attention runs work</c>. The executor adds the folder, <c>--slice i/n</c>, for a process of this machine
    /// <c>--device</c> and <c>--until-input-ends</c>, and for a task of a cluster <c>--no-wait</c>.
    /// </summary>
    public IReadOnlyList<string> WorkerCommand { get; init; } = [];

    /// <summary>How long a silent worker keeps its cells.</summary>
    public TimeSpan ClaimExpiry { get; init; } = Claims.UsualExpiry;

    /// <summary>How often the folder is looked at from outside.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);
}
