using System.Diagnostics;
using System.Globalization;
using AttentionServer.Studies.Runs;
using AttentionServer.Tests.Models;
using AttentionServer.Tests.RunHost;

namespace AttentionServer.Tests.Studies.Runs;

/// <summary>Real worker processes, killed, doubled and cut off: the table is that of a run nobody disturbed.</summary>
public sealed class KilledWorkerTests : IDisposable
{
    private static readonly RehearsalStudy Study = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_at_twenty_random_moments_it_ends_with_the_same_bytes()
    {
        var (expected, run) = Runs(layers: 60, milliseconds: 6);
        var random = new Random(6);
        var moments = new HashSet<int>();
        for (var kill = 0; kill < 20; kill++)
        {
            // Random in the work, not only in time: a slow machine would else be killed before it did anything.
            var cells = RunFiles.Cells(run.Path).Length + random.Next(0, 15);
            var later = random.Next(0, 12);
            moments.Add(await OnItsOwnThread(() =>
            {
                using var worker = Start(run.Path, "--expiry", "2");
                while (RunFiles.Cells(run.Path).Length < cells && !worker.HasExited)
                    Thread.Sleep(1);
                Thread.Sleep(later);
                worker.Kill();
                worker.WaitForExit();
                return RunFiles.Cells(run.Path).Length;
            }));
        }

        // The kills have to hit a run under way, or this proves nothing.
        Assert.True(moments.Count(m => m is > 0 and < 300) >= 8, $"the kills came after {string.Join(", ", moments)} cells");
        var before = RunFiles.Cells(run.Path).ToDictionary(f => f, File.GetLastWriteTimeUtc);
        Assert.Equal(300 - before.Count, await Finish(run.Path));
        Assert.All(before, f => Assert.Equal(f.Value, File.GetLastWriteTimeUtc(f.Key)));
        RunFiles.AssertSame(expected, RunFiles.Read(run.Path));
    }

    [Fact]
    public async Task Killed_between_writing_and_naming_it_ends_with_the_same_bytes()
    {
        var (expected, run) = Runs(layers: 4, milliseconds: 0);
        for (var kill = 1; kill <= 8; kill++)
        {
            using var worker = Start(run.Path, "--die-at", "3");
            await worker.WaitForExitAsync();
            Assert.NotEqual(0, worker.ExitCode);
            Assert.Equal(2 * kill, RunFiles.Cells(run.Path).Length);
            Assert.Equal(kill, Directory.EnumerateFiles(run.Path, "*.part", SearchOption.AllDirectories).Count());
        }

        Assert.Equal(4, await Finish(run.Path));
        RunFiles.AssertSame(expected, RunFiles.Read(run.Path));
        run.Sweep(TimeSpan.Zero);
        Assert.Empty(Directory.EnumerateFiles(run.Path, "*.part", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Two_workers_share_the_work()
    {
        var (expected, run) = Runs(layers: 30, milliseconds: 4);
        using var first = Start(run.Path, "--slice", "0/2");
        using var second = Start(run.Path, "--slice", "1/2");
        int[] computed = [await Computed(first), await Computed(second)];
        RunFiles.AssertSame(expected, RunFiles.Read(run.Path));
        // Every cell once: on one machine claims leave no room for doing one twice.
        Assert.Equal(150, computed.Sum());
        Assert.All(computed, c => Assert.True(c > 15, $"{c} of 150"));
    }

    [Fact]
    public async Task The_work_of_a_dead_worker_is_taken_over()
    {
        var (expected, run) = Runs(layers: 6, milliseconds: 40);
        using var first = Start(run.Path);
        using var second = Start(run.Path, "--slice", "1/2");
        await first.StandardOutput.ReadLineAsync();
        while (RunFiles.Cells(run.Path).Length < 3)
            await Task.Delay(5);
        first.Kill();
        await Computed(second);
        RunFiles.AssertSame(expected, RunFiles.Read(run.Path));
    }

    [Fact]
    public async Task Asked_to_stop_it_stops_at_once_and_leaves_nothing_behind()
    {
        if (OperatingSystem.IsWindows())
            return;
        var (_, run) = Runs(layers: 2, milliseconds: 20_000, expected: false);
        using var worker = Start(run.Path);
        await worker.StandardOutput.ReadLineAsync();
        while (!Directory.EnumerateFiles(run.ClaimsFolder, "*.claim").Any())
            await Task.Delay(5);
        using (var kill = Process.Start("kill", ["-TERM", $"{worker.Id}"]))
            await kill.WaitForExitAsync();
        var watch = Stopwatch.StartNew();
        await worker.WaitForExitAsync();
        Assert.Equal(75, worker.ExitCode);
        Assert.True(watch.ElapsedMilliseconds < 2000, $"{watch.ElapsedMilliseconds} ms");
        Assert.Empty(Directory.EnumerateFiles(run.ClaimsFolder));
    }

    /// <summary>Beside tests that keep the pool's threads busy a timer is late by seconds, and a worker done before anyone kills it.</summary>
    private static Task<int> OnItsOwnThread(Func<int> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private (Dictionary<string, byte[]> Expected, RunFolder Run) Runs(int layers, int milliseconds, bool expected = true)
    {
        var manifest = RehearsalStudy.Manifest(layers, milliseconds: milliseconds);
        // The undisturbed run waits for nothing; what it waits is no part of a cell.
        var whole = RunFolder.Create(_folder.File("whole"), RehearsalStudy.Manifest(layers));
        if (expected)
            RunWorker.Work(whole, Study, new(), new(), null, default);
        var run = RunFolder.Create(_folder.File("run"), manifest);
        Directory.CreateDirectory(run.ClaimsFolder);
        return (RunFiles.Read(whole.Path), run);
    }

    private static async Task<int> Finish(string run)
    {
        using var worker = Start(run, "--expiry", "2");
        return await Computed(worker);
    }

    private static async Task<int> Computed(Process worker)
    {
        var lines = (await worker.StandardOutput.ReadToEndAsync()).TrimEnd().Split('\n');
        await worker.WaitForExitAsync();
        Assert.Equal(0, worker.ExitCode);
        return int.Parse(lines[^1].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(RunHostFile.Path, arguments) { RedirectStandardOutput = true })!;
}
