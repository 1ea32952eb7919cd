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

    /// <summary>
    /// Brings in small pages only. Where the kernel caches files in large ones, reading a bias would make two megabytes
    /// of the weights beside it resident.
    /// </summary>
    public static unsafe void KeepSmall(byte* start, long length)
    {
        if (OperatingSystem.IsLinux())
            _ = Advise(start, (nuint)length, NoHugePage);
    }

    // MADV_DONTNEED and MADV_NOHUGEPAGE of <sys/mman.h>; the first has the same number on macOS.
    private const int DontNeed = 4;
    private const int NoHugePage = 15;

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int Advise(void* address, nuint length, int advice);

    // Unlocking pages that were not locked removes them from the working set.
    [LibraryImport("kernel32")]
    private static unsafe partial int VirtualUnlock(void* address, nuint length);
}
