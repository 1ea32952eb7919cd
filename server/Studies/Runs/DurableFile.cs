using System.Runtime.InteropServices;

namespace AttentionServer.Studies.Runs;

/// <summary>
/// Files that survive a power cut: written beside their place, flushed to the disk, renamed, and the folder flushed too, without which the
/// name itself could be lost (Pillai et al. 2014, All File Systems Are Not Created Equal).
/// </summary>
internal static partial class DurableFile
{
    /// <summary>What unfinished files end with.</summary>
    public const string Unfinished = ".part";

    /// <summary>Called between the steps, with the path that is about to appear; for tests that stop the process just there.</summary>
    internal static Action<string>? BeforeRename { get; set; }

    /// <summary>Writes the file, over one that may be there.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}{Unfinished}";
        try
        {
            using (var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, preallocationSize: bytes.Length))
            {
                RandomAccess.Write(handle, bytes, 0);
                RandomAccess.FlushToDisk(handle);
            }

            BeforeRename?.Invoke(path);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes names that appeared in a folder last. On Windows the file system's own journal does.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(folder, 0);
        if (descriptor < 0)
            return;
        // Some network file systems cannot flush a folder; the rename is then as safe as they make it.
        _ = Flush(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
