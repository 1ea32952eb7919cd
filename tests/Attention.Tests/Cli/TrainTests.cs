using System.Diagnostics;
using System.Text.Json;
using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Tests.Cli;

/// <summary><c>attention train</c> as a process: the three objectives, a kill at any moment, and what is wrong with a command.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attention-train-").FullName;

    private static readonly string[] Shape = ["--from-scratch", "--layers", "1", "--heads", "2", "--hidden", "8"];

    public TrainTests()
    {
        var lines = Enumerable.Range(0, 300).Select(i => i % 10 == 9 ? "" : $"the {(i % 3 == 0 ? "cat" : "dog")} sat on the {(i % 2 == 0 ? "mat" : "rug")} in room {i % 7} .");
        File.WriteAllLines(At("text.txt"), lines);
        File.WriteAllLines(At("classes.tsv"), Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? $"a fine day number {i}\tgood" : $"a bad day number {i}\tbad"));
        File.WriteAllText(At("questions.json"), """
            {"data": [{"title": "t", "paragraphs": [{"context": "A 𝄞 is a clef. The river Rhine flows from the Alps to the sea.", "qas": [
                {"id": "1", "question": "Where does the Rhine come from?", "answers": [{"text": "the Alps", "answer_start": 42}]},
                {"id": "2", "question": "Who wrote it?", "is_impossible": true, "answers": []},
                {"id": "3", "question": "What is a clef?", "answers": [{"text": "𝄞", "answer_start": 2}]}]}]}]}
            """);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_killed_process_goes_on_to_the_same_losses_and_the_same_model()
    {
        string[] command = ["mlm", .. Shape, "--data", At("text.txt"), "--hold-out", "3", "--steps", "40", "--length", "16", "--batch-tokens", "64", "--looks", "4", "--save-every", "0", "--threads", "1", "--resume"];
        Assert.Equal(0, Run([.. command, "--output", At("whole")]).Status);
        var random = new Random();
        for (var kill = 0; kill < 2; kill++)
        {
            using var process = Start([.. command, "--output", At("killed")]);
            var clock = Stopwatch.StartNew();
            while (!File.Exists(At("killed", "training.safetensors")) && !process.HasExited && clock.Elapsed.TotalSeconds < 60)
                Thread.Sleep(5);
            Thread.Sleep(random.Next(60));
            process.Kill();
            process.WaitForExit();
        }

        var (status, _, error) = Run([.. command, "--output", At("killed")]);
        // It may have come to its end before it was killed.
        Assert.True(status == 0 || error.Contains("finished model", StringComparison.Ordinal), error);
        Assert.Equal(Losses("whole"), Losses("killed"));
        Assert.Equal(File.ReadAllBytes(At("whole", "model.safetensors")), File.ReadAllBytes(At("killed", "model.safetensors")));
        Assert.False(File.Exists(At("killed", "training.safetensors")));
    }

    [Theory]
    [InlineData("qa", "questions.json", HeadKind.QuestionAnswering, "--length 64 --batch-tokens 256")]
    [InlineData("classification", "classes.tsv", HeadKind.Classification, "--type F16")]
    public void A_head_is_added_and_learns(string objective, string data, HeadKind head, string more)
    {
        var (status, output, error) = Run(
            [objective, "--data", At(data), "--dev", At(data), "--epochs", "12", "--learning-rate", "1e-3", "--output", At("new"), "--json", .. more.Split(' ')]);
        Assert.True(status == 0, error);
        using var json = JsonDocument.Parse(output);
        var losses = Losses("new");
        Assert.True(losses[^3..].Average(double.Parse) < 0.7 * losses[..3].Average(double.Parse), string.Join(' ', losses));
        Assert.InRange(json.RootElement.GetProperty("devAccuracy").GetDouble(), 0.7, 1);
        using var model = Model.Open("new", At("new"), new() { Device = "cpu" });
        Assert.Equal(head, model.Head);
        if (head == HeadKind.Classification)
            Assert.Equal(["bad", "good"], model.Config.Labels);
    }

    [Theory]
    [InlineData(2, "mlm --data missing.txt --output o", "missing.txt: command line: there is no such file")]
    [InlineData(2, "mlm --data text.txt --output o --minutes 1 --steps 3", "give one of them")]
    [InlineData(2, "mlm --data text.txt --output o --layers 3", "add --from-scratch")]
    [InlineData(1, "qa --data text.txt --output o", "text.txt")]
    [InlineData(1, "qa --data questions.json --output o --length 20", "a window")]
    [InlineData(1, "classification --data questions.json --output o", "one JSON object a line")]
    [InlineData(1, "resume text.txt", "there is no such folder")]
    [InlineData(1, "resume .", "there is no training in this folder")]
    [InlineData(2, "mlm --data text.txt --output o --steps 0", "give a number above 0")]
    [InlineData(2, "qa --data questions.json --output o --dev-share 1", "give a number from 0 to 0.9")]
    [InlineData(2, "mlm --data text.txt --output text.txt", "it is a file")]
    public void What_is_wrong_is_one_line(int code, string arguments, string part)
    {
        var (status, _, error) = Run(arguments.Split(' '));
        Assert.Equal(code, status);
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'), line => line.StartsWith("attention: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_training_goes_on_by_its_folder_alone_and_is_nobody_elses_meanwhile()
    {
        string[] command = ["classification", "--model", "attention-mini", "--data", At("classes.tsv"), "--dev-share", "0.2", "--epochs", "40", "--batch-tokens", "128", "--looks", "3", "--threads", "1", "--save-every", "0"];
        Assert.Equal(0, Run([.. command, "--output", At("whole")]).Status);
        using (var process = Start([.. command, "--output", At("stopped")]))
        {
            var clock = Stopwatch.StartNew();
            while (!File.Exists(At("stopped", "training.safetensors")) && !process.HasExited && clock.Elapsed.TotalSeconds < 60)
                Thread.Sleep(5);
            var (status, _, other) = Run("resume", At("stopped"));
            Assert.Equal(1, status);
            Assert.Contains("trained by another process", other, StringComparison.Ordinal);
            process.Kill();
            process.WaitForExit();
        }

        var (done, _, error) = Run("resume", At("stopped"));
        Assert.True(done == 0, error);
        Assert.Equal(Losses("whole"), Losses("stopped"));
        Assert.Equal(File.ReadAllBytes(At("whole", "model.safetensors")), File.ReadAllBytes(At("stopped", "model.safetensors")));
        var (again, _, refusal) = Run("resume", At("stopped"));
        Assert.Equal(1, again);
        Assert.Contains("it holds a finished model", refusal, StringComparison.Ordinal);
        Assert.Equal(3, File.ReadLines(At("whole", "losses.csv")).Count(line => line.Split(',')[6].Length > 0 && line[0] != 's'));
    }

    private string At(params string[] parts) => Path.Combine([_folder, .. parts]);

    private List<string> Losses(string folder) => [.. File.ReadLines(At(folder, "losses.csv")).Skip(1).Select(line => line.Split(',')[1])];

    private Process Start(string[] arguments) => Process.Start(new ProcessStartInfo(
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "attention.exe" : "attention"), ["train", .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        WorkingDirectory = _folder,
    })!;

    private (int Status, string Output, string Error) Run(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(120_000), "it did not end");
        return (process.ExitCode, output.Result, error);
    }
}
