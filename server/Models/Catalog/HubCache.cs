namespace AttentionServer.Models.Catalog;

/// <summary>The cache that Hugging Face tools keep on this machine: models--owner--name/snapshots/commit.</summary>
internal static class HubCache
{
    private const string Prefix = "models--";

    /// <summary>HF_HUB_CACHE, HF_HOME/hub, or the default place.</summary>
    public static string Folder =>
        Environment.GetEnvironmentVariable("HF_HUB_CACHE") is { Length: > 0 } cache ? cache
        : Path.Combine(
            Environment.GetEnvironmentVariable("HF_HOME") is { Length: > 0 } home ? home
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "huggingface"),
            "hub");

    /// <summary>Ids in the cache, with the folder of the revision that was fetched last.</summary>
    public static IEnumerable<(string Id, string Folder)> List()
    {
        if (!Directory.Exists(Folder))
            yield break;
        foreach (var folder in Directory.EnumerateDirectories(Folder, $"{Prefix}*").Order(StringComparer.Ordinal))
        {
            var id = Path.GetFileName(folder)[Prefix.Length..].Replace("--", "/", StringComparison.Ordinal);
            if (Snapshot(folder, "main") is { } snapshot)
                yield return (id, snapshot);
        }
    }

    /// <summary>The folder of an id ("owner/name" or "owner/name@revision"); null when it is not in the cache.</summary>
    public static string? Find(string id)
    {
        var at = id.IndexOf('@', StringComparison.Ordinal);
        var (name, revision) = at < 0 ? (id, "main") : (id[..at], id[(at + 1)..]);
        if (name.Split('/') is not { Length: 1 or 2 } parts || parts.Any(p => p.Length == 0 || p.StartsWith('.') || p.AsSpan().ContainsAny('\\', ':')) || revision.AsSpan().ContainsAny("\\/:"))
            return null;
        var folder = Path.Combine(Folder, $"{Prefix}{string.Join("--", parts)}");
        return Directory.Exists(folder) ? Snapshot(folder, revision) : null;
    }

    private static string? Snapshot(string folder, string revision)
    {
        // A revision is a branch, whose file under refs holds the commit, or a commit itself.
        var reference = Path.Combine(folder, "refs", revision);
        var commit = File.Exists(reference) ? File.ReadAllText(reference).Trim() : revision;
        var snapshot = Path.Combine(folder, "snapshots", commit);
        return Directory.Exists(snapshot) && File.Exists(Path.Combine(snapshot, "config.json")) ? snapshot : null;
    }
}
