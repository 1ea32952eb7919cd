using AttentionServer.Studies.Runs;
using AttentionServer.Tests.Models;
using AttentionServer.Tests.RunHost;

namespace AttentionServer.Tests.Studies.Runs;

/// <summary>Run folders: resuming, what is refused, damaged files, merging, deleting.</summary>
public sealed class RunFolderTests : IDisposable
{
    private static readonly RehearsalStudy Study = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static RunOutcome Work(RunFolder run, RunnerOptions? options = null, CancellationToken cancellation = default) => RunWorker.Work(run, Study, new(), options ?? new(), null, cancellation);

    [Fact]
    public void What_is_finished_is_not_done_again()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 3));
        Assert.Equal(15, Work(run).Computed);
        var again = Work(RunFolder.Open(run.Path));
        Assert.Equal(0, again.Computed);
        Assert.True(again.Progress.IsComplete);
        Assert.Empty(Directory.EnumerateFiles(run.ClaimsFolder));
    }

    [Fact]
    public void Damaged_cells_are_done_again_and_only_these()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 3));
        Work(run);
        var before = RunFiles.Read(run.Path);
        var files = RunFiles.Cells(run.Path);
        File.WriteAllBytes(files[0], []);
        using (var cut = File.OpenWrite(files[1]))
            cut.SetLength(cut.Length / 2);
        using (var zeros = File.OpenWrite(files[2]))
        {
            zeros.Position = 200;
            zeros.Write(new byte[50]);
        }

        File.Delete(files[3]);
        File.WriteAllText(files[4] + ".0123.part", "torn");
        var opened = RunFolder.Open(run.Path);
        Assert.Equal(4, opened.Missing(Study.Plan(opened.Manifest)).Count);
        Assert.Equal(12, opened.Cells().Count() + 1);
        Assert.Equal(4, Work(opened).Computed);
        RunFiles.AssertSame(before, RunFiles.Read(run.Path));
    }

    [Fact]
    public void A_file_that_holds_another_cell_is_not_taken_for_this_one()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 1));
        Work(run);
        var files = RunFiles.Cells(run.Path);
        File.Copy(files[0], files[1], overwrite: true);
        var plan = Study.Plan(run.Manifest);
        Assert.Equal(4, plan.Count(c => RunFolder.Open(run.Path).TryRead(c.Key) != null));
        Assert.Single(RunFolder.Open(run.Path).Missing(plan));
    }

    [Theory]
    [InlineData("model", "model m has changed")]
    [InlineData("settings", "layers is 2, not 3")]
    [InlineData("gone", "engine is not part of it any more")]
    [InlineData("study", "the study is rehearsal, not other")]
    public void Another_run_is_refused_in_one_sentence(string change, string part)
    {
        RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 2));
        var other = RehearsalStudy.Manifest(layers: change == "settings" ? 3 : 2, model: change == "model" ? "2" : "1");
        if (change == "gone")
            other.Fingerprints.Remove("engine");
        var e = Assert.Throws<RunException>(() => RunFolder.OpenOrCreate(_folder.File("run"), change == "study" ? other with { Study = "other" } : other));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.Contains("another folder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_refuses_a_model_that_changed()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 2, model: "old"));
        Assert.Contains("model m has changed since (old then, 1 now)", Assert.Throws<RunException>(() => Work(run)).Message, StringComparison.Ordinal);
        Assert.Empty(RunFiles.Cells(run.Path));
    }

    [Fact]
    public void A_run_can_grow_and_keeps_what_it_has()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 2));
        Work(run);
        var larger = RehearsalStudy.Manifest(layers: 4);
        larger.Fingerprints["model n"] = "1";
        run.Extend(larger);
        Assert.Equal(10, Work(RunFolder.Open(run.Path)).Computed);
        Assert.Equal("1", RunFolder.Open(run.Path).Manifest.Fingerprints["model n"]);
        Assert.Throws<RunException>(() => run.Extend(RehearsalStudy.Manifest(layers: 4, model: "2")));
    }

    [Fact]
    public void Runs_of_several_machines_become_one()
    {
        var whole = RunFolder.Create(_folder.File("whole"), RehearsalStudy.Manifest(layers: 4));
        Work(whole);
        var (a, b) = (Copy("a"), Copy("b"));
        foreach (var file in RunFiles.Cells(a.Path).Take(12))
            File.Delete(file);
        foreach (var file in RunFiles.Cells(b.Path).TakeLast(6))
            File.Delete(file);
        File.WriteAllText(RunFiles.Cells(b.Path)[0], "damaged");
        var (taken, damaged) = a.Merge(b);
        Assert.Equal((11, 1), (taken, damaged));
        Assert.Equal(1, Work(RunFolder.Open(a.Path)).Computed);
        RunFiles.AssertSame(RunFiles.Read(whole.Path), RunFiles.Read(a.Path));

        var foreign = RunFolder.Create(_folder.File("foreign"), RehearsalStudy.Manifest(layers: 4, model: "2"));
        Assert.Contains("model m has changed", Assert.Throws<RunException>(() => a.Merge(foreign)).Message, StringComparison.Ordinal);

        RunFolder Copy(string name)
        {
            foreach (var file in Directory.EnumerateFiles(whole.Path, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(_folder.File(name), Path.GetRelativePath(whole.Path, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }

            return RunFolder.Open(_folder.File(name));
        }
    }

    [Fact]
    public void Jobs_are_noted_by_several_at_once()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 1));
        Parallel.For(0, 6, i => RunFolder.Open(run.Path).AddJob(new("slurm", $"{i}", 5, DateTimeOffset.UnixEpoch)));
        Assert.Equal(["0", "1", "2", "3", "4", "5"], RunFolder.Open(run.Path).Manifest.Jobs.Select(j => j.Id).Order());
    }

    [Fact]
    public void Deleting_takes_the_run_and_nothing_else()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 1));
        Work(run);
        File.WriteAllText(_folder.File("run", "notes.txt"), "mine");
        run.Delete();
        Assert.Equal([_folder.File("run", "notes.txt")], Directory.EnumerateFileSystemEntries(run.Path));
        Assert.Throws<RunException>(() => RunFolder.Open(run.Path));
    }

    [Fact]
    public void A_run_somebody_works_on_is_not_deleted()
    {
        var run = RunFolder.Create(_folder.File("run"), RehearsalStudy.Manifest(layers: 1));
        using var claims = new Claims(run.ClaimsFolder, Claims.UsualExpiry);
        using (claims.TryTake("layer 0"))
            Assert.Contains("stop it first", Assert.Throws<RunException>(run.Delete).Message, StringComparison.Ordinal);
        run.Delete();
        Assert.False(Directory.Exists(run.Path));
    }

    [Theory]
    [InlineData("", "no manifest")]
    [InlineData("{", "no manifest")]
    [InlineData("null", "no manifest")]
    [InlineData("[1]", "no manifest")]
    [InlineData("""{"study": "rehearsal"}""", "no manifest")]
    [InlineData("""{"format": 1, "study": null, "title": "x"}""", "no manifest")]
    [InlineData("""{"format": 9, "study": "rehearsal", "title": "x"}""", "version 9")]
    public void A_broken_manifest_is_said_in_one_sentence(string json, string part)
    {
        Directory.CreateDirectory(_folder.File("run"));
        File.WriteAllText(_folder.File("run", "manifest.json"), json);
        var e = Assert.Throws<RunException>(() => RunFolder.Open(_folder.File("run")));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.Equal(e.Message, RunCatalog.Describe(_folder.File("run"), new(Study)).Problem);
    }

    [Fact]
    public void A_list_tells_how_far_each_run_is()
    {
        var half = RunFolder.Create(_folder.File("half"), RehearsalStudy.Manifest(layers: 2));
        Work(half);
        half.Extend(RehearsalStudy.Manifest(layers: 4));
        RunFolder.Create(_folder.File("unknown"), RehearsalStudy.Manifest(layers: 2) with { Study = "other", Created = DateTimeOffset.UnixEpoch });
        var list = RunCatalog.List(_folder.Path, new(Study));
        Assert.Equal([half.Path, _folder.File("unknown")], list.Select(r => r.Path));
        Assert.Equal((10, 20), (list[0].Progress!.Done, list[0].Progress!.Total));
        Assert.Null(list[1].Progress);
        Assert.Contains("it knows rehearsal", list[1].Problem, StringComparison.Ordinal);
    }
}
