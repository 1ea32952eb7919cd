namespace AttentionServer.Models.Catalog;

/// <summary>Where things go that the user makes and is given no folder for: with the user's data, not in a cache that may be emptied.</summary>
public static class UserData
{
    /// <summary>The folder of a kind of things; an environment variable names another place.</summary>
    public static string FolderOf(string kind, string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } chosen ? chosen : Path.Combine(
        Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data ? data
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), OperatingSystem.IsMacOS() ? "Library/Application Support" : ".local/share"),
        "attention-vscode",
        kind);
}
