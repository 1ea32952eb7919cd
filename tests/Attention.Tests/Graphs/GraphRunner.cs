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
