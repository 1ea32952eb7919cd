using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using AttentionServer.Rpc;

namespace AttentionServer.Server.Lsp;

/// <summary>
/// The life of a language server (initialize … exit), its documents and its log. Features register their requests on it:
/// <c>server.OnRequest("attention/status", LspJson.Default.Nothing, ProtocolJson.Default.ServerStatus, StatusAsync)</c>.
/// </summary>
public sealed class LanguageServer : IAsyncDisposable
{
    private readonly JsonRpc _rpc;
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _progress = [];
    private readonly Dictionary<string, Func<ExecuteCommandParams, CancellationToken, Task>> _commands = [];
    private State _state = State.New;
    private bool _showsProgress;

    /// <summary>A server on a pair of streams.</summary>
    public LanguageServer(Stream input, Stream output)
    {
        _rpc = new(new HeaderDelimitedMessageHandler(input, output)) { Guard = CheckState, UserMessage = e => (e as UserException)?.Message, Trace = text => Log(text, LogLevel.Error) };
        var json = LspJson.Default;
        Documents.Doubted += text => Log(text, LogLevel.Warning);
        OnRequest("initialize", json.InitializeParams, json.InitializeResult, (given, _) => Task.FromResult(Initialize(given)));
        OnRequest("shutdown", json.Nothing, json.Nothing, (_, _) =>
        {
            _state = State.ShutDown;
            return Task.FromResult<Nothing>(null!);
        });
        OnNotification("exit", json.Nothing, _ => _rpc.Stop());
        OnNotification("initialized", json.Nothing, _ => { });
        OnNotification("$/setTrace", json.JsonElement, _ => { });
        OnNotification("textDocument/didOpen", json.DidOpenParams, given => Documents.Open(given.TextDocument));
        OnNotification("textDocument/didChange", json.DidChangeParams, Documents.Change);
        OnNotification("textDocument/didClose", json.DidCloseParams, given => Documents.Close(given.TextDocument.Uri));
        OnNotification("textDocument/didSave", json.JsonElement, _ => { });
        OnNotification("workspace/didChangeConfiguration", json.DidChangeConfigurationParams, given => Configure(given.Settings));
        OnNotification("window/workDoneProgress/cancel", json.WorkDoneProgressCancelParams, given => CancelProgress(given.Token.ToString()));
        OnRequest("workspace/executeCommand", json.ExecuteCommandParams, json.Nothing, ExecuteAsync);
    }

    private enum State
    {
        New,
        Running,
        ShutDown,
    }

    /// <summary>How bad a line of the log is, as the protocol numbers it.</summary>
    public enum LogLevel
    {
        /// <summary>Something failed.</summary>
        Error = 1,

        /// <summary>Something is odd.</summary>
        Warning = 2,

        /// <summary>Something happened.</summary>
        Info = 3,
    }

    /// <summary>The documents open in the editor.</summary>
    public DocumentStore Documents { get; } = new();

    /// <summary>The client's settings changed, or came with initialize.</summary>
    public event Action<ServerOptions>? Configured;

    /// <summary>False while the client leaves much unread; what it can do without is then better not sent.</summary>
    public bool HasRoom => _rpc.HasRoom;

    /// <summary>Answers a request.</summary>
    public void OnRequest<TParams, TResult>(string method, JsonTypeInfo<TParams> parameters, JsonTypeInfo<TResult> result, Func<TParams, CancellationToken, Task<TResult>> handler) =>
        _rpc.AddRequest(method, parameters, result, handler);

    /// <summary>Takes a notification.</summary>
    public void OnNotification<TParams>(string method, JsonTypeInfo<TParams> parameters, Action<TParams> handler) =>
        _rpc.AddNotification(method, parameters, handler);

    /// <summary>Carries out a workspace command.</summary>
    public void OnCommand(string command, Func<ExecuteCommandParams, CancellationToken, Task> handler) => _commands.Add(command, handler);

    /// <summary>Tells the client something; what it does with it is its business.</summary>
    public void Notify<TParams>(string method, TParams parameters, JsonTypeInfo<TParams> type) => _rpc.Notify(method, parameters, type);

