using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionServer.Rpc;

namespace AttentionServer.Tests.Rpc;

/// <summary>What the test methods take and give.</summary>
internal sealed record Words(string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Words))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class WireJson : JsonSerializerContext;

/// <summary>
/// A connection in memory whose other end is plain bytes: the tests write what a client could write, and read the answers
/// with a framing of their own.
/// </summary>
internal sealed class Wire : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Pipe _in = new();
    private readonly Pipe _out = new();
    private readonly StringBuilder _log = new();

    public Wire()
    {
        Rpc = new(new HeaderDelimitedMessageHandler(_in.Reader.AsStream(), _out.Writer.AsStream())) { Trace = line => _log.AppendLine(line) };
        Rpc.AddRequest("echo", WireJson.Default.Words, WireJson.Default.Words, (given, _) => Task.FromResult(given));
    }

    public JsonRpc Rpc { get; }

    public string Log => _log.ToString();

    public Task Running { get; private set; } = Task.CompletedTask;

    public static byte[] Frame(ReadOnlySpan<byte> json) => [.. Encoding.ASCII.GetBytes($"Content-Length: {json.Length}\r\n\r\n"), .. json];

    public static string Echo(string id, string text = "") => $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"echo","params":{"text":"{{{text}}}"}}""";

    public static string Echoed(string id, string text = "") => $$$"""{"jsonrpc":"2.0","id":{{{id}}},"result":{"text":"{{{text}}}"}}""";

    public Wire Start()
    {
        Running = Rpc.RunAsync();
        return this;
    }

    public Task SendAsync(string json) => SendAsync(Encoding.UTF8.GetBytes(json));

    public Task SendAsync(ReadOnlySpan<byte> json) => SendRawAsync(Frame(json));

    public async Task SendRawAsync(byte[] bytes) => await _in.Writer.WriteAsync(bytes);

    /// <summary>The client closes its side.</summary>
    public ValueTask EndInputAsync() => _in.Writer.CompleteAsync();

    /// <summary>The client takes no more.</summary>
    public ValueTask RefuseOutputAsync() => _out.Reader.CompleteAsync();

    public async Task<string> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var header = new StringBuilder();
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            header.Append((char)(await ReadAsync(1, patience.Token))[0]);
        var length = int.Parse(header.ToString()["Content-Length: ".Length..].Trim(), CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetString(await ReadAsync(length, patience.Token));
    }

    public async Task<JsonElement> NextJsonAsync() => JsonElement.Parse(await NextAsync());

    /// <summary>Sends a message and an echo after it; everything answered before the echo.</summary>
    public async Task<List<string>> AnswersAsync(byte[] json)
    {
        await SendAsync(json);
        await SendAsync(Echo("\"end\""));
        var answers = new List<string>();
        while (await NextAsync() is var answer && answer != Echoed("\"end\""))
            answers.Add(answer);
        return answers;
    }

    public async ValueTask DisposeAsync()
    {
        await EndInputAsync();
        await Running.WaitAsync(Patience);
        await Rpc.DisposeAsync();
    }

    private async Task<byte[]> ReadAsync(int length, CancellationToken cancellation)
    {
        var read = await _out.Reader.ReadAtLeastAsync(length, cancellation);
        if (read.Buffer.Length < length)
            throw new EndOfStreamException("the server closed its output");
        var slice = read.Buffer.Slice(0, length);
        var bytes = System.Buffers.BuffersExtensions.ToArray(slice);
        _out.Reader.AdvanceTo(slice.End);
        return bytes;
    }
}
