using System.Buffers;
using System.IO.Pipelines;

namespace AttentionServer.Rpc;

/// <summary>
/// Messages with a Content-Length header before each, as the language server protocol frames them. Knows bytes only:
/// what a message says is the dispatcher's business. One caller reads, and one writes.
/// </summary>
public sealed class HeaderDelimitedMessageHandler(Stream input, Stream output, int maximumBytes = HeaderDelimitedMessageHandler.DefaultMaximumBytes) : IAsyncDisposable
{
    /// <summary>The largest message taken unless another bound is given.</summary>
    public const int DefaultMaximumBytes = 64 << 20;

    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();
    private const int BufferBytes = 64 << 10;
    private readonly PipeReader _reader = PipeReader.Create(input, new(bufferSize: BufferBytes));
    private readonly PipeWriter _writer = PipeWriter.Create(output);
    private Task<byte[]?> _reading = Task.FromResult<byte[]?>(null);

    /// <summary>The next message, in memory of its own; null at the end of the stream.</summary>
    /// <remarks>
    /// Standard input cannot be interrupted while it waits for bytes. A cancelled read is therefore left behind, and this
    /// object is of no more use for reading.
    /// </remarks>
    public Task<byte[]?> ReadAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _reading = ReadMessageAsync(cancellation);
        return _reading.WaitAsync(cancellation);
    }

    /// <summary>Writes one message. Small ones are gathered until there are enough of them or <see cref="FlushAsync"/> is called.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        WriteHeader(message.Length);
        if (message.Length >= BufferBytes)
        {
            // Past the pipe's buffers, which would keep the memory of the largest message for ever.
            await _writer.WriteAsync(message, cancellation).ConfigureAwait(false);
            return;
        }

        _writer.Write(message.Span);
        if (_writer.UnflushedBytes >= BufferBytes)
            await FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Hands what was written to the stream; waits while the other side does not read.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation) => await _writer.FlushAsync(cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A read that was left behind still owns the reader's memory.
        if (_reading.IsCompleted)
            await _reader.CompleteAsync().ConfigureAwait(false);
        await _writer.CompleteAsync().ConfigureAwait(false);
    }

    private async Task<byte[]?> ReadMessageAsync(CancellationToken cancellation)
    {
        var length = await ReadHeaderAsync(cancellation).ConfigureAwait(false);
        if (length == null)
            return null;
        var message = GC.AllocateUninitializedArray<byte>(length.Value);
        var filled = 0;
        while (filled < message.Length)
        {
            var read = await _reader.ReadAsync(cancellation).ConfigureAwait(false);
            var part = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, message.Length - filled));
            part.CopyTo(message.AsSpan(filled));
            filled += (int)part.Length;
            _reader.AdvanceTo(part.End);
            if (read.IsCompleted && filled < message.Length)
                throw new FramingException($"the stream ended after {filled} of {length} bytes of a message");
        }

        return message;
    }

    private async ValueTask<int?> ReadHeaderAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (TryFindHeader(read.Buffer, out var header, out var after))
            {
                var length = header.ContentLength(maximumBytes);
                _reader.AdvanceTo(after);
                return length;
            }

            if (HasBareLineFeed(read.Buffer))
                throw new FramingException("a line of a message header ends in \\n alone: end it with \\r\\n");
            if (read.Buffer.Length > MessageHeader.MaximumBytes)
                throw new FramingException($"no message header within {MessageHeader.MaximumBytes} bytes");
            if (read.IsCompleted)
                return read.Buffer.IsEmpty ? null : throw new FramingException("the stream ended inside a message header");
            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private void WriteHeader(int length)
    {
        var header = _writer.GetSpan(64);
        "Content-Length: "u8.CopyTo(header);
        length.TryFormat(header[16..], out var digits);
        HeaderEnd.CopyTo(header[(16 + digits)..]);
        _writer.Advance(16 + digits + HeaderEnd.Length);
    }

    /// <summary>Such a header would never end, and its sender wait for an answer for ever.</summary>
    private static bool HasBareLineFeed(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
            if (line.IsEmpty || line.Slice(line.Length - 1).FirstSpan[0] != '\r')
                return true;
        return false;
    }

    private static bool TryFindHeader(ReadOnlySequence<byte> buffer, out MessageHeader header, out SequencePosition after)
    {
        var reader = new SequenceReader<byte>(buffer);
        var found = reader.TryReadTo(out ReadOnlySequence<byte> bytes, HeaderEnd) && bytes.Length <= MessageHeader.MaximumBytes;
        header = new(found ? bytes.ToArray() : []);
        after = reader.Position;
        return found;
    }
}
