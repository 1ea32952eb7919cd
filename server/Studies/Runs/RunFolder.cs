using System.Collections.Concurrent;

namespace AttentionServer.Studies.Runs;

/// <summary>
/// A run on disk: <c>manifest.json</c> and one file for each finished cell, named by the hash of all that determines it and never changed
/// after. That alone makes it resumable, mergeable and safe for several workers on a shared file system (docs/RUNS.md).
/// </summary>
public sealed class RunFolder
{
    private const string ManifestName = "manifest.json";
    private const string CellsName = "cells";
    private const string ClaimsName = "claims";
    private const string Extension = ".cell";

    // Cells seen whole, with what tells that the file is still the same one.
    private readonly ConcurrentDictionary<string, (long Length, DateTime Written)> _whole = new(StringComparer.Ordinal);

    private RunFolder(string path, RunManifest manifest) => (Path, Manifest) = (path, manifest);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What the run is; as it was read or last written by this object.</summary>
    public RunManifest Manifest { get; private set; }

    /// <summary>Where leases of workers lie.</summary>
    public string ClaimsFolder => System.IO.Path.Combine(Path, ClaimsName);

    /// <summary>Where executors put scripts and logs.</summary>
    public string JobsFolder => System.IO.Path.Combine(Path, "jobs");

    /// <summary>True when there is a run in the folder.</summary>
    public static bool Exists(string path) => File.Exists(System.IO.Path.Combine(path, ManifestName));

