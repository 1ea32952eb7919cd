using System.Text.RegularExpressions;

namespace AttentionServer.Tests.Architecture;

/// <summary>What the documents point at is there.</summary>
public partial class DocumentationTests
{
    public static IEnumerable<object[]> Documents => Directory
        .EnumerateFiles(Golden.Root, "*.md")
        .Concat(Directory.EnumerateFiles(Path.Combine(Golden.Root, "docs"), "*.md", SearchOption.AllDirectories))
        .Select(path => new object[] { Path.GetRelativePath(Golden.Root, path) });

    [Theory, MemberData(nameof(Documents))]
    public void Every_path_and_link_of_a_document_exists(string document)
    {
        var text = File.ReadAllText(Path.Combine(Golden.Root, document));
        var folder = Path.GetDirectoryName(Path.Combine(Golden.Root, document))!;
        var links = Link().Matches(text).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal)).Select(l => Path.Combine(folder, l.Split('#')[0]));
        var paths = SourcePath().Matches(text).Select(m => Path.Combine(Golden.Root, m.Groups[1].Value));
        Assert.Empty(links.Concat(paths).Where(p => !File.Exists(p) && !Directory.Exists(p)).Select(p => Path.GetRelativePath(Golden.Root, p)));
    }

    [Fact]
    public void Every_file_the_walk_names_is_in_the_room_it_is_said_to_be_in()
    {
        var walk = File.ReadAllText(Path.Combine(Golden.Root, "docs", "ARCHITECTURE.md"));
        var sources = new[] { "server", "media", "attention-vscode", "tests" }
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Golden.Root, room), "*", SearchOption.AllDirectories))
            .Select(f => Path.GetFileName(f)!)
            .ToHashSet();
        var missing = FileName().Matches(walk).Select(m => Path.GetFileName(m.Groups[1].Value)).Where(name => !sources.Contains(name) && !File.Exists(Path.Combine(Golden.Root, name)));
        Assert.Empty(missing);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:server|media|attention-vscode|tests|scripts|protocol|models|docs|demo)/[\w./-]+)`")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"`([\w./-]+\.(?:cs|ts|mjs|css))`")]
    private static partial Regex FileName();
}
