using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;

namespace AttentionServer.Rpc;

/// <summary>The stream does not follow the framing; nothing after this point can be understood.</summary>
public sealed class FramingException(string message) : Exception(message);

/// <summary>
/// Messages with a Content-Length header before each, as the language server protocol frames them. Knows bytes only:
/// what a message says is the dispatcher's business.
/// </summary>
public sealed class HeaderDelimitedMessageHandler(Stream input, Stream output, int maximumBytes = HeaderDelimitedMessageHandler.DefaultMaximumBytes) : IAsyncDisposable
{
    /// <summary>The largest message taken unless another bound is given.</summary>
    public const int DefaultMaximumBytes = 64 << 20;

    private const int MaximumHeaderBytes = 4096;
    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();
    private readonly PipeReader _reader = PipeReader.Create(input);
    private readonly PipeWriter _writer = PipeWriter.Create(output);
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>The next message, in memory of its own; null at the end of the stream.</summary>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellation)
    {
        var length = await ReadHeaderAsync(cancellation).ConfigureAwait(false);
        if (length == null)
            return null;
        var read = await _reader.ReadAtLeastAsync(length.Value, cancellation).ConfigureAwait(false);
        if (read.Buffer.Length < length)
            throw new FramingException($"the stream ended after {read.Buffer.Length} of {length} bytes of a message");
        var message = read.Buffer.Slice(0, length.Value);
        var bytes = message.ToArray();
        _reader.AdvanceTo(message.End);
        return bytes;
    }

    /// <summary>Writes one message; waits while the other side does not read.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _writer.Write(Encoding.ASCII.GetBytes($"Content-Length: {message.Length}\r\n\r\n"));
            await _writer.WriteAsync(message, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _reader.CompleteAsync().ConfigureAwait(false);
        await _writer.CompleteAsync().ConfigureAwait(false);
        _writing.Dispose();
    }

    private async ValueTask<int?> ReadHeaderAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (TryFindHeader(read.Buffer, out var header, out var after))
            {
                var length = ContentLength(header);
                _reader.AdvanceTo(after);
                return length;
            }

            if (read.Buffer.Length > MaximumHeaderBytes)
                throw new FramingException($"no message header within {MaximumHeaderBytes} bytes");
            if (read.IsCompleted)
                return read.Buffer.IsEmpty ? null : throw new FramingException("the stream ended inside a message header");
            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool TryFindHeader(ReadOnlySequence<byte> buffer, out string header, out SequencePosition after)
    {
        var reader = new SequenceReader<byte>(buffer);
        var found = reader.TryReadTo(out ReadOnlySequence<byte> bytes, HeaderEnd) && bytes.Length <= MaximumHeaderBytes;
        header = found ? Encoding.ASCII.GetString(bytes) : "";
        after = reader.Position;
        return found;
    }

    private int ContentLength(string header)
    {
        int? length = null;
        foreach (var line in header.Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                throw new FramingException($"'{Short(line)}' is not a header field");
            if (!line.AsSpan(0, colon).Trim().Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                continue;
            var value = Encoding.ASCII.GetBytes(line[(colon + 1)..].Trim());
            if (length != null || !Utf8Parser.TryParse(value, out long bytes, out var used) || used != value.Length || bytes < 0)
                throw new FramingException($"'{Short(line)}' is not one length");
            length = bytes <= maximumBytes ? (int)bytes : throw new FramingException($"a message of {bytes} bytes is larger than the {maximumBytes} taken here");
        }

        return length ?? throw new FramingException("a message header without Content-Length");
    }

    private static string Short(string line) => line.Length > 40 ? $"{line[..40]}…" : line;
}
