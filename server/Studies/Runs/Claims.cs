using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AttentionServer.Studies.Runs;

/// <summary>
/// Leases on work, as files that only one worker can create (Gray and Cheriton 1989, Leases). A worker renews what it holds; a lease that
/// was not renewed for a while is free again. They save work, not correctness: a cell computed twice is the same file.
/// </summary>
public sealed class Claims : IDisposable
{
    private const string Extension = ".claim";
    private readonly string _folder;
    private readonly TimeSpan _expiry;
    private readonly byte[] _content;
    private readonly string _clock;
    private readonly ConcurrentDictionary<string, string> _held = new(StringComparer.Ordinal);
    private readonly Timer _renewal;

    /// <summary>Claims in that folder, which is made when it is missing.</summary>
    public Claims(string folder, TimeSpan expiry)
    {
        (_folder, _expiry) = (folder, expiry);
        Directory.CreateDirectory(folder);
        var worker = Guid.NewGuid().ToString("n");
        _content = Encoding.UTF8.GetBytes($"{worker}\n{ThisPlace}\n{Environment.ProcessId}\n{StartOf(Environment.ProcessId)}\n");
        _clock = Path.Combine(folder, $"{worker}.clock");
        _renewal = new(_ => Renew(), null, expiry / 4, expiry / 4);
    }

    /// <summary>How long a worker may be silent before others take over, on one machine or several.</summary>
    public static TimeSpan UsualExpiry { get; } = TimeSpan.FromSeconds(60);

    /// <summary>The claim on that name, to be disposed of after the work; null while somebody else has it.</summary>
    public IDisposable? TryTake(string name)
    {
        var path = Path.Combine(_folder, name + Extension);
        // The second try is for a claim that was let go between finding it and looking at it, or that had expired.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (Create(path))
            {
                _held[name] = path;
                return new Held(this, name);
            }

            if (!RemoveIfDead(path))
                return null;
        }

        return null;
    }

    /// <summary>How many claims others have that are still alive.</summary>
    public int CountAlive() => Directory.EnumerateFiles(_folder, $"*{Extension}").Count(p => !_held.Values.Contains(p) && TryRead(p) is { } content && !IsDead(p, content));

    /// <inheritdoc/>
    public void Dispose()
    {
        using (var stopped = new ManualResetEvent(false))
            if (_renewal.Dispose(stopped))
                stopped.WaitOne();
        foreach (var path in _held.Values)
            Quietly(() => File.Delete(path));
        _held.Clear();
        Quietly(() => File.Delete(_clock));
    }

    private bool Create(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            stream.Write(_content);
            return true;
        }
        catch (IOException) when (File.Exists(path) || Directory.Exists(_folder))
        {
            return false;
        }
    }

    private bool RemoveIfDead(string path)
    {
        if (TryRead(path) is not { } content)
            return true;
        if (!IsDead(path, content))
            return false;
        // Of several workers that found it dead one at a time may remove it, and looks again: another's next claim may lie there by now.
        var taking = $"{path}.taking{DurableFile.Unfinished}";
        if (!Create(taking))
        {
            if (TryRead(taking) is { } other && IsDead(taking, other))
                Quietly(() => File.Delete(taking));
            return !File.Exists(path);
        }

        try
        {
            if (TryRead(path) is { } now)
            {
                if (!IsDead(path, now))
                    return false;
                Quietly(() => File.Delete(path));
            }

            return true;
        }
        finally
        {
            Quietly(() => File.Delete(taking));
        }
    }

    private bool IsDead(string path, byte[] content)
    {
        // A process of this very machine can be asked for; after a kill nobody waits.
        var lines = Encoding.UTF8.GetString(content).Split('\n');
        if (lines.Length > 3 && lines[1] == ThisPlace && int.TryParse(lines[2], CultureInfo.InvariantCulture, out var process))
            return StartOf(process) != lines[3];
        return Now() - File.GetLastWriteTimeUtc(path) > _expiry;
    }

    /// <summary>The time by the clock of the file system, which is the one that stamps claims: clocks of machines differ.</summary>
    private DateTime Now()
    {
        try
        {
            File.WriteAllBytes(_clock, _content);
            return File.GetLastWriteTimeUtc(_clock);
        }
        catch (IOException)
        {
            return DateTime.UtcNow;
        }
    }

    private void Renew()
    {
        foreach (var path in _held.Values)
            Quietly(() =>
            {
                // Writing, not setting a time: on a network file system the server then stamps it. A file that is gone stays gone.
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
                stream.Write(_content);
            });
    }

    private static byte[]? TryRead(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A lease that could not be renewed expires; work on it may be done twice, with the same result.
        }
    }

    /// <summary>Where process ids mean the same: the machine since it started, and the container.</summary>
    private static string ThisPlace { get; } = $"{Environment.MachineName} {ReadOr("/proc/sys/kernel/random/boot_id")} {(File.Exists("/proc/self/ns/pid") ? new FileInfo("/proc/self/ns/pid").LinkTarget : "")}";

    private static string ReadOr(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    /// <summary>When a process started, since ids are used again; empty when there is none.</summary>
    private static string StartOf(int process)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // Fields after the name, which may hold anything: state first, start in ticks since boot twentieth (proc(5)).
                var text = File.ReadAllText($"/proc/{process}/stat");
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                return fields[0] is "Z" or "X" ? "" : fields[19];
            }

            using var found = Process.GetProcessById(process);
            return found.HasExited ? "" : found.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            return "";
        }
    }

    private sealed class Held(Claims claims, string name) : IDisposable
    {
        public void Dispose()
        {
            if (claims._held.TryRemove(name, out var path))
                Quietly(() => File.Delete(path));
        }
    }
}
