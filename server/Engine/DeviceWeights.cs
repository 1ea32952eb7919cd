using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>
/// Gives a session weights that a device has to copy to its own memory. What SessionOptions.AddInitializer adds is handed
/// to the kernels as it is, so it only suits devices that compute in the processor's memory; the C function
/// AddExternalInitializers puts tensors into the graph before it is divided among devices, and each device copies its own.
/// The managed binding knows the function but has no method for it.
/// </summary>
internal static unsafe partial class DeviceWeights
{
    // The places of these functions in the OrtApi of onnxruntime_c_api.h, which only ever grows at its end.
    private const int ApiVersion = 14;
    private const int GetErrorMessage = 2;
    private const int ReleaseStatus = 93;
    private const int AddExternalInitializers = 210;

    /// <summary>Adds the weights; the session copies them while it is made.</summary>
    public static void Add(SessionOptions options, IReadOnlyList<(string Name, OrtValue Value)> weights)
    {
        var api = ((delegate* unmanaged<uint, nint*>)*GetApiBase())(ApiVersion);
        var names = new nint[weights.Count];
        try
        {
            for (var i = 0; i < names.Length; i++)
                names[i] = Marshal.StringToCoTaskMemUTF8(weights[i].Name);
            var values = weights.Select(w => HandleOf(w.Value)).ToArray();
            fixed (nint* n = names, v = values)
            {
                var status = ((delegate* unmanaged<nint, nint*, nint*, nuint, nint>)api[AddExternalInitializers])(options.DangerousGetHandle(), n, v, (nuint)names.Length);
                if (status == 0)
                    return;
                var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)api[GetErrorMessage])(status));
                ((delegate* unmanaged<nint, void>)api[ReleaseStatus])(status);
                throw new EngineException($"weights: {message}: the device cannot take them: use --device cpu");
            }
        }
        finally
        {
            foreach (var name in names)
                Marshal.FreeCoTaskMem(name);
            GC.KeepAlive(weights);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Handle")]
    private static extern nint HandleOf(OrtValue value);

    [LibraryImport("onnxruntime", EntryPoint = "OrtGetApiBase")]
    private static partial nint* GetApiBase();
}
