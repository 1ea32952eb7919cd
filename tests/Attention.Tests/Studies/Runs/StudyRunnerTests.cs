using System.Diagnostics;
using AttentionServer.Studies.Runs;
using AttentionServer.Tests.Models;

namespace AttentionServer.Tests.Studies.Runs;

/// <summary>From a plan to its cells: groups, slices, progress, cancellation, and a study that breaks its word.</summary>
public sealed class StudyRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunFolder _run;

    public StudyRunnerTests() => _run = RunFolder.Create(_folder.File("run"), new() { Study = "test", Title = "Test" });

    public void Dispose() => _folder.Dispose();

    private static PlannedCell[] Plan(int count) => [.. Enumerable.Range(0, count).Select(i => new PlannedCell(CellKey.Of([new("i", $"{i}")]), Cost: i + 1) { Group = $"{i / 3}" })];

    private static FinishedCell Cell(PlannedCell cell) => new(cell.Key, new([new("x", [1.5])]));

    [Fact]
    public void Cells_of_a_group_come_together_and_progress_counts_cost()
    {
        var groups = new List<int>();
        var progress = new Recorder();
        var outcome = StudyRunner.Run(_run, Plan(8), (cells, _) =>
        {
            groups.Add(cells.Count);
            return cells.Select(Cell);
        }, new(), progress, default);
        Assert.Equal([3, 3, 2], groups);
        Assert.Equal(8, outcome.Computed);
        Assert.Equal(Enumerable.Range(0, 9), progress.Reports.Select(p => p.Done));
        Assert.Equal([0, 1, 3, 6, 10, 15, 21, 28, 36], progress.Reports.Select(p => p.DoneCost));
        Assert.Null(progress.Reports[0].Left);
        Assert.All(progress.Reports.Skip(1), p => Assert.NotNull(p.Left));
        Assert.Equal(TimeSpan.Zero, progress.Reports[^1].Left);
    }

    [Fact]
    public void A_group_that_was_begun_goes_on_with_the_rest()
    {
        foreach (var cell in Plan(8).Where((_, i) => i % 3 == 1))
            _run.Write(cell.Key, Cell(cell).Data);
        var asked = new List<string>();
        StudyRunner.Run(_run, Plan(8), (cells, _) => cells.Select(c =>
        {
            asked.Add(c.Key["i"]);
            return Cell(c);
        }), new(), null, default);
        Assert.Equal(["0", "2", "3", "5", "6"], asked);
    }

    [Theory]
    [InlineData(0, "0 1 2 3 4 5 6 7 8 9 10 11")]
    [InlineData(1, "6 7 8 9 10 11 0 1 2 3 4 5")]
    public void A_slice_is_where_a_worker_begins(int slice, string order)
    {
        var asked = new List<string>();
        StudyRunner.Run(_run, Plan(12), (cells, _) =>
        {
            asked.AddRange(cells.Select(c => c.Key["i"]));
            return cells.Select(Cell);
        }, new() { Slice = new(slice, 2) }, null, default);
        Assert.Equal(order, string.Join(' ', asked));
    }

    [Fact]
    public void Cancelling_keeps_what_is_finished_and_is_quick()
    {
        using var stop = new CancellationTokenSource();
        var watch = new Stopwatch();
        Assert.Throws<OperationCanceledException>(() => StudyRunner.Run(_run, Plan(9), Work, new(), null, stop.Token));
        Assert.True(watch.ElapsedMilliseconds < 200, $"{watch.ElapsedMilliseconds} ms");
        Assert.Equal(["0", "1", "2", "3"], _run.Cells().Select(c => c.Key["i"]).Order());
        Assert.Empty(Directory.EnumerateFiles(_run.ClaimsFolder));
        Assert.Equal(5, StudyRunner.Run(_run, Plan(9), (cells, _) => cells.Select(Cell), new(), null, default).Computed);

        IEnumerable<FinishedCell> Work(IReadOnlyList<PlannedCell> cells, CancellationToken cancellation)
        {
            foreach (var cell in cells)
            {
                if (cell.Key["i"] == "4")
                {
                    stop.CancelAfter(30);
                    cancellation.WaitHandle.WaitOne(10_000);
                    watch.Start();
                    cancellation.ThrowIfCancellationRequested();
                }

                yield return Cell(cell);
            }
        }
    }

    [Fact]
    public void Waiting_for_others_can_be_cancelled_too()
    {
        using var others = new Claims(_run.ClaimsFolder, TimeSpan.FromMinutes(1));
        using var claim = others.TryTake(CellKey.Of([new("group", "0")]).Name);
        using var stop = new CancellationTokenSource(100);
        var watch = Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => StudyRunner.Run(_run, Plan(6), (cells, _) => cells.Select(Cell), new(), null, stop.Token));
        Assert.True(watch.ElapsedMilliseconds < 1000, $"{watch.ElapsedMilliseconds} ms");
        Assert.Equal(3, _run.CountFiles());
        Assert.Equal(0, StudyRunner.Run(_run, Plan(6), (cells, _) => cells.Select(Cell), new() { WaitForOthers = false }, null, default).Computed);
    }

    [Fact]
    public void An_error_leaves_what_is_finished()
    {
        Assert.Throws<RunException>(() => StudyRunner.Run(_run, Plan(9), (cells, _) => cells.Select(c => c.Key["i"] == "5" ? throw new RunException("broken") : Cell(c)), new(), null, default));
        Assert.Equal(5, _run.CountFiles());
        Assert.Empty(Directory.EnumerateFiles(_run.ClaimsFolder));
    }

    [Fact]
    public void A_study_that_leaves_out_or_invents_a_cell_is_a_defect()
    {
        Assert.Contains("did not compute 1 of 3", Assert.Throws<InvalidOperationException>(() => StudyRunner.Run(_run, Plan(3), (cells, _) => cells.Skip(1).Select(Cell), new(), null, default)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => StudyRunner.Run(_run, Plan(3), (_, _) => [Cell(Plan(9)[7])], new(), null, default));
    }

    [Theory]
    [InlineData("3/3")]
    [InlineData("-1/3")]
    [InlineData("1/0")]
    [InlineData("1")]
    [InlineData("x/y")]
    public void A_slice_that_is_none_is_seen(string text) => Assert.Null(Slice.TryParse(text));

    private sealed class Recorder : IProgress<RunProgress>
    {
        public List<RunProgress> Reports { get; } = [];

        public void Report(RunProgress value) => Reports.Add(value);
    }
}
