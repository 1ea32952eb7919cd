using System.Runtime.InteropServices;

namespace AttentionServer.Engine;

/// <summary>
/// Keeps a model's weights in memory once while a session is made. The runtime copies every weight into the order its
/// kernels read, and does so for all of them before it returns; as long as this lives, the pages it has read from are let
/// go again and again, so that the mapped file and the copies are never both resident.
/// </summary>
internal sealed partial class PackedPages : IDisposable
{
    // Packing reads up to 5 GB/s: a pause lets a megabyte through, and letting it go takes microseconds.
    private const uint PauseMicroseconds = 200;

    private readonly Action _letGo;
    private readonly Thread _thread;
    private volatile bool _made;

    public PackedPages(Action letGo)
    {
        _letGo = letGo;
        _thread = new(Sweep) { IsBackground = true, Name = "packed pages" };
        _thread.Start();
    }

    public void Dispose()
    {
        _made = true;
        _thread.Join();
        _letGo();
    }

    private void Sweep()
    {
        while (!_made)
        {
            _letGo();
            if (OperatingSystem.IsWindows())
                Thread.Sleep(1);
            else
                _ = Pause(PauseMicroseconds);
        }
    }

    // .NET sleeps a millisecond at least.
    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Pause(uint microseconds);
}
