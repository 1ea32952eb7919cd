namespace AttentionServer.Tests.Studies.Runs;

/// <summary>Where the test worker is after a build.</summary>
internal static class RunHostFile
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "RunHost.exe" : "RunHost");
}
