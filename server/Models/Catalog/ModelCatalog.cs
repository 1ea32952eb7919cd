using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Catalog;

/// <summary>From names to folders: models that come with the program, models in the Hugging Face cache, and folders.</summary>
public sealed class ModelCatalog
{
    /// <summary>The model used when none is named.</summary>
    public const string DefaultModel = "attention-mini";

    private readonly string? _bundled;

    /// <summary>The catalog of this installation, or of the given folder of bundled models.</summary>
    public ModelCatalog(string? bundledFolder = null) => _bundled = bundledFolder ?? FindBundled();

    /// <summary>Bundled and cached models, usable or not.</summary>
    public IReadOnlyList<ModelInfo> List() =>
    [
        .. Bundled().Select(b => ModelInspector.Inspect(b.Name, "bundled", b.Folder)),
        .. HubCache.List().Select(c => ModelInspector.Inspect(c.Id, "cached", c.Folder)),
    ];

    /// <summary>The model of that name; an unknown one is an error with names like it.</summary>
    public ModelInfo Resolve(string name)
    {
        if (Bundled().FirstOrDefault(b => b.Name == name) is { Folder: not null } bundled)
            return ModelInspector.Inspect(name, "bundled", bundled.Folder);
        if (Directory.Exists(name))
            return ModelInspector.Inspect(name, "folder", Path.GetFullPath(name));
        if (HubCache.Find(name) is { } cached)
            return ModelInspector.Inspect(name, "cached", cached);
        var known = Bundled().Select(b => b.Name).Concat(HubCache.List().Select(c => c.Id)).ToList();
        var near = known.OrderBy(k => Distance(k, name)).Take(3);
        throw new CheckpointException(
            $"model '{name}': it is neither bundled, nor a folder, nor in the Hugging Face cache ({HubCache.Folder}): {(known.Count > 0 ? $"try {string.Join(", ", near)}" : "give the path of a folder")}");
    }

    private IEnumerable<(string Name, string Folder)> Bundled() => _bundled == null
        ? []
        : Directory.EnumerateDirectories(_bundled)
            .Where(f => File.Exists(Path.Combine(f, "config.json")))
            .Select(f => (Name: Path.GetFileName(f), Folder: f))
            .OrderBy(b => b.Name, StringComparer.Ordinal);

    /// <summary>The folder models/ above the program: in a checkout some folders up, in a packaged extension beside the server.</summary>
    private static string? FindBundled()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            var models = Path.Combine(folder.FullName, "models");
            if (Directory.Exists(Path.Combine(models, DefaultModel)))
                return models;
        }

        return null;
    }

    /// <summary>Levenshtein distance: insertions, deletions and replacements between two names.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= b.Length; j++)
            {
                var next = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1));
                (diagonal, row[j]) = (row[j], next);
            }
        }

        return row[b.Length];
    }
}
