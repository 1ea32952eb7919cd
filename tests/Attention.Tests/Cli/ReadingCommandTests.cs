using System.Diagnostics;
using System.Text.Json;

namespace AttentionServer.Tests.Cli;

/// <summary>Data sets answered and scored, and long passages read, by the built command.</summary>
public sealed class ReadingCommandTests : IDisposable
{
    private const string Passage = "The first European to travel the length of the Amazon River was Francisco de Orellana in 1542.";

    private readonly string _folder = Directory.CreateTempSubdirectory("attention-cli-").FullName;

    [Fact]
    public void A_data_set_is_answered_scored_and_written_in_the_official_format()
    {
        var data = Write("q.jsonl", $$"""
            {"id": "1", "question": "Who was the first European?", "context": "{{Passage}}", "answers": ["Francisco de Orellana"]}
            {"id": "2", "question": "When?", "context": "{{Passage}}", "answers": ["1643"]}
            {"id": "3", "question": "Which river?", "context": "{{Passage}}", "answers": ["Amazon River", "the Amazon"]}
            {"id": "4", "question": "Which one else?", "context": "{{Passage}}", "answers": ["Amazon"]}
            """);
        var (status, output, error) = Run("predict", "--data", data, "--skip-bad", "--limit", "2", "--model", "attention-mini-qa", "--output", "answers.json", "--n-best", "best.json", "--top", "3", "--json");
        Assert.True(status == 0, error);
        using var report = JsonDocument.Parse(output);
        Assert.Equal((2, 1), (report.RootElement.GetProperty("questions").GetInt32(), report.RootElement.GetProperty("skipped").GetProperty("count").GetInt32()));
        Assert.Contains("line 2.answers[0]", report.RootElement.GetProperty("skipped").GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
        using var answers = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "answers.json")));
        using var best = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "best.json")));
        Assert.Equal(["1", "3"], answers.RootElement.EnumerateObject().Select(a => a.Name));
        foreach (var question in best.RootElement.EnumerateObject())
        {
            Assert.Equal(3, question.Value.GetArrayLength());
            Assert.Equal(answers.RootElement.GetProperty(question.Name).GetString(), question.Value[0].GetProperty("text").GetString());
            Assert.All(question.Value.EnumerateArray(), c => Assert.Equal(c.GetProperty("text").GetString(), Passage[c.GetProperty("start").GetInt32()..c.GetProperty("end").GetInt32()]));
        }

        // The same answers, scored from the file.
        var scored = Run("predict", "--data", data, "--skip-bad", "--limit", "2", "--score", "answers.json", "--json");
        Assert.True(scored.Status == 0, scored.Error);
        using var again = JsonDocument.Parse(scored.Output);
        foreach (var measure in new[] { "exactMatch", "f1" })
            Assert.Equal(report.RootElement.GetProperty(measure).GetDouble(), again.RootElement.GetProperty(measure).GetDouble(), 1e-9);
    }

    [Fact]
    public void A_passage_longer_than_the_model_is_read_in_windows()
    {
        var passage = string.Concat(Enumerable.Repeat("Nothing is said here at all. ", 150)) + Passage;
        var (status, output, error) = Run("predict", "Who was the first European to travel the Amazon?", "--pair", passage, "--model", "attention-mini-qa", "--top", "400", "--json");
        Assert.True(status == 0, error);
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("windows").GetInt32() > 3);
        var candidates = json.RootElement.GetProperty("predictions")[0].GetProperty("candidates").EnumerateArray().ToList();
        Assert.All(candidates, c => Assert.Equal(c.GetProperty("text").GetString(), passage[c.GetProperty("start").GetInt32()..c.GetProperty("end").GetInt32()]));
        Assert.Contains(candidates, c => c.GetProperty("start").GetInt32() >= passage.Length - Passage.Length);
    }

    [Theory]
    [InlineData("predict --data nowhere.json --model attention-mini-qa", 1, "there is no such file: nowhere.json")]
    [InlineData("predict Who? --data q.json", 2, "leave texts and changes to the model out")]
    [InlineData("predict x --limit 3", 2, "--limit: command line: it goes with --data")]
    [InlineData("predict Who? --pair Ann --model attention-mini-qa --max-length 9999", 2, "positions for 512")]
    [InlineData("predict Who? --pair Ann --model attention-mini-qa --doc-stride 0", 2, "give a number from 1")]
    [InlineData("predict x[MASK] --max-length 20", 2, "windows are for a question and its passage")]
    public void What_is_wrong_is_one_line_and_an_exit_code(string arguments, int code, string part)
    {
        var (status, output, error) = Run(arguments.Split(' '));
        Assert.Equal((code, ""), (status, output));
        Assert.StartsWith("attention: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_that_head_is_refused()
    {
        var data = Write("q.jsonl", """{"id": "1", "question": "Who?", "context": "Ann", "answers": ["Ann"]}""");
        Assert.Contains("choose a question-answering model", Run("predict", "--data", data, "--model", "attention-mini").Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private (int Status, string Output, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "attention.exe" : "attention"), [.. arguments, "--cache", Path.Combine(_folder, "cache")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = _folder,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(120_000), "it did not end");
        return (process.ExitCode, output.Result, error);
    }
}
