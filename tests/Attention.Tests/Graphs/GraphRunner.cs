using System.Runtime.InteropServices;
using AttentionServer.Engine;
using AttentionServer.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Tests.Graphs;

/// <summary>Runs small graphs with given arrays as inputs and weights.</summary>
internal static class GraphRunner
{
    public static float[] Run(GraphBuilder graph, Dictionary<string, (float[] Data, long[] Dims)> inputs, Dictionary<string, float[]>? weights = null)
    {
        using var result = RunAll(graph, inputs, weights);
        return result.Floats(graph.Outputs.Keys.First()).ToArray();
    }

    /// <summary>One output, from inputs that may be whole numbers.</summary>
    public static float[] RunTyped(GraphBuilder graph, string output, IEnumerable<(string Name, double[] Data, long[] Dims, ElementType Type)> inputs)
    {
        using var shared = new SharedWeights((_, _) => throw new InvalidOperationException("the graph has no weights"));
        using var session = new GraphSession(graph, shared, DeviceChoice.For(new ExecutionSettings { Device = "cpu" }));
        using var result = session.Run(
            inputs.ToDictionary(i => i.Name, i => i.Type == ElementType.Int64
                ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(i.Data, n => (long)n), i.Dims)
                : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(i.Data, n => (float)n), i.Dims)),
            CancellationToken.None);
        return result.Floats(output).ToArray();
    }

    public static RunResult RunAll(GraphBuilder graph, Dictionary<string, (float[] Data, long[] Dims)> inputs, Dictionary<string, float[]>? weights = null)
    {
        var pinned = (weights ?? []).ToDictionary(w => w.Key, w => GCHandle.Alloc(w.Value, GCHandleType.Pinned));
        try
        {
            using var shared = new SharedWeights((name, dims) => (pinned[name].AddrOfPinnedObject(), weights![name].Length * sizeof(float)));
            using var session = new GraphSession(graph, shared, DeviceChoice.For(new ExecutionSettings { Device = "cpu" }));
            var values = inputs.ToDictionary(i => i.Key, i => OrtValue.CreateTensorValueFromMemory(i.Value.Data, i.Value.Dims));
            return session.Run(values, CancellationToken.None);
        }
        finally
        {
            foreach (var handle in pinned.Values)
                handle.Free();
        }
    }
}
