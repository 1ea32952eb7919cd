using System.Diagnostics;
using System.IO.Pipelines;
using AttentionServer.Rpc;

namespace AttentionServer.Tests.Rpc;

/// <summary>How a connection ends, whoever ends it.</summary>
public class EndTests
{
    [Fact]
    public async Task EndsWithTheStreamAndCancelsWhatRuns()
    {
        await using var wire = new Wire();
        OrderTests.AddSlow(wire.Rpc, new());
        await wire.Start().SendAsync("""{"jsonrpc":"2.0","id":1,"method":"slow"}""");
        await wire.EndInputAsync();
        Assert.Equal(RpcErrorCode.RequestCancelled, (await wire.NextJsonAsync()).GetProperty("error").GetProperty("code").GetInt32());
        await wire.Running.WaitAsync(Wire.Patience);
    }

    [Fact]
    public async Task EndsInsideAMessageWithAnErrorAndALine()
    {
        await using var wire = new Wire();
        await wire.Start().SendRawAsync("Content-Length: 100\r\n\r\n{\"jsonrpc\""u8.ToArray());
        await wire.EndInputAsync();
        Assert.Equal("""{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"the stream ended after 10 of 100 bytes of a message"}}""", await wire.NextAsync());
        await wire.Running.WaitAsync(Wire.Patience);
        Assert.Contains("the stream ended after 10 of 100 bytes", wire.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StopsThoughStandardInputCannotBeInterrupted()
    {
        var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(new DeafStream(), Stream.Null));
        var running = rpc.RunAsync();
        await Task.Delay(50);
        Assert.False(running.IsCompleted);
        rpc.Stop();
        await running.WaitAsync(Wire.Patience);
        await rpc.DisposeAsync();
    }

    [Fact]
    public async Task EndsWhenNobodyReadsItsAnswersAnyMore()
    {
        var wire = new Wire().Start();
        await wire.RefuseOutputAsync();
        for (var i = 0; i < 3; i++)
            await wire.SendAsync(Wire.Echo($"{i}"));
        wire.Rpc.Notify("note", new Words("to nobody"), WireJson.Default.Words);
        await wire.DisposeAsync();
    }

    [Fact]
    public async Task DoesNotWaitForeverForAHandlerThatCannotBeCancelled()
    {
        var wire = new Wire();
        var release = new TaskCompletionSource<Words>();
        wire.Rpc.AddRequest("stubborn", WireJson.Default.JsonElement, WireJson.Default.Words, (_, _) => release.Task);
        await wire.Start().SendAsync("""{"jsonrpc":"2.0","id":1,"method":"stubborn"}""");
        await wire.SendAsync(Wire.Echo("2"));
        await wire.NextAsync();
        var clock = Stopwatch.StartNew();
        await wire.EndInputAsync();
        await wire.Running.WaitAsync(Wire.Patience);
        Assert.InRange(clock.Elapsed.TotalSeconds, 1, 10);
        release.SetResult(new("late"));
        await wire.DisposeAsync();
    }

    [Fact]
    public async Task DoesNotWaitForeverForAClientThatDoesNotRead()
    {
        var stuck = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        var rpc = new JsonRpc(new HeaderDelimitedMessageHandler(new MemoryStream(), stuck.Writer.AsStream()));
        rpc.Notify("note", new Words("unread"), WireJson.Default.Words);
        await rpc.RunAsync().WaitAsync(Wire.Patience);
    }

    /// <summary>Like a console's input: a read waits for bytes, and for nothing else.</summary>
    private sealed class DeafStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return 0;
        }
    }
}
