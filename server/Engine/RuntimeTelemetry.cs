using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AttentionServer.Engine;

/// <summary>
/// Keeps ONNX Runtime from telling its makers about runs: since 1.29 it does so on every system unless an environment variable forbids it
/// before the library is loaded. Nothing of what people analyze, or that they do, leaves the machine.
/// </summary>
internal static partial class RuntimeTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It must come before the first use of the runtime, wherever that is.")]
    internal static void Forbid()
    {
        Environment.SetEnvironmentVariable(Variable, "1");
        // .NET keeps variables of its own on Unix, which native libraries do not see.
        if (!OperatingSystem.IsWindows())
            _ = Set(Variable, "1", 1);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(string name, string value, int overwrite);
}
