namespace AttentionServer.Tests;

/// <summary>Files of the repository that tests compare with; UPDATE_GOLDEN=1 rewrites them instead.</summary>
internal static class Golden
{
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder under tests/golden.</summary>
    public static string Data(params string[] parts) => Path.Combine([Root, "tests", "golden", .. parts]);

    public static void Check(string relative, string actual)
    {
        var path = Path.Combine(Root, relative);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{relative} is missing: run with UPDATE_GOLDEN=1 to write it");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), actual);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AttentionServer.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException("AttentionServer.sln is in no folder above the tests");
    }
}
