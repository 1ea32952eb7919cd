using System.Text;
using AttentionServer.Rpc;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Rpc;

public class FramingTests
{
    [Theory]
    [InlineData("Content-Length: 2\r\n\r\n{}")]
    [InlineData("content-length:2\r\n\r\n{}")]
    [InlineData("CONTENT-LENGTH :  2  \r\n\r\n{}")]
    [InlineData("Content-Length: 0002\r\n\r\n{}")]
    [InlineData("Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}")]
    [InlineData("Content-Type: x\r\nContent-Length: 2\r\nX-Other:\r\n\r\n{}")]
    public async Task TakesWhatTheProtocolAllows(string stream) => Assert.Equal(["{}"], await ReadAllAsync(Split(stream, stream.Length)));

    [Theory]
    [InlineData("hello world, this is no header\r\n\r\n", "is not a header field")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "'GET / HTTP/1.1' is not a header field")]
    [InlineData(": 5\r\n\r\n{}", "is not a header field")]
    [InlineData("\r\n\r\n", "is not a header field")]
    [InlineData("X-Other: 5\r\n\r\n{}", "without Content-Length")]
    [InlineData("Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "two Content-Lengths")]
    [InlineData("Content-Length: 2\r\ncontent-length: 3\r\n\r\n{}", "two Content-Lengths")]
    [InlineData("Content-Length: -2\r\n\r\n{}", "is not a length")]
    [InlineData("Content-Length: +2\r\n\r\n{}", "is not a length")]
    [InlineData("Content-Length: 2,2\r\n\r\n{}", "is not a length")]
    [InlineData("Content-Length: 2.0\r\n\r\n{}", "is not a length")]
    [InlineData("Content-Length: 0x2\r\n\r\n{}", "is not a length")]
    [InlineData("Content-Length: \u0662\r\n\r\n{}", "is not a length")]
    [InlineData("Content-Length:\r\n\r\n{}", "is not a length")]
    [InlineData("Content-Length: 1073741824\r\n\r\n{}", "larger than the 1000")]
    [InlineData("Content-Length: 1001\r\n\r\n{}", "larger than the 1000")]
    [InlineData("Content-Length: 4294967298\r\n\r\n{}", "larger than the 1000")]
    [InlineData("Content-Length: 1000000000000000000000000000000\r\n\r\n{}", "larger than the 1000")]
    [InlineData("Content-Length: 5\r\n\r\n{}", "ended after 2 of 5 bytes")]
    [InlineData("Content-Length: 2\n\n{}", "ends in \\n alone")]
    [InlineData("Content-Length: 2\r\n\n{}", "ends in \\n alone")]
    [InlineData("\n", "ends in \\n alone")]
    [InlineData("Content-Length: 2\r\r{}", "ended inside a message header")]
    [InlineData("Content-Length: 5\r\n", "ended inside a message header")]
    public async Task SaysWhatIsWrongWithAHeader(string stream, string says)
    {
        foreach (var chunk in new[] { 1, stream.Length })
        {
            var error = await Assert.ThrowsAsync<FramingException>(() => ReadAllAsync(Split(stream, chunk)));
            Assert.Contains(says, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnswersAClientWhoseHeadersWouldNeverEnd()
    {
        await using var wire = new Wire();
        await wire.Start().SendRawAsync("Content-Length: 2\n\n{}"u8.ToArray());
        Assert.Contains("-32700", await wire.NextAsync(), StringComparison.Ordinal);
        await wire.Running.WaitAsync(Wire.Patience);
    }

    [Fact]
    public async Task GivesUpOnAHeaderWithoutEnd()
    {
        var endless = new ChunkedStream(Enumerable.Repeat("X-Filler: 0123456789\r\n"u8.ToArray(), int.MaxValue));
        var error = await Assert.ThrowsAsync<FramingException>(() => ReadAllAsync(endless));
        Assert.Contains("within 4096 bytes", error.Message, StringComparison.Ordinal);
        Assert.InRange(endless.BytesRead, 4096, 64 << 10);
    }

    [Fact]
    public async Task ReadsTheSameHoweverTheBytesArrive()
    {
        string[] messages = ["{}", "", "{\"text\":\"žluťoučký 🐎\"}", new('x', 999)];
        var stream = Encoding.UTF8.GetString([.. messages.SelectMany(m => Wire.Frame(Encoding.UTF8.GetBytes(m)))]);
        var length = Encoding.UTF8.GetByteCount(stream);
        for (var at = 1; at < length; at++)
        {
            var bytes = Encoding.UTF8.GetBytes(stream);
            Assert.Equal(messages, await ReadAllAsync(new ChunkedStream([bytes[..at], bytes[at..]])));
        }

        Assert.Equal(messages, await ReadAllAsync(Split(stream, 1)));
    }

    [Fact]
    public async Task TellsAnEndBetweenMessagesFromOneInside()
    {
        var bytes = Wire.Frame("{\"a\":1}"u8);
        Assert.Empty(await ReadAllAsync(new ChunkedStream([])));
        Assert.Single(await ReadAllAsync(new ChunkedStream([bytes])));
        for (var cut = 1; cut < bytes.Length; cut++)
            await Assert.ThrowsAsync<FramingException>(() => ReadAllAsync(new ChunkedStream([bytes[..cut]])));
    }

    [Fact]
    public void WritesWhatItReads() => Prop.ForAll<string[], int>((messages, chunk) =>
    {
        var sent = messages.Select(m => m ?? "").ToArray();
        var stream = new MemoryStream();
        var writing = new HeaderDelimitedMessageHandler(Stream.Null, stream);
        foreach (var message in sent)
            writing.WriteAsync(Encoding.Unicode.GetBytes(message), default).AsTask().GetAwaiter().GetResult();
        writing.FlushAsync(default).AsTask().GetAwaiter().GetResult();
        var read = ReadAllAsync(Split(stream.ToArray(), 1 + Math.Abs(chunk % 100)), Encoding.Unicode).GetAwaiter().GetResult();
        return read.SequenceEqual(sent);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task SmallAndLargeMessagesStayInOrder()
    {
        var sent = new[] { 1, 70_000, 3, 65_535, 65_536, 200_000, 0 }.Select((length, i) => new string((char)('a' + i), length)).ToList();
        var stream = new MemoryStream();
        var writing = new HeaderDelimitedMessageHandler(Stream.Null, stream);
        foreach (var message in sent)
            await writing.WriteAsync(Encoding.UTF8.GetBytes(message), default);
        await writing.FlushAsync(default);
        Assert.Equal(sent, await ReadAllAsync(Split(stream.ToArray(), 50_000), maximum: 200_000));
    }

    private static async Task<List<string>> ReadAllAsync(Stream stream, Encoding? encoding = null, int maximum = 1000)
    {
        await using var handler = new HeaderDelimitedMessageHandler(stream, Stream.Null, maximum);
        var messages = new List<string>();
        while (await handler.ReadAsync(default) is { } message)
            messages.Add((encoding ?? Encoding.UTF8).GetString(message));
        return messages;
    }

    private static ChunkedStream Split(string text, int chunk) => Split(Encoding.UTF8.GetBytes(text), chunk);

    private static ChunkedStream Split(byte[] bytes, int chunk) => new(bytes.Chunk(chunk));
}
