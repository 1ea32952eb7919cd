using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AttentionServer.Engine;

namespace AttentionServer.Methods.Analyses;

/// <summary>
/// A folder of analyses named by the hash of everything that determines them, so that asking again costs nothing.
/// Bounded: the least recently used files go first. Safe for several processes: files appear by rename.
/// </summary>
public sealed class AnalysisStore(string folder, long maximumBytes)
{
    private const string Analyses = "analyses";
    private const string Slices = "slices";

    // Changes when files hold something else than before, so that old ones are not taken for new ones.
    private const string Layout = "2";
    private static readonly string[] Parts = [Analyses, Slices];
    private readonly Lock _lock = new();

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>The default folder: the user's cache directory.</summary>
    public static string DefaultFolder => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home ? home : Path.GetTempPath(), OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache"),
        "attention-vscode");

    /// <summary>The analysis of that id; null when it is not (or no longer) there.</summary>
    public Analysis? Find(string id)
    {
        // Ids come from outside: only what this store itself makes can name a file.
        if (id.Length != 64 || !id.All(char.IsAsciiHexDigitLower))
            return null;
        var path = PathOf(id);
        return AnalysisFile.TryRead(path) is { } metadata ? new(id, path, metadata) : null;
    }

    /// <summary>The analysis from the store, or made now.</summary>
    public Analysis GetOrCreate(Model model, AnalysisRequest request, CancellationToken cancellation) =>
        GetOrCreate(KeyOf(model, request), path => Analyzer.Write(path, model, request, cancellation));

    /// <summary>What a key stands for, from the store or written now.</summary>
    public Analysis GetOrCreate(string[] key, Func<string, AnalysisMetadata> write)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize([Layout, .. key], KeyJson.Default.StringArray))));
        if (Find(id) is { } known)
        {
            Touch(known.Path);
            return known;
        }

        Directory.CreateDirectory(Path.Combine(folder, Analyses));
        var metadata = write(PathOf(id));
        Trim(keep: PathOf(id));
        return new(id, PathOf(id), metadata);
    }

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        lock (_lock)
            foreach (var part in Parts.Select(p => Path.Combine(folder, p)).Where(Directory.Exists))
                Directory.Delete(part, recursive: true);
    }

    /// <summary>A part of a tensor as a raw float32 file of its own, for readers that cannot seek.</summary>
    public (string Path, int[] Shape) Slice(string id, string tensor, int[] index)
    {
        var analysis = Find(id) ?? throw new MethodException($"analysis {id}: it is no longer in the cache: analyze again");
        var path = Path.Combine(folder, Slices, id, $"{tensor}{string.Concat(index.Select(i => $".{i}"))}.f32");
        var (shape, bytes) = AnalysisFile.Read(analysis.Path, tensor, index);
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var temporary = $"{path}.{Guid.NewGuid():n}.part";
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }

        return (path, shape);
    }

    private static string[] KeyOf(Model model, AnalysisRequest request)
    {
        var encoding = request.Encoding;
        return
        [
            $"{AnalysisMetadata.Conventions}", DeviceChoice.EngineVersion, model.Device.Name, model.Name, model.Checkpoint.Fingerprint,
            encoding.Source, encoding.Pair ?? "", encoding.Pair == null ? "single" : "pair", string.Join(' ', encoding.Ids), string.Join(' ', encoding.TypeIds),
            string.Join(' ', request.Methods.Select(m => m.Id)), $"{request.Parts}", $"{request.Overviews}", $"{request.Candidates}", $"{request.WordAt}", $"{request.Target}",
            JsonSerializer.Serialize(request.Interventions, AnalysisJson.Default.IReadOnlyListIntervention),
        ];
    }

    private string PathOf(string id) => Path.Combine(folder, Analyses, $"{id}.safetensors");

    private static void Touch(string path)
    {
        try
        {
            File.SetLastAccessTimeUtc(path, DateTime.UtcNow);
        }
        catch (IOException)
        {
            // Another process may just be removing it; the caller holds what it read.
        }
    }

    private void Trim(string keep)
    {
        lock (_lock)
        {
            // Only this store's own parts: the folder was chosen by the user and may hold other things.
            var files = Parts
                .Select(part => new DirectoryInfo(Path.Combine(folder, part)))
                .Where(part => part.Exists)
                .SelectMany(part => part.EnumerateFiles("*", SearchOption.AllDirectories))
                .OrderByDescending(f => f.LastAccessTimeUtc)
                .ToList();
            var total = 0L;
            foreach (var file in files)
            {
                total += file.Length;
                if (total <= maximumBytes || file.FullName == keep || file.LastAccessTimeUtc > DateTime.UtcNow.AddMinutes(-1))
                    continue;
                file.Delete();
            }
        }
    }
}
