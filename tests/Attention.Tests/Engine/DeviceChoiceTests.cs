using AttentionServer.Engine;

namespace AttentionServer.Tests.Engine;

/// <summary>Which device is chosen, and what is said about those that cannot be.</summary>
public sealed class DeviceChoiceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attention-cuda-").FullName;

    [Theory]
    [InlineData("abacus", "there is no such device: use auto, cpu, cuda, directml, coreml, webgpu")]
    [InlineData("cuda:x", "it is not understood")]
    [InlineData("cpu:1", "it is not understood")]
    [InlineData("cuda:-1", "it is not understood")]
    public void A_device_that_is_none_is_refused_in_a_sentence(string device, string part)
    {
        var error = Assert.Throws<EngineException>(() => DeviceChoice.For(new() { Device = device }));
        Assert.StartsWith($"device '{device}': ", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_device_is_listed_with_a_reason_and_the_processor_is_always_there()
    {
        var findings = DeviceChoice.Findings(new());
        Assert.Equal(["cuda", "directml", "coreml", "webgpu", "cpu"], findings.Select(f => f.Id));
        Assert.All(findings, f => Assert.NotEmpty(f.Reason));
        Assert.True(findings[^1].Found);
        Assert.Equal(OperatingSystem.IsWindows(), findings[1].Reason != "only on Windows");
        Assert.Equal(OperatingSystem.IsMacOS(), findings[2].Reason != "only on macOS");
    }

    [Fact]
    public void A_device_that_is_asked_for_and_cannot_be_had_says_the_reason_that_the_list_gives()
    {
        foreach (var finding in DeviceChoice.Findings(new()).Where(f => !f.Found))
        {
            var error = Assert.Throws<EngineException>(() => DeviceChoice.For(new() { Device = finding.Id }));
            Assert.Contains(finding.Reason, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_folder_without_the_cuda_library_is_named()
    {
        if (OperatingSystem.IsMacOS() || DeviceChoice.Providers.Contains("CUDAExecutionProvider"))
            return;
        var error = Assert.Throws<EngineException>(() => DeviceChoice.For(new() { Device = "cuda", CudaPath = _folder }));
        Assert.Contains($"onnxruntime_providers_cuda.{(OperatingSystem.IsWindows() ? "dll" : "so")} is not in {_folder}: set attention.cuda.path", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cuda_library_that_does_not_load_is_a_reason_and_the_automatic_choice_goes_on()
    {
        if (OperatingSystem.IsMacOS() || DeviceChoice.Providers.Contains("CUDAExecutionProvider"))
            return;
        File.WriteAllText(Path.Combine(_folder, OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so"), "no library");
        var settings = new ExecutionSettings { CudaPath = _folder };
        var chosen = DeviceChoice.For(settings);
        var error = Assert.Throws<EngineException>(() => DeviceChoice.For(settings with { Device = "cuda" }));
        Assert.Contains("cannot be loaded", error.Message, StringComparison.Ordinal);
        Assert.NotEqual("CUDA", chosen.Name);
        Assert.Contains("cannot be loaded", chosen.IsProcessor ? chosen.Reason : "cannot be loaded", StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_a_device_copies_give_the_numbers_of_weights_used_where_they_lie()
    {
        var settings = new ExecutionSettings { Device = "cpu", Threads = 1 };
        using var here = GoldenModels.Open("bert", "mlm");
        // A session on the processor that is given its weights the way a GPU's is.
        using var copied = Model.From("copied", AttentionServer.Models.Checkpoints.Checkpoint.Open(Golden.Data("bert", "mlm")), settings, () => new("copying", "", isProcessor: false, settings));
        using var expected = GoldenModels.Expected("bert", "A");
        var wanted = new TraceRequest { Attentions = true, HiddenStates = true, Logits = true };
        using var a = here.Trace(expected.Input(), wanted, CancellationToken.None);
        using var b = copied.Trace(expected.Input(), wanted, CancellationToken.None);
        Assert.Equal("copying", copied.Device.Name);
        GoldenModels.Near(a.Logits!.Span, b.Logits!.Span, "logits", 1e-6);
        GoldenModels.Near(a.HiddenStates[^1].Span, b.HiddenStates[^1].Span, "hidden states", 1e-6);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
