using System.Text;
using System.Text.Json;
using AttentionServer.Rpc;
using AttentionServer.Server.Lsp;

namespace AttentionServer.Tests.Lsp;

/// <summary>An editor in memory: a language server, and a client that speaks to it.</summary>
internal sealed class Editor : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly System.IO.Pipelines.Pipe _toServer = new();
    private readonly System.IO.Pipelines.Pipe _fromServer = new();
    private readonly HeaderDelimitedMessageHandler _client;
    private int _lastId;

    public Editor()
    {
        Server = new(_toServer.Reader.AsStream(), _fromServer.Writer.AsStream());
        _client = new(_fromServer.Reader.AsStream(), _toServer.Writer.AsStream());
    }

    public LanguageServer Server { get; }

    public Task<int> Exit { get; private set; } = Task.FromResult(0);

    public Editor Start()
    {
        Exit = Server.RunAsync();
        return this;
    }

    public async Task<Editor> InitializeAsync(string capabilities = "{}")
    {
        Start();
        await RequestAsync("initialize", $$"""{"processId":null,"rootUri":null,"capabilities":{{capabilities}}}""");
        await NotifyAsync("initialized", "{}");
        return this;
    }

    public async Task<int> SendAsync(string method, string parameters)
    {
        var id = Interlocked.Increment(ref _lastId);
        await WriteAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}","params":{{parameters}}}""");
        return id;
    }

    public Task NotifyAsync(string method, string parameters) => WriteAsync($$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}}}""");

    public Task AnswerAsync(JsonElement request, string answer) => WriteAsync($$"""{"jsonrpc":"2.0","id":{{request.GetProperty("id")}},{{answer}}}""");

    public async Task<JsonElement> NextAsync() => JsonElement.Parse(await _client.ReadAsync(default).WaitAsync(Patience) ?? throw new EndOfStreamException());

    /// <summary>The next message of this method, or answer to this request.</summary>
    public async Task<JsonElement> NextAsync(object methodOrId)
    {
        while (true)
        {
            var message = await NextAsync();
            if (methodOrId is string method ? message.TryGetProperty("method", out var name) && name.GetString() == method
                : !message.TryGetProperty("method", out _) && message.GetProperty("id").GetInt32() == (int)methodOrId)
                return message;
        }
    }

    public async Task<JsonElement> RequestAsync(string method, string parameters) => await NextAsync(await SendAsync(method, parameters));

    public async Task<int> CodeAsync(string method, string parameters) =>
        (await RequestAsync(method, parameters)).GetProperty("error").GetProperty("code").GetInt32();

    public ValueTask LeaveAsync() => _toServer.Writer.CompleteAsync();

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        await Exit.WaitAsync(Patience);
        await Server.DisposeAsync();
    }

    private async Task WriteAsync(string json)
    {
        await _client.WriteAsync(Encoding.UTF8.GetBytes(json), default);
        await _client.FlushAsync(default);
    }
}
