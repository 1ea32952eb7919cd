using AttentionServer.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace AttentionServer.Engine;

/// <summary>
/// A model's sessions, one per graph, on one device. When a device other than the processor fails, for want of memory or
/// otherwise, the model goes on on the processor and says so; when the processor's memory does not suffice, that is an
/// error the user can mend.
/// </summary>
internal sealed class SessionCache(string model, SharedWeights weights, DeviceChoice device) : IDisposable
{
    private readonly Dictionary<object, Lazy<GraphSession>> _sessions = [];
    private readonly List<GraphSession> _left = [];
    private readonly Lock _lock = new();

    /// <summary>Where graphs run.</summary>
    public DeviceChoice Device { get; private set; } = device;

    /// <summary>Runs a graph, which is composed when its key is first asked for.</summary>
    public RunResult Run(object key, Func<GraphBuilder> compose, IReadOnlyDictionary<string, OrtValue> inputs, CancellationToken cancellation) =>
        Run(key, compose, session => session.Run(inputs, cancellation));

    /// <summary>Runs a graph on a session, which is made when its key is first asked for.</summary>
    public T Run<T>(object key, Func<GraphBuilder> compose, Func<GraphSession, T> run)
    {
        var device = Device;
        try
        {
            return run(Session(key, compose));
        }
        catch (OnnxRuntimeException e) when (!device.IsProcessor)
        {
            Leave(device, e);
        }
        catch (OnnxRuntimeException e) when (RuntimeMessage.IsOutOfMemory(e))
        {
            throw NoMemory(key, e);
        }

        // Only a device that is not the processor comes here, so this ends.
        return Run(key, compose, run);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var session in _sessions.Values.Where(s => s.IsValueCreated).Select(s => s.Value).Concat(_left))
                session.Dispose();
            _sessions.Clear();
            _left.Clear();
        }

        weights.Dispose();
    }

    private GraphSession Session(object key, Func<GraphBuilder> compose)
    {
        Lazy<GraphSession> session;
        lock (_lock)
        {
            var device = Device;
            // Lazy, so that composing one graph does not hold up runs of another.
            if (!_sessions.TryGetValue(key, out session!))
                _sessions[key] = session = new(() => new GraphSession(compose(), weights, device));
        }

        return session.Value;
    }

    private void Leave(DeviceChoice failed, OnnxRuntimeException error)
    {
        lock (_lock)
        {
            // Two runs may fail at once; the first has done what is to be done.
            if (Device != failed)
                return;
            Device = failed.FallBack(RuntimeMessage.IsOutOfMemory(error) ? "its memory does not suffice" : RuntimeMessage.Of(error));
            // Another thread may be in the middle of a run, so they are only set aside.
            _left.AddRange(_sessions.Values.Where(s => s.IsValueCreated).Select(s => s.Value));
            _sessions.Clear();
        }
    }

    private EngineException NoMemory(object key, OnnxRuntimeException error)
    {
        lock (_lock)
        {
            // A session that could not be made is tried anew next time, when there may be more memory.
            if (_sessions.TryGetValue(key, out var session) && !session.IsValueCreated)
                _sessions.Remove(key);
        }

        var wanted = RuntimeMessage.BytesWanted(error) is { } bytes ? $"{Math.Max(1, bytes >> 20):N0} MB at once were asked for and not to be had" : "there is not enough of it";
        return new($"memory: {model}: {wanted}: give it a shorter text or fewer texts at once, or choose a smaller model", error);
    }
}
