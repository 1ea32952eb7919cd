using System.Text.RegularExpressions;
using AttentionServer.Models.Hub;

namespace AttentionServer.Models.Catalog;

/// <summary>
/// The cache that Hugging Face tools keep on this machine: models--owner--name, in it refs/branch with a commit and
/// snapshots/commit with the files, which are links to blobs/hash.
/// </summary>
internal sealed partial class HubCache(string folder)
{
    private const string Prefix = "models--";
    private const string Main = "main";

    /// <summary>Where it lies.</summary>
    public string Folder { get; } = folder;

    /// <summary>The standard place.</summary>
    public static HubCache Standard() => new(HubSettings.StandardCache);

    /// <summary>Whether a name can be that of a model on the Hub.</summary>
    public static bool IsId(string name) => !name.Contains("..", StringComparison.Ordinal) && Id().IsMatch(name);

    /// <summary>Whether a name can be that of a branch, a tag or a commit.</summary>
    public static bool IsRevision(string name) => !name.Contains("..", StringComparison.Ordinal) && Revision().IsMatch(name);

    /// <summary>Where a model lies or would lie.</summary>
    public string FolderOf(string id) => Path.Combine(Folder, $"{Prefix}{id.Replace("/", "--", StringComparison.Ordinal)}");

    /// <summary>Bytes a model takes in all its revisions; links are not followed.</summary>
    public long BytesOf(string id) => Directory.Exists(FolderOf(id))
        ? new DirectoryInfo(FolderOf(id)).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.LinkTarget == null).Sum(f => f.Length)
        : 0;

    /// <summary>Removes a model with all its revisions; returns the bytes that are free now.</summary>
    public long Delete(string id)
    {
        var folder = new DirectoryInfo(FolderOf(id));
        if (!IsId(id) || !folder.Exists || folder.LinkTarget != null)
            throw new HubException($"model '{id}': {Folder}: it is not in the cache: there is nothing to delete");
        var bytes = BytesOf(id);
        try
        {
            folder.Delete(recursive: true);
            var locks = new DirectoryInfo(Path.Combine(Folder, ".locks", folder.Name));
            if (locks.Exists)
                locks.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"model '{id}': {folder.FullName}: it cannot be deleted ({e.Message.TrimEnd('.')}): is it in use?", e);
        }

        return bytes;
    }

    /// <summary>Ids in the cache with the folder of their main revision, or of the newest one where main was never fetched.</summary>
    public IEnumerable<(string Id, string Folder)> List()
    {
        if (!Directory.Exists(Folder))
            yield break;
        foreach (var model in Directory.EnumerateDirectories(Folder, $"{Prefix}*").Order(StringComparer.Ordinal))
        {
            var id = Path.GetFileName(model)[Prefix.Length..];
            // Only the first stands for the slash: names may have hyphens in a row.
            if (id.IndexOf("--", StringComparison.Ordinal) is var slash and > 0)
                id = $"{id[..slash]}/{id[(slash + 2)..]}";
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
        if (!IsId(name) || (revision != null && !IsRevision(revision)))
            return null;
        var model = FolderOf(name);
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
