using System.Diagnostics;
using AttentionServer.Studies.Runs;

namespace AttentionServer.Studies.Executors;

/// <summary>Slurm's commands, each with a time after which it is given up.</summary>
public sealed class SlurmClient(TimeSpan timeout)
{
    /// <summary>True when the commands are installed.</summary>
    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "sbatch")));

    /// <summary>Hands in a job; returns its id.</summary>
    public string Submit(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var (code, output, error) = Run("sbatch", arguments, cancellation);
        // "id" or "id;cluster"; notes may stand before it.
        var id = output.Trim().Split('\n')[^1].Split(';')[0];
        return code == 0 && id.Length > 0 && id.All(char.IsAsciiDigit)
            ? id
            : throw new RunException($"slurm: sbatch: {OneLine(error, code)}: check --slurm-arg and the cluster");
    }

    /// <summary>How many tasks of a job are queued or running; 0 when it is over, null when the controller does not answer.</summary>
    public int? TasksLeft(string job, CancellationToken cancellation)
    {
        try
        {
            var (code, output, error) = Run("squeue", ["--noheader", "--array", "--jobs", job, "--format", "%T"], cancellation);
            if (code == 0)
                return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Count(state => state is not ("COMPLETED" or "FAILED" or "CANCELLED" or "TIMEOUT" or "NODE_FAIL" or "OUT_OF_MEMORY" or "BOOT_FAIL" or "DEADLINE"));
            // What it says of a job it has forgotten.
            return error.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase) ? 0 : null;
        }
        catch (RunException)
        {
            return null;
        }
    }

    /// <summary>Takes a job back. That it is over already is no error.</summary>
    public void Cancel(string job)
    {
        try
        {
            Run("scancel", [job], CancellationToken.None);
        }
        catch (RunException)
        {
            // Nobody answers: the job ends by its own walltime.
        }
    }

    private (int Code, string Output, string Error) Run(string command, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new RunException($"slurm: {command}: it is not installed on this machine: use a login node of the cluster, or --executor local", e);
        }

        using (process)
        {
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(timeout);
            try
            {
                process.WaitForExitAsync(limit.Token).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                cancellation.ThrowIfCancellationRequested();
                throw new RunException($"slurm: {command}: it did not answer within {timeout.TotalSeconds:0} s: check that the controller runs and SLURM_CONF names its configuration");
            }

            return (process.ExitCode, output.Result, error.Result);
        }
    }

    private static string OneLine(string error, int code) =>
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault()?.TrimEnd('.').Replace("sbatch: error: ", "", StringComparison.Ordinal) ?? $"it ended with code {code}";
}
