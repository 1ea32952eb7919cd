using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Catalog;

/// <summary>From names to folders: models that come with the program, models trained here, models in the Hugging Face cache, and folders.</summary>
public sealed class ModelCatalog
{
    /// <summary>The model used when none is named.</summary>
    public const string DefaultModel = "attention-mini";

    private readonly string? _bundled;
    private readonly TrainedModels _trained;
    private readonly HubCache _hub;

    /// <summary>The catalog of this installation and user, or of the given folders.</summary>
    public ModelCatalog(string? bundledFolder = null, string? hubFolder = null, string? trainedFolder = null)
    {
        _bundled = bundledFolder ?? FindBundled();
        _trained = new(trainedFolder);
        _hub = hubFolder == null ? HubCache.Standard() : new(hubFolder);
    }

    /// <summary>The cache of Hugging Face tools; it need not exist.</summary>
    public string HubFolder => _hub.Folder;

    /// <summary>Bundled, trained and cached models, usable or not.</summary>
    public IReadOnlyList<ModelInfo> List() =>
    [
        .. Bundled().Select(b => ModelInspector.Inspect(b.Name, "bundled", b.Folder)),
        .. _trained.List().Select(t => ModelInspector.Inspect(t.Name, "trained", t.Folder)),
        .. _hub.List().Select(c => ModelInspector.Inspect(c.Id, "cached", c.Folder)),
    ];

    /// <summary>Removes a model that was trained here, or one from the Hugging Face cache with all its revisions; returns the bytes that are free now.</summary>
    public long Delete(string id) => IsTrained(id) ? _trained.Delete(id) : _hub.Delete(id.Split('@')[0]);

    /// <summary>Bytes that are free when a model is deleted.</summary>
    public long BytesOf(string id) => IsTrained(id) ? _trained.BytesOf(id) : _hub.BytesOf(id.Split('@')[0]);

    /// <summary>Whether a model of that name was trained here.</summary>
    public bool IsTrained(string name) => _trained.Find(name) != null;

    /// <summary>Whether a model of that name comes with the program.</summary>
    public bool IsBundled(string name) => Bundled().Any(b => b.Name == name);

    /// <summary>The model of that name, usable or not; an unknown one is an error with names like it.</summary>
    public ModelInfo Resolve(string name)
    {
        // Names first: a folder of that name in the working directory must not take their place.
        if (Bundled().FirstOrDefault(b => b.Name == name) is { Folder: not null } bundled)
            return ModelInspector.Inspect(name, "bundled", bundled.Folder);
        if (_trained.Find(name) is { } trained)
            return ModelInspector.Inspect(name, "trained", trained);
        if (Directory.Exists(Expand(name)))
            return ModelInspector.Inspect(name, "folder", Path.GetFullPath(Expand(name)));
        if (_hub.Find(name) is { } cached)
            return ModelInspector.Inspect(name, "cached", cached);
        throw Unknown(name);
    }

    private CheckpointException Unknown(string name)
    {
        var known = Bundled().Select(b => b.Name).Concat(_trained.List().Select(t => t.Name)).Concat(_hub.List().Select(c => c.Id)).ToList();
        var near = NearNames.Of(name, known);
        var wayOut = name.Contains('/', StringComparison.Ordinal) && HubCache.IsId(name.Split('@')[0]) ? $"download it with 'attention models download {name}' or Attention: Download Model…{(near.Count > 0 ? $", or did you mean {string.Join(", ", near)}" : "")}"
            : near.Count > 0 ? $"did you mean {string.Join(", ", near)}"
            : known.Count > 0 ? $"there are {string.Join(", ", known.Take(5))}{(known.Count > 5 ? ", …" : "")}"
            : "give the path of a folder";
        return new($"model '{name}': it is neither bundled, nor trained here, nor a folder, nor in the Hugging Face cache ({_hub.Folder}): {wayOut}") { IsBadArgument = true };
    }

    private IEnumerable<(string Name, string Folder)> Bundled() => _bundled == null || !Directory.Exists(_bundled)
        ? []
        : Directory.EnumerateDirectories(_bundled)
            .Select(f => (Name: Path.GetFileName(f), Folder: f))
            .Where(b => LooksLikeModel(b.Folder))
            .OrderBy(b => b.Name, StringComparer.Ordinal);

    /// <summary>A broken model should be listed, a folder of something else should not.</summary>
    private static bool LooksLikeModel(string folder) =>
        File.Exists(Path.Combine(folder, "config.json")) || Directory.EnumerateFiles(folder, "*.safetensors*").Any();

    /// <summary>A settings file has no shell to replace the tilde.</summary>
    public static string Expand(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..])
        : path;

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
}
