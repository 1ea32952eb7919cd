namespace AttentionServer.Cli.Commands;

/// <summary>Text from a file, or from some of its lines ("notes.md:3-7").</summary>
internal static class TextFile
{
    public static string Read(string specification)
    {
        var (path, from, to) = Split(specification);
        if (!File.Exists(path))
            throw new CliException($"--file: {path}: there is no such file: check the path");
        var lines = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n');
        if (from == null)
            return string.Join('\n', lines);
        if (from < 1 || to < from || to > lines.Length)
            throw new CliException($"--file: {path}: it has lines 1 to {lines.Length}, not {from} to {to}");
        return string.Join('\n', lines[(from.Value - 1)..to!.Value]);
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
