using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>ONNX Runtime's CUDA provider, a library of its own that is loaded from wherever it lies (docs/DEVICES.md).</summary>
internal static class CudaLibrary
{
    private const string Provider = "CUDAExecutionProvider";

    private static readonly ConcurrentDictionary<string, Lazy<string?>> _registered = new(StringComparer.Ordinal);

    private static string FileName => OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";

    /// <summary>Makes the provider known to the engine; why that failed, or null.</summary>
    public static string? Load(ExecutionSettings settings)
    {
        if (OperatingSystem.IsMacOS())
            return "only on Linux and Windows, with an NVIDIA GPU";
        if (IsBuiltIn(settings))
            return null;
        var folder = Chosen(settings) ?? Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return $"{FileName} is not in {folder}: set attention.cuda.path or ATTENTION_CUDA_PATH to the folder that holds it";
        return _registered.GetOrAdd(path, p => new(() => Register(p))).Value;
    }

    /// <summary>Puts the GPU of that number first among a session's devices.</summary>
    public static void Append(SessionOptions options, int number, ExecutionSettings settings)
    {
        // TF32 keeps ten bits of each number: faster, and too coarse for what is drawn from the differences.
        var exact = new Dictionary<string, string> { ["use_tf32"] = "0" };
        if (IsBuiltIn(settings))
        {
            using var cuda = new OrtCUDAProviderOptions();
            exact["device_id"] = $"{number}";
            cuda.UpdateOptions(exact);
            options.AppendExecutionProvider_CUDA(cuda);
            return;
        }

        var found = Gpus();
        if (number >= found.Count)
            throw new EngineException($"device 'cuda:{number}': CUDA: there {(found.Count == 1 ? "is 1 GPU" : $"are {found.Count} GPUs")}, counted from 0: choose another");
        options.AppendExecutionProvider(OrtEnv.Instance(), [found[number]], exact);
    }

    private static List<OrtEpDevice> Gpus() => [.. OrtEnv.Instance().GetEpDevices().Where(d => d.EpName == Provider)];

    // A build of the engine that knows CUDA looks for the library beside itself, unless another place was chosen.
    private static bool IsBuiltIn(ExecutionSettings settings) => Chosen(settings) == null && DeviceChoice.Providers.Contains(Provider);

    private static string? Chosen(ExecutionSettings settings) =>
        settings.CudaPath is { Length: > 0 } chosen ? chosen
        : Environment.GetEnvironmentVariable("ATTENTION_CUDA_PATH") is { Length: > 0 } variable ? variable
        : null;

    private static string? Register(string path)
    {
        try
        {
            OrtEnv.Instance().RegisterExecutionProviderLibrary(Provider, path);
        }
        catch (OnnxRuntimeException e)
        {
            return $"{path} cannot be loaded ({RuntimeMessage.Of(e)}): install the CUDA 13 and cuDNN 9 libraries it needs and an NVIDIA driver";
        }

        return Gpus().Count > 0 ? null : "no NVIDIA GPU was found: is its driver installed?";
    }
}
