using System.Diagnostics;
using AttentionServer.Engine;
using AttentionServer.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Cli.Bench;

/// <summary>The best rate at which this machine multiplies large matrices, by the same engine and threads as a model.</summary>
internal static class GemmPeak
{
    private const int Size = 1024;
    private const int Rounds = 25;

    public static double Measure(DeviceChoice device, CancellationToken cancellation)
    {
        var numbers = GC.AllocateUninitializedArray<float>(Size * Size, pinned: true);
        var random = new Random(1);
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (float)random.NextDouble() - 0.5f;

        var graph = new GraphBuilder();
        var x = graph.Input("x", ElementType.Float, Size, Size);
        graph.Output("y", graph.Linear(x, graph.Weight("w", Size, Size), graph.Weight("b", Size)));
        unsafe
        {
            var pointer = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref numbers[0]);
            using var weights = new SharedWeights((_, dims) => (pointer, dims.Aggregate(4L, (a, d) => a * d)));
            using var session = new GraphSession(graph, weights, device);
            using var input = OrtValue.CreateTensorValueFromMemory(numbers, [Size, Size]);
            var feeds = new Dictionary<string, OrtValue> { ["x"] = input };
            var best = double.MaxValue;
            for (var i = 0; i < Rounds; i++)
            {
                var start = Stopwatch.GetTimestamp();
                session.Run(feeds, cancellation).Dispose();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            return 2.0 * Size * Size * Size / best / 1e9;
        }
    }
}
