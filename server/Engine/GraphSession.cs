using AttentionServer.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>One graph ready to run. Thread-safe: ONNX Runtime allows concurrent runs of a session.</summary>
public sealed class GraphSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string[] _outputs;

    /// <summary>Loads a graph; its weights are taken from <paramref name="weights"/> without copying.</summary>
    public GraphSession(GraphBuilder graph, SharedWeights weights, DeviceChoice device)
    {
        _outputs = [.. graph.Outputs.Keys];
        using var options = device.CreateOptions();
        if (device.IsProcessor)
        {
            foreach (var weight in graph.Weights)
                options.AddInitializer(weight.Name, weights.Get(weight));
        }
        else
        {
            DeviceWeights.Add(options, [.. graph.Weights.Select(weight => (weight.Name, weights.Get(weight)))]);
        }

        using var copying = weights.WhileCopying();
        _session = device.IsProcessor
            ? new InferenceSession(OnnxWriter.Write(graph), options, weights.Prepacked)
            : new InferenceSession(OnnxWriter.Write(graph), options);
    }

    /// <summary>Runs the graph and returns its outputs by name. Cancelling stops the run within one operator.</summary>
    public RunResult Run(IReadOnlyDictionary<string, OrtValue> inputs, CancellationToken cancellation) =>
        Stoppable(options => new RunResult(_outputs, _session.Run(options, inputs, _outputs)), cancellation);

    /// <summary>Runs a graph with one output into memory of the caller's, which spares the runtime to ask the system for new.</summary>
    public void Run(IReadOnlyDictionary<string, OrtValue> inputs, OrtValue output, CancellationToken cancellation) => Stoppable(
        options =>
        {
            _session.Run(options, [.. inputs.Keys], [.. inputs.Values], _outputs, [output]);
            return true;
        },
        cancellation);

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static T Stoppable<T>(Func<RunOptions, T> run, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var options = new RunOptions();
        using var stop = cancellation.Register(static state => ((RunOptions)state!).Terminate = true, options);
        try
        {
            return run(options);
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

}
