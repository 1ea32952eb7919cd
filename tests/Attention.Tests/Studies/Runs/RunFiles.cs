namespace AttentionServer.Tests.Studies.Runs;

/// <summary>The cell files of a run folder, for comparing runs bit for bit.</summary>
internal static class RunFiles
{
    public static string[] Cells(string run) => [.. Directory.EnumerateFiles(Path.Combine(run, "cells"), "*.cell", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public static Dictionary<string, byte[]> Read(string run) => Cells(run).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);

    public static void AssertSame(Dictionary<string, byte[]> expected, Dictionary<string, byte[]> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, e => Assert.True(e.Value.AsSpan().SequenceEqual(actual[e.Key]), e.Key));
    }
}
