using AttentionServer.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace AttentionServer.Engine;

/// <summary>Memory that a run reads or writes in place: the caller's, and valid as long as the session.</summary>
public sealed record StepMemory(string Name, long[] Dims, nint Pointer);

/// <summary>Numbers of one run, floats or 64-bit integers, read or written where they are.</summary>
public sealed record StepNumbers(string Name, Array Values, long[] Dims);

/// <summary>
/// A graph whose weights are inputs, as training needs it: they lie in memory that changes between runs, and results are
/// written into memory of the caller's, so that a step allocates nothing large.
/// </summary>
public sealed class StepSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _name;
    private readonly string[] _keptNames;
    private readonly OrtValue[] _kept;

    /// <summary>Loads a graph; <paramref name="inputs"/> are bound to their memory once for all runs.</summary>
    public StepSession(string name, GraphBuilder graph, IEnumerable<StepMemory> inputs, DeviceChoice device)
    {
        _name = name;
        var bound = inputs.ToList();
        _keptNames = [.. bound.Select(i => i.Name)];
        _kept = [.. bound.Select(ToValue)];
        using var options = device.CreateOptions(spinning: true);
        _session = new InferenceSession(OnnxWriter.Write(graph), options);
    }

    /// <summary>Runs the graph. Cancelling stops the run within one operator; what was written until then is of no use.</summary>
    public void Run(IReadOnlyList<StepNumbers> inputs, IReadOnlyList<StepMemory> memory, IReadOnlyList<StepNumbers> outputs, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var options = new RunOptions();
        using var stop = cancellation.Register(static state => ((RunOptions)state!).Terminate = true, options);
        var given = inputs.Select(ToValue).ToList();
        var written = memory.Select(ToValue).Concat(outputs.Select(ToValue)).ToList();
        try
        {
            _session.Run(options, [.. _keptNames, .. inputs.Select(i => i.Name)], [.. _kept, .. given], [.. memory.Select(m => m.Name), .. outputs.Select(o => o.Name)], written);
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OnnxRuntimeException e) when (RuntimeMessage.IsOutOfMemory(e))
        {
            throw new EngineException($"memory: {_name}: there is not enough of it for a step: give it fewer tokens at once, or choose a smaller model", e);
        }
        finally
        {
            foreach (var value in given.Concat(written))
                value.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        foreach (var value in _kept)
            value.Dispose();
    }

    private static OrtValue ToValue(StepMemory memory) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, TensorElementType.Float, memory.Dims, memory.Pointer, memory.Dims.Aggregate((long)sizeof(float), (a, d) => a * d));

    private static OrtValue ToValue(StepNumbers numbers) => numbers.Values switch
    {
        float[] floats => OrtValue.CreateTensorValueFromMemory(floats, numbers.Dims),
        long[] integers => OrtValue.CreateTensorValueFromMemory(integers, numbers.Dims),
        _ => throw new ArgumentException($"{numbers.Name} is neither floats nor 64-bit integers", nameof(numbers)),
    };
}
