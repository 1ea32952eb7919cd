using System.Text.RegularExpressions;

namespace AttentionServer.Models.Catalog;

/// <summary>
/// The cache that Hugging Face tools keep on this machine: models--owner--name, in it refs/branch with a commit and
/// snapshots/commit with the files, which are links. Only read, never changed.
/// </summary>
internal sealed partial class HubCache(string folder)
{
    private const string Prefix = "models--";
    private const string Main = "main";

    /// <summary>Where it lies.</summary>
    public string Folder { get; } = folder;

    /// <summary>The standard place: HF_HUB_CACHE, or hub in HF_HOME, or in the user's cache folder.</summary>
    public static HubCache Standard()
    {
        string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
        var cache = Variable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var home = Variable("HF_HOME") ?? Path.Combine(cache, "huggingface");
        return new(Variable("HF_HUB_CACHE") ?? Variable("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub"));
    }

    /// <summary>Ids in the cache with the folder of their main revision, or of the newest one where main was never fetched.</summary>
    public IEnumerable<(string Id, string Folder)> List()
    {
        if (!Directory.Exists(Folder))
            yield break;
        foreach (var model in Directory.EnumerateDirectories(Folder, $"{Prefix}*").Order(StringComparer.Ordinal))
        {
            var id = Path.GetFileName(model)[Prefix.Length..].Replace("--", "/", StringComparison.Ordinal);
            if (Id().IsMatch(id) && Snapshot(model, null) is { } snapshot)
                yield return (id, snapshot);
        }
    }

    /// <summary>The folder of "owner/name", "name" or either with "@revision"; null when it is not in the cache.</summary>
    public string? Find(string id)
    {
        var at = id.IndexOf('@', StringComparison.Ordinal);
        var (name, revision) = at < 0 ? (id, null) : (id[..at], id[(at + 1)..]);
        // Names become paths, so nothing but what the Hub allows is let through.
        if (id.Contains("..", StringComparison.Ordinal) || !Id().IsMatch(name) || (revision != null && !Revision().IsMatch(revision)))
            return null;
        var model = Path.Combine(Folder, $"{Prefix}{name.Replace("/", "--", StringComparison.Ordinal)}");
        return Directory.Exists(model) ? Snapshot(model, revision) : null;
    }

    private static string? Snapshot(string model, string? revision)
    {
        var snapshots = Path.Combine(model, "snapshots");
        if (!Directory.Exists(snapshots))
            return null;
        if (SnapshotOf(snapshots, Commit(model, revision ?? Main)) is { } found)
            return found;
        return revision != null ? null : Directory.EnumerateDirectories(snapshots).Where(IsModel).OrderByDescending(Directory.GetLastWriteTimeUtc).FirstOrDefault();
    }

    /// <summary>A branch or tag stands for the commit in its file; anything else must be a commit itself, or its beginning.</summary>
    private static string Commit(string model, string revision)
    {
        var reference = Path.Combine(model, "refs", revision);
        return File.Exists(reference) && new FileInfo(reference).Length < 1000 ? File.ReadAllText(reference).Trim() : revision;
    }

    private static string? SnapshotOf(string snapshots, string commit)
    {
        if (!CommitHash().IsMatch(commit))
            return null;
        var matching = Directory.EnumerateDirectories(snapshots, $"{commit}*").Where(IsModel).Take(2).ToList();
        return matching.Count == 1 ? matching[0] : null;
    }

    // A snapshot may hold a tokenizer or a card alone.
    private static bool IsModel(string snapshot) => File.Exists(Path.Combine(snapshot, "config.json"));

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?$")]
    private static partial Regex Id();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._/-]*$")]
    private static partial Regex Revision();

    [GeneratedRegex("^[0-9a-f]{7,64}$")]
    private static partial Regex CommitHash();
}
