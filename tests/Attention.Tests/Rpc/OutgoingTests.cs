using System.Text.Json;
using AttentionServer.Rpc;

namespace AttentionServer.Tests.Rpc;

/// <summary>What this side asks and tells the other.</summary>
public class OutgoingTests
{
    [Fact]
    public async Task TellsInOrder()
    {
        await using var wire = new Wire();
        for (var i = 0; i < 100; i++)
            wire.Rpc.Notify("note", new Words($"{i}"), WireJson.Default.Words);
        for (var i = 0; i < 100; i++)
            Assert.Equal($$$"""{"jsonrpc":"2.0","method":"note","params":{"text":"{{{i}}}"}}""", await wire.NextAsync());
    }

    [Fact]
    public async Task AsksManyAndTakesTheAnswersInAnyOrder()
    {
        await using var wire = new Wire().Start();
        var asked = Enumerable.Range(0, 50).Select(i => Ask(wire, $"{i}")).ToList();
        var ids = new List<JsonElement>();
        foreach (var _ in asked)
            ids.Add(await wire.NextJsonAsync());
        ids.Reverse();
        foreach (var id in ids)
            await wire.SendAsync($$"""{"jsonrpc":"2.0","id":{{id.GetProperty("id")}},"result":{{id.GetProperty("params").GetProperty("text").GetRawText()}}}""");
        for (var i = 0; i < asked.Count; i++)
            Assert.Equal($"{i}", (await asked[i].WaitAsync(Wire.Patience)).GetString());
    }

    [Theory]
    [InlineData("""{"code":-5,"message":"no"}""", -5, "no")]
    [InlineData("""{"message":"no"}""", RpcErrorCode.InternalError, "no")]
    [InlineData("""{"code":"x","message":5}""", RpcErrorCode.InternalError, "5")]
    [InlineData("\"no\"", RpcErrorCode.InternalError, "no")]
    public async Task HearsARefusal(string error, int code, string message)
    {
        await using var wire = new Wire().Start();
        var asked = Ask(wire, "?");
        var id = (await wire.NextJsonAsync()).GetProperty("id");
        await wire.SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"error":{{error}}}""");
        var refused = await Assert.ThrowsAsync<RemoteRpcException>(() => asked.WaitAsync(Wire.Patience));
        Assert.Equal((code, message), (refused.ErrorCode, refused.Message));
    }

    [Fact]
    public async Task TellsTheOtherSideWhenItNoLongerWaits()
    {
        await using var wire = new Wire().Start();
        using var stop = new CancellationTokenSource();
        var asked = Ask(wire, "?", stop.Token);
        var id = (await wire.NextJsonAsync()).GetProperty("id");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal($$$"""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":{{{id}}}}}""", await wire.NextAsync());
        await wire.SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"result":null}""");
        await wire.SendAsync(Wire.Echo("1"));
        Assert.Equal(Wire.Echoed("1"), await wire.NextAsync());
    }

    [Fact]
    public async Task FailsWhatNobodyWillAnswer()
    {
        await using var wire = new Wire().Start();
        var asked = Ask(wire, "?");
        await wire.NextAsync();
        await wire.EndInputAsync();
        await Assert.ThrowsAsync<IOException>(() => asked.WaitAsync(Wire.Patience));
        await wire.Running.WaitAsync(Wire.Patience);
        await Assert.ThrowsAsync<IOException>(() => Ask(wire, "too late").WaitAsync(Wire.Patience));
    }

    [Fact]
    public async Task AsksFromWithinARequest()
    {
        await using var wire = new Wire();
        wire.Rpc.AddRequest("ask back", WireJson.Default.Words, WireJson.Default.JsonElement, (given, cancellation) =>
            wire.Rpc.InvokeAsync("asked", given, WireJson.Default.Words, cancellation));
        await wire.Start().SendAsync("""{"jsonrpc":"2.0","id":"outer","method":"ask back","params":{"text":"?"}}""");
        var asked = await wire.NextJsonAsync();
        await wire.SendAsync($$"""{"jsonrpc":"2.0","id":{{asked.GetProperty("id")}},"result":[42]}""");
        Assert.Equal("""{"jsonrpc":"2.0","id":"outer","result":[42]}""", await wire.NextAsync());
    }

    private static Task<JsonElement> Ask(Wire wire, string text, CancellationToken cancellation = default) =>
        wire.Rpc.InvokeAsync("ask", new Words(text), WireJson.Default.Words, cancellation);
}