    /// <summary>Writes a line to the client's log.</summary>
    public void Log(string text, LogLevel level = LogLevel.Info) =>
        Notify("window/logMessage", new LogMessageParams((int)level, text), LspJson.Default.LogMessageParams);

    /// <summary>
    /// Shows progress under the client's token, or under one of the server's own where the client can show it. The cancel
    /// button cancels <see cref="WorkDoneProgress.Token"/>, and so does the request.
    /// </summary>
    public async Task<WorkDoneProgress> BeginProgressAsync(string? clientToken, string title, CancellationToken request)
    {
        var token = clientToken ?? await CreateProgressAsync(request).ConfigureAwait(false);
        var source = CancellationTokenSource.CreateLinkedTokenSource(request);
        if (token != null)
            _progress[token] = source;
        return new WorkDoneProgress(this, token, title, source, () => _progress.TryRemove(token ?? "", out _));
    }

    /// <summary>Serves until the client says exit or goes away; the exit code is 0 only after an orderly shutdown.</summary>
    public async Task<int> RunAsync()
    {
        await _rpc.RunAsync().ConfigureAwait(false);
        return _state == State.ShutDown ? 0 : 1;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _rpc.DisposeAsync();

    private void CheckState(string method, bool request)
    {
        if (method == "exit")
            return;
        if (_state == State.New && method != "initialize")
            throw new LocalRpcException(RpcErrorCode.ServerNotInitialized, $"'{method}' came before 'initialize'");
        if (_state == State.ShutDown)
            throw new LocalRpcException(RpcErrorCode.InvalidRequest, $"'{method}' came after 'shutdown'");
        if (_state == State.Running && request && method == "initialize")
            throw new LocalRpcException(RpcErrorCode.InvalidRequest, "'initialize' came twice");
    }

    private InitializeResult Initialize(InitializeParams given)
    {
        _state = State.Running;
        _showsProgress = given.Capabilities?.Window?.WorkDoneProgress ?? false;
        if (given.ProcessId is { } client)
            EndWith(client);
        Configure(given.InitializationOptions);
        var version = typeof(LanguageServer).Assembly.GetName().Version!.ToString(3);
        return new(new() { ExecuteCommandProvider = new([.. _commands.Keys]) }, new("attention", version));
    }

    private void Configure(ServerOptions? options) => Configured?.Invoke(options ?? new());

    private async Task<Nothing> ExecuteAsync(ExecuteCommandParams given, CancellationToken cancellation)
    {
        if (!_commands.TryGetValue(given.Command, out var handler))
            throw new LocalRpcException(RpcErrorCode.InvalidParams, $"there is no command '{given.Command}'");
        await handler(given, cancellation).ConfigureAwait(false);
        return null!;
    }

    /// <summary>A token of the server's own; null where the client shows no progress, or not now.</summary>
    private async Task<string?> CreateProgressAsync(CancellationToken request)
    {
        if (!_showsProgress)
            return null;
        var token = Guid.NewGuid().ToString("n");
        try
        {
            await _rpc.InvokeAsync("window/workDoneProgress/create", new(token), LspJson.Default.WorkDoneProgressCreateParams, request).ConfigureAwait(false);
            return token;
        }
        catch (RemoteRpcException)
        {
            // The work matters more than its progress.
            return null;
        }
    }

    private void CancelProgress(string token)
    {
        try
        {
            // Not waited for: what stops the work must not hold up the reading of messages.
            if (_progress.TryGetValue(token, out var source))
                _ = source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The work ended at the same moment.
        }
    }

    /// <summary>Stops when the client's process ends without closing the streams, as editors that crash do.</summary>
    private void EndWith(int processId)
    {
        try
        {
            var client = Process.GetProcessById(processId);
            client.EnableRaisingEvents = true;
            client.Exited += (_, _) => _rpc.Stop();
            if (client.HasExited)
                _rpc.Stop();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It is gone already, or not ours to watch, or lives where process numbers differ (a container): the end of
            // the stream will tell.
        }
    }
}
