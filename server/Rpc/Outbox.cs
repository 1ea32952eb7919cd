using System.Threading.Channels;

namespace AttentionServer.Rpc;

/// <summary>
/// Messages on their way out, in the order they were posted. Posting never waits, so nobody holds a lock or a thread for
/// a client that does not read; instead the reading side asks for room before it takes more work in.
/// </summary>
internal sealed class Outbox
{
    /// <summary>How many bytes may wait before no more work is taken in.</summary>
    public const int Bound = 16 << 20;

    private readonly Channel<byte[]> _messages = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    private readonly HeaderDelimitedMessageHandler _handler;
    private readonly Action<string> _broken;
    private readonly Task _sending;
    private TaskCompletionSource? _room;
    private long _waiting;

    /// <summary>Starts sending; <paramref name="broken"/> is told once when the other side takes no more.</summary>
    public Outbox(HeaderDelimitedMessageHandler handler, Action<string> broken)
    {
        (_handler, _broken) = (handler, broken);
        _sending = SendAsync();
    }

    /// <summary>Sends a message after those before it; after the end, it goes nowhere.</summary>
    public void Post(byte[] message)
    {
        Interlocked.Add(ref _waiting, message.Length);
        _messages.Writer.TryWrite(message);
    }

    /// <summary>True while little enough is waiting to be read by the other side.</summary>
    public bool HasRoom => Interlocked.Read(ref _waiting) <= Bound;

    /// <summary>Waits until little enough is waiting to be read by the other side.</summary>
    public async ValueTask RoomAsync(CancellationToken cancellation)
    {
        while (!HasRoom && !_sending.IsCompleted)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _room, room);
            if (!HasRoom)
                await Task.WhenAny(room.Task, _sending).WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes no more messages, and waits until the last is out.</summary>
    public Task CompleteAsync()
    {
        _messages.Writer.TryComplete();
        return _sending;
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _messages.Reader.WaitToReadAsync().ConfigureAwait(false))
                await SendAllAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            _messages.Writer.TryComplete();
            _broken(e.Message);
        }
    }

    private async Task SendAllAsync()
    {
        while (_messages.Reader.TryRead(out var message))
        {
            await _handler.WriteAsync(message, CancellationToken.None).ConfigureAwait(false);
            if (Interlocked.Add(ref _waiting, -message.Length) <= Bound)
                Volatile.Read(ref _room)?.TrySetResult();
        }

        await _handler.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
