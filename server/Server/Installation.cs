namespace AttentionServer.Server;

/// <summary>Finds what is installed beside the program: in a checkout some folders up, in a packaged extension next to the server.</summary>
public static class Installation
{
    /// <summary>The nearest such file or folder above the program; null when there is none.</summary>
    public static string? Find(params string[] relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            var path = Path.Combine([folder.FullName, .. relative]);
            if (File.Exists(path) || Directory.Exists(path))
                return path;
        }

        return null;
    }
}
