using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AttentionServer.Rpc;

/// <summary>
/// A JSON-RPC 2.0 connection. Requests run concurrently; notifications run one after another, and a request sees what
/// every notification before it did. Beyond <see cref="MaximumInFlight"/> unanswered requests, further ones are refused; a
/// refusal is written before the next message is read, so a client that does not read cannot make this side grow.
/// </summary>
public sealed class JsonRpc(HeaderDelimitedMessageHandler messages) : IAsyncDisposable
{
    /// <summary>How many requests may be unanswered at once.</summary>
    public const int MaximumInFlight = 16384;

    private const int MaximumDepth = 64;
    private readonly Dictionary<string, RpcMethod> _methods = [];
    private readonly ConcurrentDictionary<RpcId, CancellationTokenSource> _running = [];
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _asked = [];
    private readonly CancellationTokenSource _closing = new();
    private long _lastId;
    private int _unanswered;

    /// <summary>Told of every failure that a client should not see in full.</summary>
    public Action<string>? Trace { get; set; }

    /// <summary>Gives the message of a failure that the user can mend; null for a defect.</summary>
    public Func<Exception, string?>? UserMessage { get; set; }

    /// <summary>Asked before a method runs; what it throws is the answer.</summary>
    public Action<string, bool>? Guard { get; set; }

    /// <summary>Answers a request.</summary>
    public void AddRequest<TParams, TResult>(string method, JsonTypeInfo<TParams> parameters, JsonTypeInfo<TResult> result, Func<TParams, CancellationToken, Task<TResult>> handler) =>
        _methods.Add(method, new(async (json, cancellation) =>
        {
            var answer = await handler(RpcMessages.Read(json, parameters), cancellation).ConfigureAwait(false);
            return writer => JsonSerializer.Serialize(writer, answer, result);
        }));

    /// <summary>Takes a notification; the next message is read when it returns.</summary>
    public void AddNotification<TParams>(string method, JsonTypeInfo<TParams> parameters, Action<TParams> handler) =>
        _methods.Add(method, new((json, _) =>
        {
            handler(RpcMessages.Read(json, parameters));
            return Task.FromResult<Action<Utf8JsonWriter>>(writer => writer.WriteNullValue());
        }));

    /// <summary>Tells the other side something.</summary>
    public Task NotifyAsync<TParams>(string method, TParams parameters, JsonTypeInfo<TParams> type, CancellationToken cancellation = default) =>
        SendAsync(RpcMessages.Request(null, method, parameters, type), cancellation);

