using AttentionServer.Rpc;

namespace AttentionServer.Tests.Rpc;

/// <summary>Many requests at once, many cancellations, and a client that does not read.</summary>
public class LoadTests
{
    private const int Many = 10_000;

    [Fact]
    public async Task HoldsTenThousandRequestsAndCancelsEachOne()
    {
        await using var wire = new Wire();
        OrderTests.AddSlow(wire.Rpc, new());
        wire.Start();
        for (var i = 0; i < Many; i++)
            await wire.SendAsync($$"""{"jsonrpc":"2.0","id":{{i}},"method":"slow"}""");
        await wire.SendAsync(Wire.Echo("\"still here\""));
        Assert.Equal(Wire.Echoed("\"still here\""), await wire.NextAsync());
        for (var i = Many - 1; i >= 0; i--)
            await CancelAsync(wire, $"{i}");

        var cancelled = new HashSet<int>();
        for (var i = 0; i < Many; i++)
        {
            var answer = await wire.NextJsonAsync();
            Assert.Equal(RpcErrorCode.RequestCancelled, answer.GetProperty("error").GetProperty("code").GetInt32());
            Assert.True(cancelled.Add(answer.GetProperty("id").GetInt32()));
        }
    }

    [Fact]
    public async Task RefusesWhatIsTooMuchAndTakesMoreAfterwards()
    {
        await using var wire = new Wire();
        var release = new TaskCompletionSource();
        OrderTests.AddSlow(wire.Rpc, release);
        wire.Start();
        for (var i = 0; i < JsonRpc.MaximumInFlight; i++)
            await wire.SendAsync($$"""{"jsonrpc":"2.0","id":{{i}},"method":"slow"}""");
        await wire.SendAsync(Wire.Echo("\"too much\""));
        var refused = await wire.NextJsonAsync();
        Assert.Equal("too much", refused.GetProperty("id").GetString());
        Assert.Equal(RpcErrorCode.RequestFailed, refused.GetProperty("error").GetProperty("code").GetInt32());

        release.SetResult();
        for (var i = 0; i < JsonRpc.MaximumInFlight; i++)
            Assert.True((await wire.NextJsonAsync()).TryGetProperty("result", out _));
        await wire.SendAsync(Wire.Echo("1"));
        Assert.Equal(Wire.Echoed("1"), await wire.NextAsync());
    }

    [Fact]
    public async Task SurvivesAStormOfCancellations()
    {
        await using var wire = new Wire();
        wire.Rpc.AddRequest("racing", WireJson.Default.JsonElement, WireJson.Default.Words, async (_, cancellation) =>
        {
            await Task.Delay(1, cancellation);
            return new Words("");
        });
        wire.Start();
        for (var i = 0; i < Many; i++)
        {
            await wire.SendAsync($$"""{"jsonrpc":"2.0","id":{{i}},"method":"racing"}""");
            await CancelAsync(wire, $"{i}");
            await CancelAsync(wire, $"{i}");
            await CancelAsync(wire, $"{i / 2}");
            await CancelAsync(wire, $"\"{i}\"");
        }

        var answered = new HashSet<int>();
        for (var i = 0; i < Many; i++)
            Assert.True(answered.Add((await wire.NextJsonAsync()).GetProperty("id").GetInt32()));
        Assert.Equal("", wire.Log);
    }

    [Fact]
    public async Task WhatACancellationThrowsHarmsNobody()
    {
        await using var wire = new Wire();
        wire.Rpc.AddRequest("touchy", WireJson.Default.JsonElement, WireJson.Default.Words, async (_, cancellation) =>
        {
            using var registered = cancellation.Register(() => throw new InvalidOperationException("do not cancel me"));
            await Task.Delay(Timeout.Infinite, cancellation);
            return new Words("");
        });
        await wire.Start().SendAsync("""{"jsonrpc":"2.0","id":1,"method":"touchy"}""");
        await CancelAsync(wire, "1");
        Assert.Equal(RpcErrorCode.RequestCancelled, (await wire.NextJsonAsync()).GetProperty("error").GetProperty("code").GetInt32());
        await wire.SendAsync(Wire.Echo("2"));
        Assert.Equal(Wire.Echoed("2"), await wire.NextAsync());
    }

    [Fact]
    public async Task StopsReadingWhileTheClientDoesNotAndForgetsNothing()
    {
        const int count = 100;
        var text = new string('x', 1 << 20);
        await using var wire = new Wire();
        var started = 0;
        wire.Rpc.AddRequest("big", WireJson.Default.JsonElement, WireJson.Default.Words, (_, _) =>
        {
            Interlocked.Increment(ref started);
            return Task.FromResult(new Words(text));
        });
        wire.Start();
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
                await wire.SendAsync($$"""{"jsonrpc":"2.0","id":{{i}},"method":"big","params":{"padding":"{{text}}"} }""");
        });
        var bound = Outbox.Bound >> 20;
        for (var waited = 0; Volatile.Read(ref started) < bound && waited < Wire.Patience.TotalMilliseconds; waited += 10)
            await Task.Delay(10);
        await Task.Delay(300);
        Assert.False(sending.IsCompleted);
        Assert.InRange(Volatile.Read(ref started), bound, bound + 2);

        for (var i = 0; i < count; i++)
            Assert.Equal(i, (await wire.NextJsonAsync()).GetProperty("id").GetInt32());
        await sending.WaitAsync(Wire.Patience);
        Assert.Equal(count, started);
    }

    private static Task CancelAsync(Wire wire, string id) => wire.SendAsync($$$"""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":{{{id}}}}}""");
}
