using System.Text;
using AttentionServer.Rpc;

namespace AttentionServer.Tests.Rpc;

/// <summary>One message in, these answers out, and the connection still serves.</summary>
public class DispatchTests
{
    private const string Invalid = """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"not a JSON-RPC 2.0 request"}}""";
    private const string BadBatch = """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"a batch holds 1 to 1024 calls"}}""";

    public static TheoryData<string, string[]> Messages => new()
    {
        // Ids come back as they were given.
        { """{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"a"}}""", ["""{"jsonrpc":"2.0","id":1,"result":{"text":"a"}}"""] },
        { """{"jsonrpc":"2.0","id":0,"method":"echo","params":{"text":"a"}}""", ["""{"jsonrpc":"2.0","id":0,"result":{"text":"a"}}"""] },
        { """{"jsonrpc":"2.0","id":-9223372036854775808,"method":"echo","params":{"text":"a"}}""", ["""{"jsonrpc":"2.0","id":-9223372036854775808,"result":{"text":"a"}}"""] },
        { """{"jsonrpc":"2.0","id":"x y","method":"echo","params":{"text":"a"}}""", ["""{"jsonrpc":"2.0","id":"x y","result":{"text":"a"}}"""] },
        { """{"jsonrpc":"2.0","id":"","method":"echo","params":{"text":"a"}}""", ["""{"jsonrpc":"2.0","id":"","result":{"text":"a"}}"""] },
        { """{"jsonrpc":"2.0","id":"1","method":"echo","params":[{"text":"a"}]}""", ["""{"jsonrpc":"2.0","id":"1","result":{"text":"a"}}"""] },

        // What is no request.
        { "{}", [Invalid] },
        { "1", [Invalid] },
        { "null", [Invalid] },
        { "\"echo\"", [Invalid] },
        { """{"jsonrpc":"2.0","id":1.5,"method":"echo"}""", [Invalid] },
        { """{"jsonrpc":"2.0","id":null,"method":"echo"}""", [Invalid] },
        { """{"jsonrpc":"2.0","id":true,"method":"echo"}""", [Invalid] },
        { """{"jsonrpc":"2.0","id":{},"method":"echo"}""", [Invalid] },
        { """{"id":7,"method":"echo","params":{"text":"a"}}""", [Invalid.Replace("null", "7", StringComparison.Ordinal)] },
        { """{"jsonrpc":"1.0","id":7,"method":"echo"}""", [Invalid.Replace("null", "7", StringComparison.Ordinal)] },
        { """{"jsonrpc":2.0,"id":7,"method":"echo"}""", [Invalid.Replace("null", "7", StringComparison.Ordinal)] },
        { """{"jsonrpc":"2.0","id":7,"method":5}""", [Invalid.Replace("null", "7", StringComparison.Ordinal)] },
        { """{"jsonrpc":"2.0","id":7}""", [Invalid.Replace("null", "7", StringComparison.Ordinal)] },
        { """{"jsonrpc":"2.0","id":7,"method":"echo","params":"a"}""", [Invalid.Replace("null", "7", StringComparison.Ordinal)] },

        // Methods and parameters.
        { """{"jsonrpc":"2.0","id":1,"method":"nothing"}""", ["""{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"there is no method \u0027nothing\u0027"}}"""] },
        { """{"jsonrpc":"2.0","id":1,"method":"$/nothing"}""", ["""{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"there is no method \u0027$/nothing\u0027"}}"""] },
        { """{"jsonrpc":"2.0","id":1,"method":"note","params":{"text":"a"}}""", ["""{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"there is no method \u0027note\u0027"}}"""] },
        { """{"jsonrpc":"2.0","id":1,"method":"echo","params":[{"text":"a"},1]}""", ["""{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"the parameters are one object, not a list"}}"""] },
        { """{"jsonrpc":"2.0","id":1,"method":"fail"}""", ["""{"jsonrpc":"2.0","id":1,"error":{"code":-32803,"message":"not today"}}"""] },
        { """{"jsonrpc":"2.0","id":1,"method":"refuse"}""", ["""{"jsonrpc":"2.0","id":1,"error":{"code":-32801,"message":"edited"}}"""] },
        { """{"jsonrpc":"2.0","id":1,"method":"crash"}""", ["""{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"crash failed: two lines"}}"""] },

        // Notifications and answers are never answered, whatever they say.
        { """{"jsonrpc":"2.0","method":"note","params":{"text":"a"}}""", [] },
        { """{"jsonrpc":"2.0","method":"note","params":{"text":5}}""", [] },
        { """{"jsonrpc":"2.0","method":"echo","params":{"text":"a"}}""", [] },
        { """{"jsonrpc":"2.0","method":"nothing"}""", [] },
        { """{"jsonrpc":"2.0","method":"$/nothing"}""", [] },
        { """{"jsonrpc":"2.0","method":"crashNote"}""", [] },
        { """{"jsonrpc":"2.0","id":99,"result":null}""", [] },
        { """{"jsonrpc":"2.0","id":"99","result":null}""", [] },
        { """{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}""", [] },
        { """{"jsonrpc":"2.0","error":"?"}""", [] },
        { """{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":12345}}""", [] },
        { """{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":[]}}""", [] },
        { """{"jsonrpc":"2.0","method":"$/cancelRequest"}""", [] },

        // Batches.
        { "[]", [BadBatch] },
        { "[1,[]]", [$"[{Invalid},{Invalid}]"] },
        { """[{"jsonrpc":"2.0","method":"note","params":{"text":"a"}},{"jsonrpc":"2.0","id":3,"result":null}]""", [] },
        { $"[{Wire.Echo("1", "a")},{{}},{Wire.Echo("\"b\"", "b")}]", [$"[{Wire.Echoed("1", "a")},{Invalid},{Wire.Echoed("\"b\"", "b")}]"] },
        { $"[{string.Join(',', Enumerable.Repeat("1", JsonRpc.MaximumBatch + 1))}]", [BadBatch] },

        // Half a surrogate pair becomes one replacement character; a whole one, and an escaped backslash, stay.
        { Wire.Echo("1", @"a\ud83db"), [Wire.Echoed("1", @"a\uFFFDb")] },
        { Wire.Echo("1", @"\uDC0E\ud83d\ud83d\udc0e\\ud83d\"""), [Wire.Echoed("1", @"\uFFFD\uFFFD\uD83D\uDC0E\\ud83d\u0022")] },
        { """{"jsonrpc":"2.0","id":"\ud800","method":"\udfff"}""", ["""{"jsonrpc":"2.0","id":"\uFFFD","error":{"code":-32601,"message":"there is no method \u0027\uFFFD\u0027"}}"""] },
        { """{"jsonrpc":"2.0","id":1,"\ud800":1,"method":"echo","params":{"text":"","\ud800":""}}""", [Wire.Echoed("1")] },
    };

    public static TheoryData<byte[], string> Garbage => new()
    {
        { [], "" },
        { "{"u8.ToArray(), "" },
        { """{"jsonrpc":"2.0","id":1,"method":"ec"""u8.ToArray(), "" },
        { "{} {}"u8.ToArray(), "" },
        { "\uFEFF{}"u8.ToArray(), "" },
        { @"{""a"":""\u12""}"u8.ToArray(), "" },
        { @"{""a"":""\"u8.ToArray(), "" },
        { [.. "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\""u8, 0xff, .. "\"}"u8], "not UTF-8" },
        { [.. "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\""u8, 0xed, 0xa0, 0x80, .. "\"}"u8], "not UTF-8" },
        { Encoding.Unicode.GetBytes("{}"), "" },
        { Encoding.UTF8.GetBytes(new string('[', 1_000_000)), "depth" },
        { Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":{new string('[', 65)}{new string(']', 65)}}}"), "depth" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Answers(string message, string[] answers)
    {
        await using var wire = new Wire();
        Register(wire.Rpc);
        Assert.Equal(answers, await wire.Start().AnswersAsync(Encoding.UTF8.GetBytes(message)));
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task AnswersWhatIsNoJsonWithAParseError(byte[] message, string says)
    {
        await using var wire = new Wire();
        var answer = Assert.Single(await wire.Start().AnswersAsync(message));
        Assert.StartsWith("""{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"the message is not JSON: """, answer, StringComparison.Ordinal);
        Assert.Contains(says, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"text":5}""", "text")]
    [InlineData("""{"text":null}""", "text")]
    [InlineData("{}", "text")]
    [InlineData("[]", "text")]
    [InlineData("null", "text")]
    [InlineData("[1]", "Words")]
    public async Task SaysWhichParameterDoesNotFit(string parameters, string says)
    {
        await using var wire = new Wire();
        await wire.Start().SendAsync($$"""{"jsonrpc":"2.0","id":1,"method":"echo","params":{{parameters}}}""");
        var error = (await wire.NextJsonAsync()).GetProperty("error");
        Assert.Equal(RpcErrorCode.InvalidParams, error.GetProperty("code").GetInt32());
        Assert.Contains(says, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeepsTheStackTraceToItself()
    {
        await using var wire = new Wire();
        Register(wire.Rpc);
        var answer = Assert.Single(await wire.Start().AnswersAsync("""{"jsonrpc":"2.0","id":1,"method":"crash"}"""u8.ToArray()));
        Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
        Assert.Contains("   at ", wire.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AsksTheGuardFirst()
    {
        await using var wire = new Wire();
        var noted = 0;
        wire.Rpc.AddNotification("note", WireJson.Default.JsonElement, _ => noted++);
        wire.Rpc.Guard = (method, request) => throw new LocalRpcException(request ? 1 : 2, method);
        await wire.Start().SendAsync("""{"jsonrpc":"2.0","method":"note"}""");
        await wire.SendAsync(Wire.Echo("1"));
        Assert.Equal("""{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"echo"}}""", await wire.NextAsync());
        Assert.Equal(0, noted);
    }

    private static void Register(JsonRpc rpc)
    {
        rpc.UserMessage = e => e is TimeoutException ? e.Message : null;
        rpc.AddNotification("note", WireJson.Default.Words, _ => { });
        rpc.AddNotification("crashNote", WireJson.Default.JsonElement, _ => throw new InvalidOperationException("no"));
        Add("fail", () => new TimeoutException("not today"));
        Add("refuse", () => new LocalRpcException(RpcErrorCode.ContentModified, "edited"));
        Add("crash", () => new InvalidOperationException("two\nlines"));

        void Add(string method, Func<Exception> failure) =>
            rpc.AddRequest(method, WireJson.Default.JsonElement, WireJson.Default.Words, (_, _) => throw failure());
    }
}
