using System.Diagnostics;
using System.Text.Json;

namespace AttentionServer.Tests.Cli;

/// <summary>`attention zones` on the built command itself.</summary>
public sealed class ZonesCommandTests
{
    private static readonly string[] Pair = ["zones", "-q", "Who designed the garden?", "-p", "The palace was enlarged by Louis. Its garden was designed by Andre in 1661."];

    [Theory]
    [InlineData("--passage-file f", 2, "give one of --passage and --passage-file")]
    [InlineData("--zones Q3", 2, "there is no such zone: use Q2")]
    [InlineData("--zones Q2,Q2", 2, "named 2 times")]
    [InlineData("--zone x=soul", 1, "'soul' is no set of tokens")]
    [InlineData("--zone-file missing.json", 1, "there is no such file")]
    [InlineData("--zones BLOCK", 1, "mask it by probability")]
    [InlineData("--layers 2-4", 2, "layers 0 to 3")]
    [InlineData("--strengths 1,2", 2, "from 0 to 1")]
    [InlineData("--mask-mode half", 2, "use score or probability")]
    [InlineData("--pad-to 9999", 2, "takes 1 to 512 tokens")]
    [InlineData("--model attention-mini", 1, "choose a model for question answering")]
    [InlineData("--output report.png", 1, ".safetensors")]
    public void What_is_wrong_is_one_line_and_an_exit_code(string arguments, int code, string part)
    {
        var (status, output, error) = Run([.. Pair, .. arguments.Split(' ')]);
        Assert.Equal(code, status);
        Assert.Empty(output);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("attention: ", error, StringComparison.Ordinal);
        Assert.Contains(part, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_and_the_document_say_the_same()
    {
        var (status, json, _) = Run([.. Pair, "--zones", "P2Q,paper-all", "--zone", "year=question<-passage:/\\d+/", "--layers", "1,3", "--strengths", "0.5,1", "--json"]);
        Assert.Equal(0, status);
        using var document = JsonDocument.Parse(json);
        var report = document.RootElement;
        Assert.Equal(2 * 3 * 2, report.GetProperty("cells").GetArrayLength());
        var answer = report.GetProperty("answer").GetProperty("text").GetString()!;
        var strongest = report.GetProperty("cells").EnumerateArray().Where(c => c.GetProperty("strength").GetDouble() == 1).ToList();
        var (shown, table, _) = Run([.. Pair, "--zones", "P2Q,paper-all", "--zone", "year=question<-passage:/\\d+/", "--layers", "1,3", "--strengths", "0.5,1"]);
        Assert.Equal(0, shown);
        Assert.Contains(answer, table, StringComparison.Ordinal);
        Assert.Contains("paper-all changes nothing without padding", table, StringComparison.Ordinal);
        var lines = table.Split('\n');
        // Layers go upward: the last one stands first.
        var rows = lines.Select(l => l.Trim()).Where(l => l.StartsWith("4 ", StringComparison.Ordinal) || l.StartsWith("2 ", StringComparison.Ordinal)).ToList();
        Assert.StartsWith("4 ", rows[0], StringComparison.Ordinal);
        Assert.StartsWith("2 ", rows[1], StringComparison.Ordinal);
        foreach (var (row, layer) in rows.Take(2).Zip(new[] { 3, 1 }))
        {
            var numbers = row.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(n => n.TrimEnd('*')).ToList();
            var deltas = strongest.Where(c => c.GetProperty("layer").GetInt32() == layer).Select(c => c.GetProperty("deltaProbability").GetDouble().ToString("+0.0000;−0.0000; 0.0000", System.Globalization.CultureInfo.InvariantCulture).Trim());
            Assert.Equal(deltas, numbers);
        }
    }

    [Fact]
    public void Other_commands_mask_a_zone_of_ones_own()
    {
        string[] predict = ["predict", Pair[2], "--pair", Pair[4], "--model", "attention-mini-qa", "--json"];
        var (_, plain, _) = Run(predict);
        var (status, masked, _) = Run([.. predict, "--mask-zone", "mine=all<-passage", "--mask-layer", "1"]);
        Assert.Equal(0, status);
        Assert.NotEqual(plain, masked);
        var (nothing, same, note) = Run([.. predict, "--mask-zone", "paper-all", "--mask-layer", "1"]);
        Assert.Equal(0, nothing);
        Assert.Equal(plain, same);
        Assert.Contains("changes nothing without padding", note, StringComparison.Ordinal);
    }

    private static (int Status, string Output, string Error) Run(params string[] arguments)
    {
        var cache = Directory.CreateTempSubdirectory("attention-zones-").FullName;
        try
        {
            var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "attention.exe" : "attention"), [.. arguments, "--cache", cache])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = cache,
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEnd();
            Assert.True(process.WaitForExit(60_000), "it did not end");
            return (process.ExitCode, output.Result, error);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }
}
