using System.Diagnostics;
using System.Text.Json;

namespace AttentionServer.Tests.Models.Hub;

/// <summary>Downloads as the command does them, in processes of their own.</summary>
public sealed class HubProcessTests : IDisposable
{
    private readonly string _cache = Directory.CreateTempSubdirectory("attention-hub-").FullName;
    private readonly FakeHub _hub = new("owner/tiny", new[] { "config.json", "vocab.txt", "model.safetensors" }.ToDictionary(f => f, f => File.ReadAllBytes(Golden.Data("bert", "mlm", f))));

    [Fact]
    public void Two_processes_at_once_end_with_one_good_copy()
    {
        var weights = _hub.Files["model.safetensors"];
        _hub.Misbehave = (name, start) => name == "model.safetensors" ? new(start > 0 ? 206 : 200, weights[(int)start..], DelayMilliseconds: 700) : null;
        var both = new[] { Start("models", "download", "owner/tiny", "--json"), Start("models", "download", "owner/tiny", "--json") };
        var folders = both.Select(End).Select(end =>
        {
            Assert.True(end.Status == 0, end.Error);
            using var document = JsonDocument.Parse(end.Output);
            return document.RootElement.GetProperty("folder").GetString()!;
        }).ToList();
        Assert.Equal(folders[0], folders[1]);
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(folders[0], "model.safetensors")));
        Assert.Single(_hub.Requests, r => r.StartsWith("store", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles(_cache, "*.part", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(_cache, "*.incomplete", SearchOption.AllDirectories)));

        var predicted = End(Start("predict", "a [MASK] reads .", "--model", "owner/tiny", "--json"));
        Assert.True(predicted.Status == 0, predicted.Error);
        var deleted = End(Start("models", "delete", "owner/tiny", "--yes"));
        Assert.True(deleted.Status == 0, deleted.Error);
        Assert.Contains("download it with 'attention models download owner/tiny'", End(Start("predict", "a [MASK]", "--model", "owner/tiny")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_killed_download_goes_on()
    {
        var weights = _hub.Files["model.safetensors"];
        _hub.Misbehave = (name, start) => name == "model.safetensors" && start == 0 ? new(Body: weights, CutAfter: weights.Length / 2, DelayMilliseconds: 0) : name == "model.safetensors" ? new(206, weights[(int)start..], DelayMilliseconds: 30_000) : null;
        using (var first = Start("models", "download", "owner/tiny"))
        {
            Assert.True(SpinWait.SpinUntil(() => _hub.Requests.Any(r => r.Contains("bytes=", StringComparison.Ordinal)), 20_000), "it did not take the broken file up again");
            first.Kill();
            first.WaitForExit();
        }

        _hub.Misbehave = null;
        var second = End(Start("models", "download", "owner/tiny", "--json"));
        Assert.True(second.Status == 0, second.Error);
        using var document = JsonDocument.Parse(second.Output);
        Assert.True(document.RootElement.GetProperty("bytes").GetInt64() < weights.Length, "it fetched everything again");
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(document.RootElement.GetProperty("folder").GetString()!, "model.safetensors")));
    }

    public void Dispose()
    {
        _hub.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "attention.exe" : "attention"), [.. arguments, "--cache", Path.Combine(_cache, "analyses")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["HF_ENDPOINT"] = _hub.Address;
        start.Environment["HF_HUB_CACHE"] = Path.Combine(_cache, "hub");
        start.Environment["NO_PROXY"] = "127.0.0.1";
        return Process.Start(start)!;
    }

    private static (int Status, string Output, string Error) End(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEnd();
            Assert.True(process.WaitForExit(60_000), "it did not end");
            return (process.ExitCode, output.Result, error);
        }
    }
}
