using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AttentionServer.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>Whether a device can be used here: found by running a small graph on it and comparing with the processor's numbers.</summary>
public sealed record DeviceFinding(string Id, string Title, bool Found, string Reason);

/// <summary>Tries devices, each once in the life of the process.</summary>
internal static class DeviceTrial
{
    private const int Rows = 8;
    private const int Width = 64;
    private const double Tolerance = 1e-3;

    private static readonly ConcurrentDictionary<(string Id, int Number, string? CudaPath), Lazy<DeviceFinding>> _known = new();

    public static DeviceFinding Of(Accelerator accelerator, int number, ExecutionSettings settings) =>
        _known.GetOrAdd((accelerator.Id, number, settings.CudaPath), _ => new(() => Try(accelerator, number, settings))).Value;

    private static DeviceFinding Try(Accelerator accelerator, int number, ExecutionSettings settings)
    {
        DeviceFinding Found(bool found, string reason) => new(accelerator.Id, accelerator.Title, found, reason);
        try
        {
            if (accelerator.WhyNot(settings) is { } reason)
                return Found(false, reason);
            var expected = Run(DeviceChoice.Processor(settings, ""));
            var actual = Run(DeviceChoice.OnlyOn(accelerator, number, settings));
            var (largest, off) = (expected.Max(MathF.Abs), expected.Zip(actual, (a, b) => MathF.Abs(a - b)).Max());
            return off <= Tolerance * largest
                ? Found(true, "a trial run agrees with the processor")
                : Found(false, $"a trial run differs from the processor by {off / largest:0.0e0} of the largest number: update the device's driver");
        }
        catch (OnnxRuntimeException e)
        {
            return Found(false, $"a trial run failed: {RuntimeMessage.Of(e)}");
        }
        catch (Exception e) when (e is EngineException or NotSupportedException or DllNotFoundException or EntryPointNotFoundException)
        {
            return Found(false, e.Message.TrimEnd('.'));
        }
    }

    private static unsafe float[] Run(DeviceChoice device)
    {
        var numbers = GC.AllocateUninitializedArray<float>(Width * Width, pinned: true);
        var random = new Random(1);
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = random.NextSingle() - 0.5f;
        var graph = new GraphBuilder();
        var x = graph.Input("x", ElementType.Float, Rows, Width);
        graph.Output("y", graph.Softmax(graph.Linear(x, graph.Weight("w", Width, Width), graph.Weight("b", Width))));
        var pointer = (nint)Unsafe.AsPointer(ref numbers[0]);
        using var weights = new SharedWeights((_, dims) => (pointer, dims.Aggregate((long)sizeof(float), (a, d) => a * d)));
        using var session = new GraphSession(graph, weights, device);
        using var input = OrtValue.CreateTensorValueFromMemory(numbers[..(Rows * Width)], [Rows, Width]);
        using var result = session.Run(new Dictionary<string, OrtValue> { ["x"] = input }, CancellationToken.None);
        return result.Floats("y").ToArray();
    }
}
