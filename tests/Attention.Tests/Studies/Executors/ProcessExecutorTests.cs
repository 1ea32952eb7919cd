using System.Diagnostics;
using AttentionServer.Studies.Executors;
using AttentionServer.Studies.Runs;
using AttentionServer.Tests.Models;
using AttentionServer.Tests.RunHost;
using AttentionServer.Tests.Studies.Runs;

namespace AttentionServer.Tests.Studies.Executors;

/// <summary>Worker processes on this machine: they share the work, are started again, and end when asked or when nobody is left to ask.</summary>
public sealed class ProcessExecutorTests : IDisposable
{
    private static readonly RehearsalStudy Study = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_processes_give_the_table_of_one_and_a_failed_one_is_started_again()
    {
        var whole = RunFolder.Create(_folder.File("whole"), RehearsalStudy.Manifest(layers: 10));
        new LocalExecutor().Execute(whole, Study, new(), null, default);
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 10, milliseconds: 5));
        File.WriteAllText(_folder.File("mark"), "");
        var reports = new Reports();
        var outcome = new ProcessExecutor(["cpu", "cpu"]).Execute(run, Study, Options("--fail-once", _folder.File("mark")), reports, default);
        Assert.Equal(50, outcome.Computed);
        Assert.Equal((0, 50), (reports.All[0].Done, reports.All[^1].Done));
        Assert.False(File.Exists(_folder.File("mark")));
        RunFiles.AssertSame(RunFiles.Read(whole.Path), RunFiles.Read(run.Path));
        Assert.Equal(0, new ProcessExecutor(["cpu"]).Execute(run, Study, new() { WorkerCommand = ["no-such-command"] }, null, default).Computed);
    }

    [Fact]
    public void Cancelling_ends_the_processes()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 4, milliseconds: 30));
        using var stop = new CancellationTokenSource();
        var progress = new Reports { Then = p => stop.CancelAfter(p.Done > 0 ? 0 : 60_000) };
        var watch = Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => new ProcessExecutor(["cpu", "cpu"]).Execute(run, Study, Options(), progress, stop.Token));
        Assert.InRange(run.CountFiles(), 1, 19);
        // Nobody is at it any more: every claim was given back.
        Assert.Empty(Directory.EnumerateFiles(run.ClaimsFolder, "*.claim"));
    }

    [Fact]
    public void A_command_that_is_none_or_always_fails_is_said()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 1));
        Assert.Contains("cannot be started", Assert.Throws<RunException>(() => new ProcessExecutor(["cpu"]).Execute(run, Study, new() { WorkerCommand = [_folder.File("none")] }, null, default)).Message, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Contains("5 cells are missing because workers failed (broken)", Assert.Throws<RunException>(() => new ProcessExecutor(["cpu"]).Execute(run, Study, new() { WorkerCommand = ["/bin/sh", "-c", "echo broken >&2; exit 1"], Poll = TimeSpan.FromMilliseconds(20) }, null, default)).Message, StringComparison.Ordinal);
    }

    private static ExecutorOptions Options(params string[] more) => new() { WorkerCommand = [RunHostFile.Path, .. more], Poll = TimeSpan.FromMilliseconds(50) };

    private sealed class Reports : IProgress<RunProgress>
    {
        public List<RunProgress> All { get; } = [];

        public Action<RunProgress>? Then { get; init; }

        public void Report(RunProgress value)
        {
            All.Add(value);
            Then?.Invoke(value);
        }
    }
}
