using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace AttentionServer.Rpc;

/// <summary>
/// A JSON-RPC 2.0 connection. Everything starts in the order it was read: a notification runs to its end, a request up to
/// its first wait, so that it sees what every notification before it did and none after. From there requests run
/// concurrently; long work belongs on the thread pool, as the next message is read when the handler first waits.
/// </summary>
public sealed class JsonRpc : IAsyncDisposable
{
    /// <summary>How many requests may be unanswered at once; further ones are refused.</summary>
    public const int MaximumInFlight = 16384;

    /// <summary>How many calls one batch may hold.</summary>
    public const int MaximumBatch = 1024;

    private const int MaximumDepth = 64;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private readonly HeaderDelimitedMessageHandler _messages;
    private readonly Outbox _outbox;
    private readonly Dictionary<string, Func<JsonElement?, CancellationToken, Task<Action<Utf8JsonWriter>>>> _requests = [];
    private readonly Dictionary<string, Action<JsonElement?>> _notifications = [];
    private readonly RunningRequests _running = new();
    private readonly AskedRequests _asked = new();
    private readonly CancellationTokenSource _closing = new();

    /// <summary>A connection that owns its messages; nothing is read before <see cref="RunAsync"/>.</summary>
    public JsonRpc(HeaderDelimitedMessageHandler messages)
    {
        _messages = messages;
        _outbox = new(messages, reason =>
        {
            Trace?.Invoke($"the other side takes no more messages: {reason}");
            Stop();
        });
    }

    /// <summary>Told of every failure that a client should not see in full.</summary>
    public Action<string>? Trace { get; set; }

    /// <summary>Gives the message of a failure that the user can mend; null for a defect.</summary>
    public Func<Exception, string?>? UserMessage { get; set; }

    /// <summary>Asked before a method runs, true for a request; what it throws is the answer, and keeps a notification away.</summary>
    public Action<string, bool>? Guard { get; set; }

    /// <summary>False while the other side leaves much unread; what it can do without is then better not sent.</summary>
    public bool HasRoom => _outbox.HasRoom;

    /// <summary>Answers a request. The next message is read when the handler first waits.</summary>
    public void AddRequest<TParams, TResult>(string method, JsonTypeInfo<TParams> parameters, JsonTypeInfo<TResult> result, Func<TParams, CancellationToken, Task<TResult>> handler) =>
        _requests.Add(method, async (json, cancellation) =>
        {
            var answer = await handler(RpcMessages.Read(json, parameters), cancellation).ConfigureAwait(false);
            return writer => JsonSerializer.Serialize(writer, answer, result);
        });

    /// <summary>Takes a notification; the next message is read when it returns.</summary>
    public void AddNotification<TParams>(string method, JsonTypeInfo<TParams> parameters, Action<TParams> handler) =>
        _notifications.Add(method, json => handler(RpcMessages.Read(json, parameters)));

    /// <summary>Tells the other side something; returns at once, and says nothing to a side that is gone.</summary>
    public void Notify<TParams>(string method, TParams parameters, JsonTypeInfo<TParams> type) =>
        _outbox.Post(RpcMessages.Request(null, method, parameters, type));

    /// <summary>Asks the other side something.</summary>
    public async Task<JsonElement> InvokeAsync<TParams>(string method, TParams parameters, JsonTypeInfo<TParams> type, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var (id, answer) = _asked.Add();
        using var stop = cancellation.Register(() =>
        {
            if (answer.TrySetCanceled(cancellation))
                _outbox.Post(RpcMessages.Cancel(id));
        });
        try
        {
            _outbox.Post(RpcMessages.Request(id, method, parameters, type));
            return await answer.Task.ConfigureAwait(false);
        }
        finally
        {
            _asked.Remove(id);
        }
    }