    /// <summary>Opens a run.</summary>
    public static RunFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var manifest = System.IO.Path.Combine(full, ManifestName);
        if (!File.Exists(manifest))
            throw new RunException($"run: {path}: there is no run in this folder: 'attention runs list' tells which there are");
        return new(full, RunManifest.Parse(File.ReadAllBytes(manifest), manifest));
    }

    /// <summary>Starts a run in a folder that has none.</summary>
    public static RunFolder Create(string path, RunManifest manifest)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (Exists(full))
            throw new RunException($"run: {path}: there is a run in this folder already: go on with it, delete it or choose another folder");
        if (File.Exists(full))
            throw new RunException($"run: {path}: this is a file: name a folder");
        Directory.CreateDirectory(System.IO.Path.Combine(full, CellsName));
        DurableFile.Write(System.IO.Path.Combine(full, ManifestName), manifest.ToJson());
        return new(full, manifest);
    }

    /// <summary>Goes on with the run in the folder when it is this one, or starts it; refuses when model, data, engine or settings are others.</summary>
    public static RunFolder OpenOrCreate(string path, RunManifest manifest)
    {
        if (!Exists(path))
            return Create(path, manifest);
        var run = Open(path);
        return run.Manifest.DifferenceFrom(manifest) is { } difference
            ? throw new RunException($"run: {path}: {difference}: start a new run in another folder, or bring back what it was started with")
            : run;
    }

    /// <summary>Refuses to go on when something the run depends on is not what it was.</summary>
    public void Check(IReadOnlyDictionary<string, string> fingerprintsNow)
    {
        if (Manifest.FingerprintDifference(fingerprintsNow, all: false) is { } difference)
            throw new RunException($"run: {Path}: {difference}: start a new run in another folder, or bring back what it was started with");
    }

    /// <summary>
    /// Makes the run larger: more seeds, examples or strengths. Finished cells stay; fingerprints may be added, never changed.
    /// </summary>
    public void Extend(RunManifest manifest)
    {
        if (Manifest.Study != manifest.Study)
            throw new RunException($"run: {Path}: it is a study of {Manifest.Study}, not of {manifest.Study}: choose another folder");
        Check(manifest.Fingerprints);
        Update(m => m with { Title = manifest.Title, Settings = manifest.Settings, Fingerprints = new(m.Fingerprints.Concat(manifest.Fingerprints).DistinctBy(p => p.Key).ToDictionary(), StringComparer.Ordinal) });
    }

    /// <summary>Notes a job that a cluster runs for this run.</summary>
    public void AddJob(RunJob job) => Update(m => m with { Jobs = [.. m.Jobs, job] });

    /// <summary>True when a file of the cell is there; whether it is whole, <see cref="Missing"/> and <see cref="TryRead"/> tell.</summary>
    public bool Has(CellKey key) => new FileInfo(PathOf(key.Name)) is { Exists: true, Length: > 0 };

    /// <summary>A finished cell; null when it is not there or its file is damaged.</summary>
    public CellData? TryRead(CellKey key) => ReadFile(PathOf(key.Name)) is { } bytes && CellFile.Decode(bytes) is { } cell && cell.Key.Equals(key) ? cell.Data : null;

    /// <summary>Keeps a finished cell. One that is there already stays as it is, so a cell never changes under a reader.</summary>
    public void Write(CellKey key, CellData data)
    {
        var path = PathOf(key.Name);
        if (IsWhole(path))
            return;
        if (!Directory.Exists(System.IO.Path.GetDirectoryName(path)))
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            DurableFile.FlushFolder(System.IO.Path.Combine(Path, CellsName));
        }

        DurableFile.Write(path, CellFile.Encode(key, data));
    }

    /// <summary>What of the plan is not finished, in its order. Every file is checked to its last byte; damaged ones count as missing.</summary>
    public IReadOnlyList<PlannedCell> Missing(IReadOnlyList<PlannedCell> plan)
    {
        var there = Names();
        return [.. plan.AsParallel().AsOrdered().Where(c => !there.Contains(c.Key.Name) || !IsWhole(PathOf(c.Key.Name)))];
    }

    /// <summary>True when there is a file of the cell, but not a whole one.</summary>
    internal bool IsDamaged(CellKey key) => Has(key) && !IsWhole(PathOf(key.Name));

    /// <summary>How far the plan is, by the names of files only: cheap enough to ask every second.</summary>
    public (int Done, double Cost) CountDone(IReadOnlyList<PlannedCell> plan)
    {
        var there = Names();
        var (done, cost) = (0, 0.0);
        foreach (var cell in plan)
            if (there.Contains(cell.Key.Name))
                (done, cost) = (done + 1, cost + cell.Cost);
        return (done, cost);
    }

    /// <summary>All whole cells in the folder, by name; also those that no plan asks for any more.</summary>
    public IEnumerable<FinishedCell> Cells() => Names().Order(StringComparer.Ordinal).Select(n => ReadFile(PathOf(n))).OfType<byte[]>().Select(CellFile.Decode).OfType<FinishedCell>();

    /// <summary>How many cells are finished, in any plan.</summary>
    public int CountFiles() => Names().Count;

    /// <summary>Cost of cells finished in a second, over the hundred written last; null when there are too few to tell.</summary>
    public double? RecentRate(IReadOnlyList<PlannedCell> plan)
    {
        var there = Names();
        var recent = plan.Where(c => there.Contains(c.Key.Name))
            .Select(c => (c.Cost, Written: File.GetLastWriteTimeUtc(PathOf(c.Key.Name))))
            .OrderByDescending(c => c.Written).Take(100).ToList();
        // The oldest only marks where the span begins.
        return recent.Count < 2 ? null : recent.SkipLast(1).Sum(c => c.Cost) / Math.Max(0.001, (recent[0].Written - recent[^1].Written).TotalSeconds);
    }

    /// <summary>
    /// Takes over the finished cells of the same run from another folder, as another machine left it. Returns how many came, and how many
    /// of its files were damaged and stayed behind.
    /// </summary>
    public (int Taken, int Damaged) Merge(RunFolder other)
    {
        if (Manifest.Study != other.Manifest.Study)
            throw new RunException($"run: {other.Path}: it is a study of {other.Manifest.Study}, not of {Manifest.Study}: merge runs of one study");
        if (Manifest.FingerprintDifference(other.Manifest.Fingerprints, all: false) is { } difference)
            throw new RunException($"run: {other.Path}: {difference.Replace(" then", " here", StringComparison.Ordinal).Replace(" now", " there", StringComparison.Ordinal)}: merge only runs of the same model, data and engine");
        var (taken, damaged) = (0, 0);
        foreach (var name in other.Names().Where(n => !IsWhole(PathOf(n))))
        {
            if (ReadFile(other.PathOf(name)) is { } bytes && CellFile.Decode(bytes) is { } cell && cell.Key.Name == name)
            {
                Write(cell.Key, cell.Data);
                taken++;
            }
            else
            {
                damaged++;
            }
        }

        return (taken, damaged);
    }

    /// <summary>Removes files that killed workers left unfinished: those older than any lease.</summary>
    public void Sweep(TimeSpan age)
    {
        foreach (var folder in new[] { CellsName, ClaimsName }.Select(n => System.IO.Path.Combine(Path, n)).Where(Directory.Exists))
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => f.EndsWith(DurableFile.Unfinished, StringComparison.Ordinal) || f.EndsWith(".clock", StringComparison.Ordinal)))
                if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > age)
                    File.Delete(file);
    }

    /// <summary>Deletes what belongs to the run, and the folder when nothing else is in it.</summary>
    public void Delete()
    {
        if (Directory.Exists(ClaimsFolder))
            using (var claims = new Claims(ClaimsFolder, Claims.UsualExpiry))
                if (claims.CountAlive() is > 0 and var alive)
                    throw new RunException($"run: {Path}: {(alive == 1 ? "a worker is" : $"{alive} workers are")} at it: stop it first");
        foreach (var folder in new[] { CellsName, ClaimsName, System.IO.Path.GetFileName(JobsFolder) }.Select(n => System.IO.Path.Combine(Path, n)).Where(Directory.Exists))
            Directory.Delete(folder, recursive: true);
        // Last, so that a deletion that was interrupted can be taken up again.
        File.Delete(System.IO.Path.Combine(Path, ManifestName));
        if (!Directory.EnumerateFileSystemEntries(Path).Any())
            Directory.Delete(Path);
    }

    private void Update(Func<RunManifest, RunManifest> change)
    {
        var path = System.IO.Path.Combine(Path, ManifestName);
        using var claims = new Claims(ClaimsFolder, Claims.UsualExpiry);
        for (var attempt = 0; ; attempt++)
        {
            using var claim = claims.TryTake("manifest");
            if (claim == null)
            {
                if (attempt == 600)
                    throw new RunException($"run: {Path}: another process has been writing its manifest for a minute: stop it, or delete {System.IO.Path.Combine(ClaimsFolder, "manifest.claim")}");
                Thread.Sleep(100);
                continue;
            }

            Manifest = change(RunManifest.Parse(File.ReadAllBytes(path), path));
            DurableFile.Write(path, Manifest.ToJson());
            return;
        }
    }

    // Two letters of the name make the folder: some file systems slow down with tens of thousands of files in one.
    private string PathOf(string name) => System.IO.Path.Combine(Path, CellsName, name[..2], name + Extension);

    private IEnumerable<string> Files()
    {
        var cells = System.IO.Path.Combine(Path, CellsName);
        return Directory.Exists(cells) ? Directory.EnumerateFiles(cells, $"*{Extension}", SearchOption.AllDirectories) : [];
    }

    private HashSet<string> Names() => Files().Select(f => System.IO.Path.GetFileNameWithoutExtension(f)).Where(n => n.Length == 64).ToHashSet(StringComparer.Ordinal);

    private bool IsWhole(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length == 0)
            return false;
        var seen = (file.Length, file.LastWriteTimeUtc);
        if (_whole.TryGetValue(path, out var known) && known == seen)
            return true;
        if (ReadFile(path) is not { } bytes || !CellFile.IsWhole(bytes, System.IO.Path.GetFileNameWithoutExtension(path)))
            return false;
        _whole[path] = seen;
        return true;
    }

    private static byte[]? ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
