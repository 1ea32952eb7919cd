using System.Collections.Concurrent;
using System.Text.Json;

namespace AttentionServer.Rpc;

/// <summary>Our own requests that the other side has not answered yet.</summary>
internal sealed class AskedRequests
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _asked = [];
    private long _lastId;
    private volatile bool _closed;

    public (long Id, TaskCompletionSource<JsonElement> Answer) Add()
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_closed)
            Close();
        return (id, answer);
    }

    public void Remove(long id) => _asked.TryRemove(id, out _);

    /// <summary>Takes an answer in; one that nobody waits for is dropped.</summary>
    public void Answer(JsonElement answer)
    {
        if (RpcMessages.AnsweredId(answer) is not { } id || !_asked.TryGetValue(id, out var waiting))
            return;
        if (RpcMessages.Refusal(answer) is { } refusal)
            waiting.TrySetException(refusal);
        else
            waiting.TrySetResult(answer.TryGetProperty("result", out var result) ? result : default);
    }

    /// <summary>Nobody will answer any more.</summary>
    public void Close()
    {
        _closed = true;
        foreach (var waiting in _asked.Values)
            waiting.TrySetException(new IOException("the connection is closed"));
    }
}
