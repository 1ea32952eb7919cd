using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>One kind of device beside the processor: what rules it out before it is tried, and how a session is given it.</summary>
internal sealed record Accelerator(string Id, string Title, bool Automatic, Func<ExecutionSettings, string?> WhyNot, Action<SessionOptions, int, ExecutionSettings> Append)
{
    /// <summary>
    /// In the order of preference. Only those that compute with the processor's precision are chosen unasked: CoreML may
    /// use half precision, and WebGPU may turn out to be drawn by the processor.
    /// </summary>
    public static readonly IReadOnlyList<Accelerator> All =
    [
        new("cuda", "CUDA", Automatic: true, CudaLibrary.Load, CudaLibrary.Append),
        new("directml", "DirectML", Automatic: true, _ => Offered("DmlExecutionProvider", OperatingSystem.IsWindows() ? null : "only on Windows"), AppendDirectML),
        new("coreml", "CoreML", Automatic: false, _ => Offered("CoreMLExecutionProvider", OperatingSystem.IsMacOS() ? null : "only on macOS"), (options, _, _) => options.AppendExecutionProvider("CoreML")),
        new("webgpu", "WebGPU", Automatic: false, _ => Offered("WebGpuExecutionProvider", null), (options, number, _) => options.AppendExecutionProvider("WebGPU", new Dictionary<string, string> { ["deviceId"] = $"{number}" })),
    ];

    private static string? Offered(string provider, string? elsewhere) =>
        elsewhere ?? (DeviceChoice.Providers.Contains(provider) ? null : $"the ONNX Runtime library in use was built without it, and offers {string.Join(", ", DeviceChoice.Providers)}: see docs/DEVICES.md");

    private static void AppendDirectML(SessionOptions options, int number, ExecutionSettings settings)
    {
        // What DirectML asks of its sessions.
        options.EnableMemoryPattern = false;
        options.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
        options.AppendExecutionProvider_DML(number);
    }
}
