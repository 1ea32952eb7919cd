namespace AttentionServer.Engine;

/// <summary>
/// Keeps a model's weights in memory once while a session is made. The runtime copies every weight into the order its
/// kernels read, and does so for all of them before it returns; as long as this lives, the pages it has read from are let
/// go again and again, so that the mapped file and the copies are never both resident.
/// </summary>
internal sealed class PackedPages : IDisposable
{
    // Packing reads some 2 GB/s: a pause lets a few megabytes through, and letting them go takes microseconds.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly Action _letGo;
    private readonly ManualResetEventSlim _made = new(false, spinCount: 0);
    private readonly Thread _thread;

    public PackedPages(Action letGo)
    {
        _letGo = letGo;
        _thread = new(Sweep) { IsBackground = true, Name = "packed pages" };
        _thread.Start();
    }

    public void Dispose()
    {
        _made.Set();
        _thread.Join();
        _made.Dispose();
        _letGo();
    }

    private void Sweep()
    {
        while (!_made.Wait(Pause))
            _letGo();
    }
}
