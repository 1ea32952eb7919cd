namespace AttentionServer.Server.Lsp;

/// <summary>A progress shown by the client; ends when disposed.</summary>
public sealed class WorkDoneProgress : IDisposable
{
    private readonly LanguageServer _server;
    private readonly string? _token;
    private readonly CancellationTokenSource _source;
    private readonly Action _forget;

    internal WorkDoneProgress(LanguageServer server, string? token, string title, CancellationTokenSource source, Action forget)
    {
        (_server, _token, _source, _forget) = (server, token, source, forget);
        Token = source.Token;
        Send(new() { Kind = "begin", Title = title, Cancellable = true });
    }

    /// <summary>Cancelled by the cancel button, and with the request.</summary>
    public CancellationToken Token { get; }

    /// <summary>
    /// Says what is being done now, and how much of it is done where that is known. Not sent while the client does not
    /// read: work goes on without it, and its steps would fill the memory.
    /// </summary>
    public void Report(string message, int? percentage = null)
    {
        if (_server.HasRoom)
            Send(new() { Kind = "report", Message = message, Percentage = percentage });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Send(new() { Kind = "end" });
        _forget();
        _source.Dispose();
    }

    private void Send(WorkDoneProgressValue value)
    {
        if (_token != null)
            _server.Notify("$/progress", new ProgressParams(_token, value), LspJson.Default.ProgressParams);
    }
}
