using System.Diagnostics;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Studies.Executors;

/// <summary>
/// A job array of Slurm (Yoo, Jette and Grondona 2003). The run folder, on a file system that all nodes see, is all that this program and the tasks
/// share: progress is read from it, and what failed tasks left missing is handed in again.
/// </summary>
public sealed class SlurmExecutor(SlurmOptions slurm) : IExecutor
{
    private readonly SlurmClient _client = new(slurm.CommandTimeout);

    /// <inheritdoc/>
    public string Name => "slurm";

    /// <inheritdoc/>
    public RunOutcome Execute(RunFolder run, IStudy study, ExecutorOptions options, IProgress<RunProgress>? progress, CancellationToken cancellation)
    {
        run.Check(study.Fingerprints(run.Manifest, cancellation));
        var plan = study.Plan(run.Manifest);
        var missing = run.Missing(plan);
        var before = missing.Count;
        var meter = new FolderMeter(run, plan);
        progress?.Report(meter.Look());
        var (submissions, reported) = (0, -1);
        string? job = null;
        try
        {
            while (missing.Count > 0)
            {
                if (submissions++ == slurm.Submissions)
                    throw new RunException($"slurm: {run.JobsFolder}: {missing.Count} cells are still missing after {slurm.Submissions} jobs: see the logs there, then go on with the run");
                job = Submit(run, missing, options, cancellation);
                WaitFor(job);
                // Tasks that still queue would find nothing to do.
                _client.Cancel(job);
                job = null;
                missing = run.Missing(plan);
            }
        }
        finally
        {
            if (job != null)
                _client.Cancel(job);
        }

        return new(before, meter.Look());

        void WaitFor(string id)
        {
            var (asked, answered) = (Stopwatch.StartNew(), Stopwatch.StartNew());
            while (true)
            {
                if (cancellation.WaitHandle.WaitOne(options.Poll))
                    cancellation.ThrowIfCancellationRequested();
                var look = meter.Look();
                if (look.Done != reported)
                    progress?.Report(look);
                reported = look.Done;
                // When every file is there, the job's own end does not matter; whether the files are whole is looked at after.
                if (look.IsComplete)
                    return;
                if (asked.Elapsed < slurm.QueuePoll)
                    continue;
                asked.Restart();
                switch (_client.TasksLeft(id, cancellation))
                {
                    case 0:
                        return;
                    case null when answered.Elapsed > slurm.Patience:
                        throw new RunException($"slurm: squeue: no answer for {RunProgress.InWords(slurm.Patience)}: job {id} may go on; go on with the run when the controller is back");
                    case null:
                        break;
                    default:
                        answered.Restart();
                        break;
                }
            }
        }
    }

    private string Submit(RunFolder run, IReadOnlyList<PlannedCell> missing, ExecutorOptions options, CancellationToken cancellation)
    {
        Directory.CreateDirectory(run.JobsFolder);
        var tasks = Math.Clamp(missing.Select(c => c.Group).Distinct().Count(), 1, Math.Max(1, slurm.Tasks));
        var script = Path.Combine(run.JobsFolder, $"{DateTime.UtcNow:yyyyMMdd'T'HHmmssfff}.sh");
        File.WriteAllText(script, SlurmScript.Of($"attention-{run.Manifest.Study}", run.Path, options.WorkerCommand, tasks, slurm));
        var id = _client.Submit(SlurmScript.Arguments(script, run.JobsFolder, slurm), cancellation);
        run.AddJob(new(Name, id, missing.Count, DateTimeOffset.UtcNow));
        return id;
    }
}
