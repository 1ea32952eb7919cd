using System.Globalization;

namespace AttentionServer.Studies.Executors;

/// <summary>The batch script of a job array: each task is one worker on a slice of what is missing.</summary>
public static class SlurmScript
{
    /// <summary>
    /// The script. Before the walltime ends Slurm signals the shell (USR1), which asks the worker to stop (TERM: it keeps finished cells and lets go of the
    /// others) and puts the task back into the queue; a task that is cancelled (TERM) is not. A task of a node that fails is requeued by Slurm itself.
    /// </summary>
    public static string Of(string name, string runFolder, IReadOnlyList<string> workerCommand, int tasks, SlurmOptions options) => $$"""
        #!/bin/bash
        #SBATCH --job-name={{Safe(name)}}
        #SBATCH --array=0-{{(tasks - 1).ToString(CultureInfo.InvariantCulture)}}
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --signal=B:USR1@{{((int)options.Notice.TotalSeconds).ToString(CultureInfo.InvariantCulture)}}

        end=
        worker=
        stop() { end=$1; [ -n "$worker" ] && kill -TERM "$worker" 2>/dev/null; }
        trap 'stop walltime' USR1
        trap 'stop cancelled' TERM INT

        {{string.Join(' ', workerCommand.Append(runFolder).Select(Quote))}} --slice "$SLURM_ARRAY_TASK_ID/{{tasks.ToString(CultureInfo.InvariantCulture)}}" --no-wait &
        worker=$!
        wait "$worker"
        code=$?
        # A signal ends the waiting, not the worker.
        while kill -0 "$worker" 2>/dev/null; do wait "$worker"; code=$?; done

        if [ "$end" = walltime ] && [ "${SLURM_RESTART_COUNT:-0}" -lt {{options.Requeues.ToString(CultureInfo.InvariantCulture)}} ]; then
            timeout 60 scontrol requeue "$SLURM_JOB_ID" && sleep 60
        fi
        exit "$code"

        """;

    /// <summary>Arguments of sbatch that cannot stand in the script, because paths in it could not be quoted, or are the user's.</summary>
    public static string[] Arguments(string scriptPath, string logFolder, SlurmOptions options) =>
        ["--parsable", $"--output={logFolder.Replace("%", "%%", StringComparison.Ordinal)}/%A_%a.log", .. options.Arguments, scriptPath];

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Safe(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
