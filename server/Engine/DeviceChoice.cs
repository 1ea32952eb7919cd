using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>The device models run on, and why it was chosen.</summary>
public sealed class DeviceChoice
{
    private readonly int _threads;

    private DeviceChoice(string name, string reason, int threads) => (Name, Reason, _threads) = (name, reason, threads);

    /// <summary>"CPU, 2 threads".</summary>
    public string Name { get; }

    /// <summary>Why this device, in one sentence.</summary>
    public string Reason { get; }

    /// <summary>Chooses by the settings; a device that cannot be had is an error that says which can.</summary>
    public static DeviceChoice For(ExecutionSettings settings)
    {
        var cpu = $"CPU, {settings.EffectiveThreads} thread{(settings.EffectiveThreads == 1 ? "" : "s")}";
        return settings.Device.ToLowerInvariant() switch
        {
            "cpu" => new(cpu, "it was asked for", settings.EffectiveThreads),
            "auto" => new(cpu, $"this build of ONNX Runtime offers {string.Join(", ", Providers)}", settings.EffectiveThreads),
            _ => throw new EngineException($"device '{settings.Device}': this build of ONNX Runtime offers {string.Join(", ", Providers)}: use --device cpu or auto"),
        };
    }

    /// <summary>What ONNX Runtime was built with here.</summary>
    public static IReadOnlyList<string> Providers => OrtEnv.Instance().GetAvailableProviders();

    /// <summary>The version of ONNX Runtime.</summary>
    public static string EngineVersion => OrtEnv.Instance().GetVersionString();

    internal SessionOptions CreateOptions()
    {
        var options = new SessionOptions
        {
            // The composed graph is already what should run: optimising it takes longer than it saves (docs/ARCHITECTURE.md).
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            IntraOpNumThreads = _threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", AppContext.BaseDirectory);
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.set_denormal_as_zero", "1");
        return options;
    }
}
