using AttentionServer.Rpc;

namespace AttentionServer.Tests.Rpc;

/// <summary>What runs before what, and what may overtake.</summary>
public class OrderTests
{
    [Fact]
    public async Task ARequestSeesTheNotificationsBeforeItAndNoneAfter()
    {
        await using var wire = new Wire();
        var noted = 0;
        wire.Rpc.AddNotification("note", WireJson.Default.Words, _ => noted++);
        wire.Rpc.AddRequest("seen", WireJson.Default.JsonElement, WireJson.Default.Words, async (_, _) =>
        {
            var seen = noted;
            await Task.Yield();
            return new Words($"{seen}");
        });
        wire.Start();
        for (var i = 0; i < 1000; i++)
        {
            await wire.SendAsync($$"""{"jsonrpc":"2.0","id":{{i}},"method":"seen"}""");
            await wire.SendAsync("""{"jsonrpc":"2.0","method":"note","params":{"text":""}}""");
        }

        for (var i = 0; i < 1000; i++)
        {
            var answer = await wire.NextJsonAsync();
            Assert.Equal(answer.GetProperty("id").GetRawText(), answer.GetProperty("result").GetProperty("text").GetString());
        }
    }

    [Fact]
    public async Task AQuickRequestOvertakesASlowOne()
    {
        await using var wire = new Wire();
        var release = new TaskCompletionSource();
        AddSlow(wire.Rpc, release);
        await wire.Start().SendAsync("""{"jsonrpc":"2.0","id":1,"method":"slow"}""");
        await wire.SendAsync(Wire.Echo("2"));
        Assert.Equal(Wire.Echoed("2"), await wire.NextAsync());
        release.SetResult();
        Assert.Equal(Wire.Echoed("1"), await wire.NextAsync());
    }

    [Fact]
    public async Task ABatchIsAnsweredTogetherAndHoldsNobodyUp()
    {
        await using var wire = new Wire();
        var release = new TaskCompletionSource();
        AddSlow(wire.Rpc, release);
        await wire.Start().SendAsync($$"""[{"jsonrpc":"2.0","id":1,"method":"slow"},{{Wire.Echo("2")}}]""");
        await wire.SendAsync(Wire.Echo("3"));
        Assert.Equal(Wire.Echoed("3"), await wire.NextAsync());
        release.SetResult();
        Assert.Equal($"[{Wire.Echoed("1")},{Wire.Echoed("2")}]", await wire.NextAsync());
    }

    [Fact]
    public async Task ABatchCanCancelItself()
    {
        await using var wire = new Wire();
        AddSlow(wire.Rpc, new());
        await wire.Start().SendAsync("""[{"jsonrpc":"2.0","id":1,"method":"slow"},{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}]""");
        Assert.Equal(RpcErrorCode.RequestCancelled, (await wire.NextJsonAsync())[0].GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task AnIdIsTakenOnlyWhileItsRequestRuns()
    {
        await using var wire = new Wire();
        var release = new TaskCompletionSource();
        AddSlow(wire.Rpc, release);
        await wire.Start().SendAsync("""{"jsonrpc":"2.0","id":1,"method":"slow"}""");
        await wire.SendAsync(Wire.Echo("\"1\"", "the string is another id"));
        Assert.Equal(Wire.Echoed("\"1\"", "the string is another id"), await wire.NextAsync());
        await wire.SendAsync(Wire.Echo("1"));
        Assert.Equal("""{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"a request with this id is still running"}}""", await wire.NextAsync());
        release.SetResult();
        Assert.Equal(Wire.Echoed("1"), await wire.NextAsync());
        await wire.SendAsync(Wire.Echo("1", "again"));
        Assert.Equal(Wire.Echoed("1", "again"), await wire.NextAsync());
    }

    internal static void AddSlow(JsonRpc rpc, TaskCompletionSource release) =>
        rpc.AddRequest("slow", WireJson.Default.JsonElement, WireJson.Default.Words, async (_, cancellation) =>
        {
            await release.Task.WaitAsync(cancellation);
            return new Words("");
        });
}
