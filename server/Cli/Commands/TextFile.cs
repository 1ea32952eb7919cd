using AttentionServer.Text;

namespace AttentionServer.Cli.Commands;

/// <summary>Text from a file, or from some of its lines ("notes.md:3-7").</summary>
internal static class TextFile
{
    public static string Read(string specification)
    {
        var (path, from, to) = Split(specification);
        if (Directory.Exists(path))
            throw new CliException($"--file: {path}: it is a folder: name a file in it");
        if (!File.Exists(path))
            throw new CliException($"--file: {path}: there is no such file: check the path");
        var lines = Utf8File.Lines(path).ToList();
        if (to < from)
            throw new CliException($"--file {specification}: command line: line {to} comes before line {from}: write {path}:{to}-{from}");
        if (from < 1 || to > lines.Count)
            throw new CliException($"--file: {path}: it has lines 1 to {lines.Count}, not {from} to {to}");
        var text = string.Join('\n', from == null ? lines : lines[(from.Value - 1)..to!.Value]);
        return text.Trim().Length > 0 ? text
            : throw new CliException($"--file: {path}: there is nothing but white space in {(from == null ? "it" : "these lines")}: choose a text with words");
    }

    private static (string Path, int? From, int? To) Split(string specification)
    {
        // A path may have a colon itself, so a file of that whole name wins.
        var colon = specification.LastIndexOf(':');
        if (colon < 0 || File.Exists(specification))
            return (specification, null, null);
        var lines = specification[(colon + 1)..].Split('-');
        return lines.Length is 1 or 2 && int.TryParse(lines[0], out var from) && int.TryParse(lines[^1], out var to)
            ? (specification[..colon], from, to)
            : (specification, null, null);
    }
}
