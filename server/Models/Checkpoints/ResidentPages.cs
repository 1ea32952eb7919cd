using System.Runtime.InteropServices;

namespace AttentionServer.Models.Checkpoints;

/// <summary>
/// Takes mapped pages out of a process's resident memory. They stay in the operating system's cache of the file, and
/// come back, at the cost of a page fault, when something reads them.
/// </summary>
internal static partial class ResidentPages
{
    /// <summary>Only for read-only mappings of files: other memory would lose what was written to it.</summary>
    public static unsafe void LetGo(byte* start, long length)
    {
        // A request that may be refused: the pages are then in memory as before, and nothing else is different.
        if (OperatingSystem.IsWindows())
            _ = VirtualUnlock(start, (nuint)length);
        else if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            _ = Advise(start, (nuint)length, DontNeed);
    }

    // MADV_DONTNEED of <sys/mman.h>, the same number on Linux and macOS.
    private const int DontNeed = 4;

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int Advise(void* address, nuint length, int advice);

    // Unlocking pages that were not locked removes them from the working set.
    [LibraryImport("kernel32")]
    private static unsafe partial int VirtualUnlock(void* address, nuint length);
}