    /// <summary>Reads and dispatches until the stream ends or <see cref="Stop"/> is called, then cancels what still runs.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await NextAsync().ConfigureAwait(false) is { } message)
                Dispatch(message);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // Stop was called: that is the end.
        }
        catch (FramingException e)
        {
            Trace?.Invoke($"the client's messages cannot be read: {e.Message}");
            _outbox.Post(RpcMessages.Error(default, RpcErrorCode.ParseError, e.Message));
        }
        catch (IOException e)
        {
            Trace?.Invoke($"the connection broke: {e.Message}");
        }

        Stop();
        _asked.Close();
        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>Ends <see cref="RunAsync"/>.</summary>
    public void Stop() => _closing.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await EndAsync().ConfigureAwait(false);
        await _messages.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Gives running requests and waiting messages a moment to end; a client that hangs is not waited for.</summary>
    private async Task EndAsync()
    {
        await Task.WhenAny(_running.CancelAllAsync(), Task.Delay(Grace)).ConfigureAwait(false);
        await Task.WhenAny(_outbox.CompleteAsync(), Task.Delay(Grace)).ConfigureAwait(false);
    }

    private async Task<byte[]?> NextAsync()
    {
        await _outbox.RoomAsync(_closing.Token).ConfigureAwait(false);
        return await _messages.ReadAsync(_closing.Token).ConfigureAwait(false);
    }

    private void Dispatch(byte[] message)
    {
        JsonElement root;
        try
        {
            if (!Utf8.IsValid(message))
                throw new JsonException("it is not UTF-8");
            LoneSurrogates.Replace(message);
            root = JsonElement.Parse(message, new JsonDocumentOptions { MaxDepth = MaximumDepth });
        }
        catch (JsonException e)
        {
            _outbox.Post(RpcMessages.Error(default, RpcErrorCode.ParseError, $"the message is not JSON: {e.Message}"));
            return;
        }

        if (root.ValueKind == JsonValueKind.Array)
            DispatchBatch(root);
        else if (Start(root) is { } answer)
            _ = PostAsync(answer);
    }

    private void DispatchBatch(JsonElement batch)
    {
        if (batch.GetArrayLength() is 0 or > MaximumBatch)
        {
            _outbox.Post(RpcMessages.Error(default, RpcErrorCode.InvalidRequest, $"a batch holds 1 to {MaximumBatch} calls"));
            return;
        }

        var answers = batch.EnumerateArray().Select(Start).OfType<Task<byte[]>>().ToList();
        if (answers.Count > 0)
            _ = PostAsync(JoinAsync());

        async Task<byte[]> JoinAsync() => RpcMessages.Batch(await Task.WhenAll(answers).ConfigureAwait(false));
    }

    private async Task PostAsync(Task<byte[]> answer) => _outbox.Post(await answer.ConfigureAwait(false));

    /// <summary>Runs a notification, or starts a request and returns its answer to come; null when nothing is to be answered.</summary>
    private Task<byte[]>? Start(JsonElement call)
    {
        if (RpcMessages.IsAnswer(call))
        {
            _asked.Answer(call);
            return null;
        }

        if (!RpcMessages.TryReadCall(call, out var id, out var method, out var parameters))
            return Refuse(id ?? default, RpcErrorCode.InvalidRequest, "not a JSON-RPC 2.0 request");
        if (id is not { } requested)
        {
            if (method != "$/cancelRequest")
                TakeNotification(method, parameters);
            else if (RpcMessages.CancelledId(parameters) is { } cancelled)
                _running.Cancel(cancelled);
            return null;
        }

        if (_running.Count >= MaximumInFlight)
            return Refuse(requested, RpcErrorCode.RequestFailed, $"{MaximumInFlight} requests are unanswered already: wait for some");
        return _running.Start(requested, cancellation => AnswerAsync(requested, method, parameters, cancellation))
            ?? Refuse(requested, RpcErrorCode.InvalidRequest, "a request with this id is still running");

        static Task<byte[]> Refuse(RpcId id, int code, string message) => Task.FromResult(RpcMessages.Error(id, code, message));
    }

    private async Task<byte[]> AnswerAsync(RpcId id, string method, JsonElement? parameters, CancellationToken cancellation)
    {
        try
        {
            Guard?.Invoke(method, true);
            if (!_requests.TryGetValue(method, out var handler))
                return RpcMessages.Error(id, RpcErrorCode.MethodNotFound, $"there is no method '{method}'");
            return RpcMessages.Result(id, await handler(parameters, cancellation).ConfigureAwait(false));
        }
        catch (OperationCanceledException e) when (e.InnerException is not TimeoutException)
        {
            // By $/cancelRequest, or by something of the handler's own such as the cancel button of its progress.
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
    }

    private void TakeNotification(string method, JsonElement? parameters)
    {
        try
        {
            Guard?.Invoke(method, false);
            if (_notifications.TryGetValue(method, out var handler))
                handler(parameters);
            else if (!method.StartsWith("$/", StringComparison.Ordinal))
                Trace?.Invoke($"nobody takes the notification '{method}'");
        }
        catch (LocalRpcException e)
        {
            Trace?.Invoke($"{method} was not taken: {e.Message}");
        }
        catch (Exception e)
        {
            Trace?.Invoke($"{method} failed: {e}");
        }
    }
}