    /// <summary>Asks the other side something.</summary>
    public async Task<JsonElement> InvokeAsync<TParams>(string method, TParams parameters, JsonTypeInfo<TParams> type, CancellationToken cancellation = default)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = cancellation.Register(() => answer.TrySetCanceled(cancellation));
        try
        {
            await SendAsync(RpcMessages.Request(id, method, parameters, type), cancellation).ConfigureAwait(false);
            return await answer.Task.ConfigureAwait(false);
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <summary>Reads and dispatches until the stream ends or <see cref="Stop"/> is called, then cancels what still runs.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await messages.ReadAsync(_closing.Token).ConfigureAwait(false) is { } message)
                await DispatchAsync(message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Stop was called: that is the end.
        }
        catch (FramingException e)
        {
            Trace?.Invoke($"the client's messages cannot be read: {e.Message}");
            await AnswerAsync(RpcMessages.Error(default, RpcErrorCode.ParseError, e.Message)).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            Trace?.Invoke($"the connection broke: {e.Message}");
        }
        finally
        {
            Stop();
            foreach (var running in _running.Values)
                Cancel(running);
            foreach (var asked in _asked.Values)
                asked.TrySetException(new IOException("the connection is closed"));
        }
    }

    /// <summary>Ends <see cref="RunAsync"/>.</summary>
    public void Stop() => _closing.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await messages.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task DispatchAsync(byte[] message)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(message, new JsonDocumentOptions { MaxDepth = MaximumDepth });
        }
        catch (JsonException e)
        {
            await AnswerAsync(RpcMessages.Error(default, RpcErrorCode.ParseError, $"the message is not JSON: {e.Message}")).ConfigureAwait(false);
            return;
        }

        // Requests keep the element beyond this call, so it gets memory of its own.
        var root = document.RootElement.Clone();
        document.Dispose();
        if (root.ValueKind == JsonValueKind.Array)
            await DispatchBatchAsync(root).ConfigureAwait(false);
        else if (await StartAsync(root).ConfigureAwait(false) is { } running)
            await AnswerLaterAsync(running).ConfigureAwait(false);
    }

    private async Task DispatchBatchAsync(JsonElement batch)
    {
        if (batch.GetArrayLength() == 0)
        {
            await AnswerAsync(RpcMessages.Error(default, RpcErrorCode.InvalidRequest, "an empty batch")).ConfigureAwait(false);
            return;
        }

        var running = new List<Task<byte[]>>();
        foreach (var call in batch.EnumerateArray())
            if (await StartAsync(call).ConfigureAwait(false) is { } one)
                running.Add(one);
        if (running.Count > 0)
            await AnswerLaterAsync(Join(running)).ConfigureAwait(false);

        static async Task<byte[]> Join(List<Task<byte[]>> answers) => RpcMessages.Batch(await Task.WhenAll(answers).ConfigureAwait(false));
    }

    /// <summary>Sends an answer when it is there; one that already is goes out before the next message is read.</summary>
    private Task AnswerLaterAsync(Task<byte[]> answer)
    {
        if (answer.IsCompleted)
            return AnswerAsync(answer.Result);
        Interlocked.Increment(ref _unanswered);
        _ = SendAsync();
        return Task.CompletedTask;

        async Task SendAsync()
        {
            await AnswerAsync(await answer.ConfigureAwait(false)).ConfigureAwait(false);
            Interlocked.Decrement(ref _unanswered);
        }
    }

    /// <summary>Runs a notification to its end, or starts a request and returns its answer to come; null when nothing is to be answered.</summary>
    private async Task<Task<byte[]>?> StartAsync(JsonElement call)
    {
        if (RpcMessages.TryReadAnswer(call, out var answered))
        {
            TakeAnswer(call, answered);
            return null;
        }

        if (!RpcMessages.TryReadCall(call, out var id, out var method, out var parameters))
            return Task.FromResult(RpcMessages.Error(id ?? default, RpcErrorCode.InvalidRequest, "not a JSON-RPC 2.0 request"));
        if (method == "$/cancelRequest")
        {
            if (RpcMessages.CancelledId(parameters) is { } cancelled && _running.TryGetValue(cancelled, out var source))
                Cancel(source);
            return null;
        }

        if (id is not { } requested)
        {
            await NotificationAsync(method, parameters).ConfigureAwait(false);
            return null;
        }

        if (Volatile.Read(ref _unanswered) >= MaximumInFlight)
            return Task.FromResult(RpcMessages.Error(requested, RpcErrorCode.RequestFailed, $"{MaximumInFlight} requests are unanswered already: wait for some"));
        var stop = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        if (!_running.TryAdd(requested, stop))
        {
            stop.Dispose();
            return Task.FromResult(RpcMessages.Error(requested, RpcErrorCode.InvalidRequest, "a request with this id is still running"));
        }

        return Task.Run(() => RequestAsync(requested, method, parameters, stop));
    }

    private async Task<byte[]> RequestAsync(RpcId id, string method, JsonElement? parameters, CancellationTokenSource stop)
    {
        try
        {
            Guard?.Invoke(method, true);
            var known = _methods.GetValueOrDefault(method) ?? throw new LocalRpcException(RpcErrorCode.MethodNotFound, $"there is no method '{method}'");
            var write = await known.Invoke(parameters, stop.Token).ConfigureAwait(false);
            return RpcMessages.Result(id, write);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return RpcMessages.Error(id, RpcErrorCode.RequestCancelled, "the request was cancelled");
        }
        catch (LocalRpcException e)
        {
            return RpcMessages.Error(id, e.ErrorCode, e.Message);
        }
        catch (Exception e) when (UserMessage?.Invoke(e) is { } message)
        {
            return RpcMessages.Error(id, RpcErrorCode.RequestFailed, message);
        }
        catch (Exception e)
        {
            Trace?.Invoke($"{method} failed: {e}");
            return RpcMessages.Error(id, RpcErrorCode.InternalError, $"{method} failed: {e.Message.ReplaceLineEndings(" ")}");
        }
        finally
        {
            _running.TryRemove(id, out _);
            stop.Dispose();
        }
    }

    private async Task NotificationAsync(string method, JsonElement? parameters)
    {
        try
        {
            Guard?.Invoke(method, false);
            if (_methods.TryGetValue(method, out var known))
                await known.Invoke(parameters, _closing.Token).ConfigureAwait(false);
            else if (!method.StartsWith("$/", StringComparison.Ordinal))
                Trace?.Invoke($"nobody takes the notification '{method}'");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Trace?.Invoke($"{method} failed: {e}");
        }
    }

    private void TakeAnswer(JsonElement answer, long id)
    {
        if (!_asked.TryGetValue(id, out var waiting))
            return;
        if (answer.TryGetProperty("error", out var error))
            waiting.TrySetException(RpcMessages.Remote(error));
        else
            waiting.TrySetResult(answer.GetProperty("result"));
    }

    private async Task AnswerAsync(byte[] answer)
    {
        try
        {
            await SendAsync(answer, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Nobody is left to read the answer; the reading side notices the same and ends.
            Trace?.Invoke($"an answer could not be sent: {e.Message}");
        }
    }

    private Task SendAsync(byte[] message, CancellationToken cancellation) => messages.WriteAsync(message, cancellation).AsTask();

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It finished at the same moment.
        }
    }

    private sealed record RpcMethod(Func<JsonElement?, CancellationToken, Task<Action<Utf8JsonWriter>>> Invoke);
}
