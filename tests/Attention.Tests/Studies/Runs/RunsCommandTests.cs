using System.Diagnostics;
using System.Text.Json;
using AttentionServer.Studies.Runs;
using AttentionServer.Tests.Models;
using AttentionServer.Tests.RunHost;

namespace AttentionServer.Tests.Studies.Runs;

/// <summary><c>attention runs</c> on the built command, with a run of a study that it does not know.</summary>
public sealed class RunsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunFolder _run;

    public RunsCommandTests()
    {
        _run = RunFolder.Create(_folder.File("runs", "a"), RehearsalStudy.Manifest(layers: 2) with { Title = "Rehearsal, <of> 2" });
        RunWorker.Work(_run, new RehearsalStudy(), new(), new(), null, default);
        _run.AddJob(new("slurm", "17", 10, DateTimeOffset.UnixEpoch));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Runs_are_listed_and_shown()
    {
        using var list = JsonDocument.Parse(Run(0, "runs", "list", "--in", _folder.File("runs"), "--json"));
        Assert.Equal((_run.Path, 10), (list.RootElement[0].GetProperty("path").GetString(), list.RootElement[0].GetProperty("cells").GetInt32()));
        using var shown = JsonDocument.Parse(Run(0, "runs", "show", _run.Path, "--json"));
        var row = shown.RootElement.GetProperty("table").EnumerateArray().Single(r => r.GetProperty("layer").GetString() == "1" && r.GetProperty("zone").GetString() == "P2Q");
        var data = _run.Cells().Single(c => c.Key["layer"] == "1" && c.Key["zone"] == "P2Q").Data;
        Assert.Equal(data.Numbers["f1"].Average(), row.GetProperty("f1").GetDouble(), 1e-12);
        Assert.Contains("slurm 17, 10 cells", Run(0, "runs", "show", _run.Path), StringComparison.Ordinal);
        Assert.Equal("[]", Run(0, "runs", "list", "--in", _folder.File("nowhere"), "--json").Trim());
    }

    [Fact]
    public void Runs_are_exported()
    {
        foreach (var extension in new[] { "csv", "html", "json" })
            Run(0, "runs", "export", _run.Path, "--output", _folder.File($"out.{extension}"));
        var lines = File.ReadAllLines(_folder.File("out.csv"));
        Assert.Equal("layer,zone,examples,em,f1", lines[0]);
        Assert.Equal(11, lines.Length);
        Assert.Contains("Rehearsal, &lt;of&gt; 2", File.ReadAllText(_folder.File("out.html")), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.File("out.json")));
        Assert.Equal("rehearsal", json.RootElement.GetProperty("manifest").GetProperty("study").GetString());
        Run(0, "runs", "export", _run.Path, "--examples", "--output", _folder.File("all.csv"));
        var all = File.ReadAllLines(_folder.File("all.csv"));
        Assert.Equal("layer,zone,example,answer,em,f1", all[0]);
        Assert.Equal(51, all.Length);
        Assert.Contains("\"naïve \"\"0.", all[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_merged_and_deleted()
    {
        var other = RunFolder.Create(_folder.File("runs", "b"), RehearsalStudy.Manifest(layers: 2));
        Assert.Contains("10 cells taken over", Run(0, "runs", "merge", other.Path, _run.Path), StringComparison.Ordinal);
        Assert.Contains("add --yes", Run(2, "runs", "delete", other.Path), StringComparison.Ordinal);
        Assert.True(Directory.Exists(other.Path));
        Run(0, "runs", "delete", other.Path, "--yes");
        Assert.False(Directory.Exists(other.Path));
    }

    [Theory]
    [InlineData(1, "show nowhere", "there is no run in this folder")]
    [InlineData(1, "work RUN", "there is no study 'rehearsal' in this program")]
    [InlineData(2, "work RUN --slice 2/2", "give i/n")]
    [InlineData(2, "export RUN", "name the file with --output")]
    [InlineData(1, "export RUN --output x.bmp", "use .csv, .html or .json")]
    [InlineData(2, "export RUN --examples --output x.json", "only .csv holds every example")]
    public void What_is_wrong_is_one_line(int code, string arguments, string part)
    {
        var error = Run(code, ["runs", .. arguments.Split(' ').Select(a => a == "RUN" ? _run.Path : a)]);
        Assert.StartsWith("attention: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    /// <summary>What the command prints on standard output when it is to succeed, on standard error otherwise.</summary>
    private string Run(int code, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "attention.exe" : "attention"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _folder.Path,
        })!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == code, $"{process.ExitCode}: {error.Result}");
        return code == 0 ? output : error.Result;
    }
}
