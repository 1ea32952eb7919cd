using System.Diagnostics;
using System.Text.Json;

namespace AttentionServer.Tests.Cli;

/// <summary>`attention doctor`, and what is said when a device cannot be had, on the built command itself.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attention-doctor-").FullName;

    [Fact]
    public void Every_device_is_listed_with_why_it_can_be_used_or_not()
    {
        var findings = Doctor();
        foreach (var device in new[] { "cuda", "directml", "coreml", "webgpu", "cpu" })
        {
            var finding = findings.GetProperty($"device:{device}");
            Assert.NotEmpty(finding.GetProperty("value").GetString()!);
            // A device that is not there is no fault of the installation.
            Assert.True(finding.GetProperty("good").GetBoolean());
        }

        Assert.True(findings.GetProperty("device:cpu").GetProperty("found").GetBoolean());
    }

    [Fact]
    public void Caches_are_listed_with_their_place_and_size_and_shared_files_count_once()
    {
        var blob = Path.Combine(_folder, "hub", "models--a--b", "blobs", "x");
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        File.WriteAllBytes(blob, new byte[3_000_000]);
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(Path.Combine(_folder, "hub", "models--a--b", "link"), blob);
        var findings = Doctor();
        Assert.Equal($"{Path.Combine(_folder, "hub")} (3 MB in 1 file)", findings.GetProperty("hub").GetProperty("value").GetString());
        Assert.Equal($"{Path.Combine(_folder, "cache")} (not there yet)", findings.GetProperty("cache").GetProperty("value").GetString());
    }

    [Fact]
    public void A_cuda_library_that_does_not_load_is_reported_and_models_still_run()
    {
        if (OperatingSystem.IsMacOS())
            return;
        File.WriteAllText(Path.Combine(_folder, OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so"), "no library");
        var (status, _, error) = Run("predict", "a [MASK] here", "--device", "cuda");
        Assert.Equal(1, status);
        Assert.StartsWith("attention: device 'cuda': CUDA: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Equal(0, Run("predict", "a [MASK] here").Status);
        Assert.False(Doctor().GetProperty("device:cuda").GetProperty("found").GetBoolean());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Its exit code tells of the page for exports too, which tests do not build.
    private JsonElement Doctor() => JsonDocument.Parse(Run("doctor", "--json").Output).RootElement;

    private (int Status, string Output, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "attention.exe" : "attention"), [.. arguments, "--cache", Path.Combine(_folder, "cache")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ATTENTION_CUDA_PATH"] = _folder;
        start.Environment["HF_HUB_CACHE"] = Path.Combine(_folder, "hub");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), "it did not end");
        return (process.ExitCode, output.Result, error);
    }
}
