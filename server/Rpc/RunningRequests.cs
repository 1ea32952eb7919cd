using System.Collections.Concurrent;

namespace AttentionServer.Rpc;

/// <summary>The other side's requests that are not answered yet. Started on the reading loop only; they end anywhere.</summary>
internal sealed class RunningRequests
{
    private readonly ConcurrentDictionary<RpcId, Running> _running = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>
    /// Starts a request, which runs here up to its first wait; null when one of the same id is still running. The answer
    /// never fails.
    /// </summary>
    public Task<byte[]>? Start(RpcId id, Func<CancellationToken, Task<byte[]>> work)
    {
        var running = new Running();
        if (!_running.TryAdd(id, running))
            return null;
        Interlocked.Increment(ref _count);
        var answer = RunAsync();
        running.Answer = answer;
        return answer;

        async Task<byte[]> RunAsync()
        {
            try
            {
                return await work(running.Stop.Token).ConfigureAwait(false);
            }
            finally
            {
                // The source is not disposed: a cancellation may reach it at this very moment, and it holds nothing but memory.
                _running.TryRemove(id, out _);
                Interlocked.Decrement(ref _count);
            }
        }
    }

    /// <summary>Cancels a request if it still runs. What its work does on cancellation happens elsewhere, not in the reading loop.</summary>
    public void Cancel(RpcId id)
    {
        if (_running.TryGetValue(id, out var running))
            _ = running.Stop.CancelAsync();
    }

    /// <summary>Cancels all, and ends when they are answered.</summary>
    public Task CancelAllAsync()
    {
        var left = _running.Values.ToList();
        foreach (var running in left)
            _ = running.Stop.CancelAsync();
        return Task.WhenAll(left.Select(r => r.Answer));
    }

    private sealed class Running
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task Answer { get; set; } = Task.CompletedTask;
    }
}
