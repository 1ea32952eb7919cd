using System.Diagnostics;
using AttentionServer.Studies.Executors;
using AttentionServer.Studies.Runs;
using AttentionServer.Tests.Models;
using AttentionServer.Tests.RunHost;
using AttentionServer.Tests.Studies.Runs;
using Xunit.Abstractions;

namespace AttentionServer.Tests.Studies.Executors;

/// <summary>Slurm: the script, commands that do not answer, and two real nodes of which one dies.</summary>
[Collection(nameof(ModelCatalogProcessTests))]
public sealed class SlurmTests(ITestOutputHelper output) : IDisposable
{
    private static readonly RehearsalStudy Study = new();
    private readonly TemporaryFolder _folder = new();
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        Environment.SetEnvironmentVariable("SLURM_CONF", null);
        _folder.Dispose();
    }

    [Fact]
    public async Task The_script_runs_the_worker_whatever_its_folder_is_called()
    {
        if (OperatingSystem.IsWindows())
            return;
        var run = _folder.File("it's a \"$HOME\" `run`");
        Directory.CreateDirectory(run);
        var script = SlurmScript.Of("attention-zones x", run, ["/bin/sh", "-c", "printf '%s\\n' \"$@\"; exit 7", "worker"], 5, new());
        File.WriteAllText(_folder.File("job.sh"), script);
        Assert.Contains("#SBATCH --array=0-4\n", script, StringComparison.Ordinal);
        Assert.Contains("#SBATCH --job-name=attention-zones-x\n", script, StringComparison.Ordinal);
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", [_folder.File("job.sh")]) { RedirectStandardOutput = true, Environment = { ["SLURM_ARRAY_TASK_ID"] = "3" } })!;
        Assert.Equal([run, "--slice", "3/5", "--no-wait"], (await bash.StandardOutput.ReadToEndAsync()).TrimEnd().Split('\n'));
        await bash.WaitForExitAsync();
        Assert.Equal(7, bash.ExitCode);
    }

    [Theory]
    [InlineData("USR1", 1, true)]
    [InlineData("USR1", 20, false)]
    [InlineData("TERM", 0, false)]
    public async Task Out_of_time_it_stops_the_worker_and_goes_back_into_the_queue(string signal, int restarts, bool requeued)
    {
        if (OperatingSystem.IsWindows())
            return;
        Tool("scontrol", $"echo \"$@\" > {_folder.File("requeued")}");
        Tool("sleep", "exit 0");
        var (run, milliseconds) = (RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 1, milliseconds: 30_000)), 0);
        Directory.CreateDirectory(run.ClaimsFolder);
        File.WriteAllText(_folder.File("job.sh"), SlurmScript.Of("x", run.Path, [RunHostFile.Path], 1, new()));
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", [_folder.File("job.sh")]) { RedirectStandardOutput = true, Environment = { ["SLURM_ARRAY_TASK_ID"] = "0", ["SLURM_JOB_ID"] = "4711", ["SLURM_RESTART_COUNT"] = $"{restarts}" } })!;
        for (; !Directory.EnumerateFiles(run.ClaimsFolder, "*.claim").Any() && milliseconds < 60_000; milliseconds += 20)
            await Task.Delay(20);
        using (var kill = Process.Start("/bin/kill", [$"-{signal}", $"{bash.Id}"]))
            await kill.WaitForExitAsync();
        await bash.WaitForExitAsync();
        Assert.Equal(75, bash.ExitCode);
        Assert.Equal(requeued, File.Exists(_folder.File("requeued")));
        if (requeued)
            Assert.Equal("requeue 4711\n", File.ReadAllText(_folder.File("requeued")));
        Assert.Empty(Directory.EnumerateFiles(run.ClaimsFolder, "*.claim"));
    }

    [Fact]
    public void A_command_that_does_not_answer_is_given_up()
    {
        if (OperatingSystem.IsWindows())
            return;
        Tool("sbatch", "exec /bin/sleep 60");
        Tool("squeue", "exec /bin/sleep 60");
        var client = new SlurmClient(TimeSpan.FromMilliseconds(300));
        var watch = Stopwatch.StartNew();
        Assert.Contains("did not answer", Assert.Throws<RunException>(() => client.Submit(["job.sh"], default)).Message, StringComparison.Ordinal);
        Assert.Null(client.TasksLeft("1", default));
        Assert.True(watch.Elapsed.TotalSeconds < 20, $"{watch.Elapsed}");
        Tool("sbatch", "echo 'sbatch: error: Batch job submission failed: Invalid partition' >&2; exit 1");
        Assert.Contains("slurm: sbatch: Batch job submission failed: Invalid partition: check --slurm-arg", Assert.Throws<RunException>(() => new SlurmClient(TimeSpan.FromSeconds(20)).Submit([], default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Jobs_that_leave_cells_missing_are_handed_in_again_a_few_times()
    {
        if (OperatingSystem.IsWindows())
            return;
        // A cluster on which every job is over at once, and only the third does anything.
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 2));
        Tool("sbatch", $"n=$(cat {_folder.File("n")} 2>/dev/null || echo 0); n=$((n+1)); echo $n > {_folder.File("n")}; [ $n -ge 3 ] && '{RunHostFile.Path}' '{run.Path}' >&2; echo $n");
        Tool("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
        Tool("scancel", "exit 0");
        var slurm = new SlurmOptions { QueuePoll = TimeSpan.FromMilliseconds(20), Submissions = 2 };
        var options = new ExecutorOptions { WorkerCommand = [RunHostFile.Path], Poll = TimeSpan.FromMilliseconds(20) };
        Assert.Contains("10 cells are still missing after 2 jobs", Assert.Throws<RunException>(() => new SlurmExecutor(slurm).Execute(run, Study, options, null, default)).Message, StringComparison.Ordinal);
        Assert.Equal(10, new SlurmExecutor(slurm).Execute(RunFolder.Open(run.Path), Study, options, null, default).Computed);
        Assert.Equal(["1", "2", "3"], RunFolder.Open(run.Path).Manifest.Jobs.Select(j => j.Id));
    }

    [Fact]
    public void Two_nodes_one_killed_in_the_middle_give_the_same_table()
    {
        if (SlurmCluster.Missing is { } reason)
        {
            output.WriteLine($"Skipped: {reason}");
            return;
        }

        var watch = Stopwatch.StartNew();
        using var cluster = new SlurmCluster(firstPort: 16_830);
        Environment.SetEnvironmentVariable("SLURM_CONF", cluster.Configuration);
        var whole = RunFolder.Create(_folder.File("whole"), RehearsalStudy.Manifest(layers: 24));
        new LocalExecutor().Execute(whole, Study, new(), null, default);
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 24, milliseconds: 150));
        Exception? failure = null;
        var killed = -1;
        var progress = new Reports(p =>
        {
            if (killed < 0 && p.Done >= 30)
            {
                killed = p.Done;
                cluster.KillNode("n2");
                cluster.StartNode("n2");
            }
        });
        var slurm = new SlurmOptions { Tasks = 4, QueuePoll = TimeSpan.FromSeconds(1), Arguments = ["--time=5"] };
        try
        {
            Assert.Equal(120, new SlurmExecutor(slurm).Execute(run, Study, new() { WorkerCommand = [RunHostFile.Path, "--expiry", "5"], Poll = TimeSpan.FromMilliseconds(200) }, progress, new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token).Computed);
        }
        catch (Exception e) when (e is not RunException)
        {
            failure = e;
        }

        foreach (var log in Directory.EnumerateFiles(run.JobsFolder, "*.log").Order(StringComparer.Ordinal))
            output.WriteLine($"{Path.GetFileName(log)}: {File.ReadAllText(log).Trim().ReplaceLineEndings(" | ")}");
        output.WriteLine($"node killed after {killed} cells; {watch.Elapsed.TotalSeconds:0} s; jobs {string.Join(", ", RunFolder.Open(run.Path).Manifest.Jobs)}");
        Assert.Null(failure);
        Assert.InRange(killed, 30, 119);
        RunFiles.AssertSame(RunFiles.Read(whole.Path), RunFiles.Read(run.Path));
        Assert.NotEmpty(RunFolder.Open(run.Path).Manifest.Jobs);
    }

    /// <summary>Puts a program of that name before all others.</summary>
    private void Tool(string name, string script)
    {
        var tools = Directory.CreateDirectory(_folder.File("tools")).FullName;
        File.WriteAllText(Path.Combine(tools, name), $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(tools, name), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        if (Environment.GetEnvironmentVariable("PATH") == _path)
            Environment.SetEnvironmentVariable("PATH", $"{tools}:{_path}");
    }

    private sealed class Reports(Action<RunProgress> then) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => then(value);
    }
}
