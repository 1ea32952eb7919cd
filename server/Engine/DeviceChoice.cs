using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>The device models run on, and why it was chosen.</summary>
public sealed class DeviceChoice
{
    private readonly ExecutionSettings _settings;
    private readonly Action<SessionOptions>? _prepare;

    internal DeviceChoice(string name, string reason, bool isProcessor, ExecutionSettings settings, Action<SessionOptions>? prepare = null) =>
        (Name, Reason, IsProcessor, _settings, _prepare) = (name, reason, isProcessor, settings, prepare);

    /// <summary>"CPU, 2 threads", "CUDA", "CUDA 1".</summary>
    public string Name { get; }

    /// <summary>Why this device, in one sentence.</summary>
    public string Reason { get; }

    /// <summary>What the user should be told about the device; null when it is what was chosen.</summary>
    public string? Notice { get; private set; }

    /// <summary>True when sessions compute in the processor's memory and can use weights where they lie.</summary>
    public bool IsProcessor { get; }

    /// <summary>What ONNX Runtime was built with here.</summary>
    public static IReadOnlyList<string> Providers => OrtEnv.Instance().GetAvailableProviders();

    /// <summary>The version of ONNX Runtime.</summary>
    public static string EngineVersion => OrtEnv.Instance().GetVersionString();

    /// <summary>Chooses by the settings; a device that cannot be had is an error that says why.</summary>
    public static DeviceChoice For(ExecutionSettings settings)
    {
        var (id, number) = Parse(settings.Device);
        if (id == "cpu")
            return Processor(settings, "it was asked for");
        if (id == "auto")
            return Automatic(settings);
        var accelerator = Accelerator.All.FirstOrDefault(a => a.Id == id)
            ?? throw new EngineException($"device '{settings.Device}': there is no such device: use auto, cpu, {string.Join(", ", Accelerator.All.Select(a => a.Id))}, or cuda:1 for the second GPU") { IsBadArgument = true };
        var finding = DeviceTrial.Of(accelerator, number, settings);
        return finding.Found
            ? On(accelerator, number, settings, $"it was asked for, and {finding.Reason}")
            : throw new EngineException($"device '{settings.Device}': {accelerator.Title}: {finding.Reason}; or use --device cpu or auto");
    }

    /// <summary>Every kind of device, the processor included, and whether it can be used here.</summary>
    public static IReadOnlyList<DeviceFinding> Findings(ExecutionSettings settings) =>
    [
        .. Accelerator.All.Select(a => DeviceTrial.Of(a, 0, settings)),
        new("cpu", "CPU", true, Threads(settings)),
    ];

    /// <summary>The processor, instead of this device.</summary>
    internal DeviceChoice FallBack(string why)
    {
        var processor = Processor(_settings, $"{Name} was left: {why}");
        processor.Notice = $"{Name} could not run this model ({why}), so it runs on the processor.";
        return processor;
    }

    internal static DeviceChoice Processor(ExecutionSettings settings, string reason) => new($"CPU, {Threads(settings)}", reason, true, settings);

    /// <summary>The device without the processor's help for operators it lacks, so that a trial tells whether it works.</summary>
    internal static DeviceChoice OnlyOn(Accelerator accelerator, int number, ExecutionSettings settings) => new(accelerator.Title, "", false, settings, options =>
    {
        options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
        accelerator.Append(options, number, settings);
    });

    /// <summary>
    /// Options of a session. Threads that wait for work by spinning save a wake-up an operator, thousands in a training's second; where
    /// people wait for single runs beside other programs they would only take the processor from those.
    /// </summary>
    internal SessionOptions CreateOptions(bool spinning = false)
    {
        var options = new SessionOptions
        {
            // The composed graph is already what should run: optimising it takes longer than it saves (docs/ARCHITECTURE.md).
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            IntraOpNumThreads = _settings.EffectiveThreads,
            InterOpNumThreads = 1,
            // What goes wrong comes back as an exception; the runtime's own log would be a second telling on standard error.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", AppContext.BaseDirectory);
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
            // Not set_denormal_as_zero: it changes the calling thread for good, and weights that are widened there later lose digits.
            _prepare?.Invoke(options);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    private static DeviceChoice Automatic(ExecutionSettings settings)
    {
        var reasons = new List<string>();
        foreach (var accelerator in Accelerator.All.Where(a => a.Automatic))
        {
            var finding = DeviceTrial.Of(accelerator, 0, settings);
            if (finding.Found)
                return On(accelerator, 0, settings, finding.Reason);
            reasons.Add($"{accelerator.Title}: {finding.Reason}");
        }

        return Processor(settings, $"no GPU can be used — {string.Join("; ", reasons)}");
    }

    private static DeviceChoice On(Accelerator accelerator, int number, ExecutionSettings settings, string reason) =>
        new(number == 0 ? accelerator.Title : $"{accelerator.Title} {number}", reason, false, settings, options => accelerator.Append(options, number, settings));

    private static string Threads(ExecutionSettings settings) => $"{settings.EffectiveThreads} thread{(settings.EffectiveThreads == 1 ? "" : "s")}";

    private static (string Id, int Number) Parse(string device)
    {
        var parts = device.Trim().ToLowerInvariant().Split(':');
        if (parts.Length == 1)
            return (parts[0], 0);
        if (parts.Length == 2 && parts[0] is not ("auto" or "cpu") && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return (parts[0], number);
        throw new EngineException($"device '{device}': it is not understood: give a name, or a name and a number such as cuda:1") { IsBadArgument = true };
    }
}
