using System.Globalization;

namespace AttentionServer.Cli.Commands;

/// <summary>Lists in options: numbers separated by commas, and ranges of layers.</summary>
internal static class ListOptions
{
    private const StringSplitOptions Items = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    /// <summary>0,0.25,1.</summary>
    public static float[] Strengths(string list) =>
    [
        .. list.Split(',', Items).Select(item =>
            float.TryParse(item, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1
                ? number
                : throw new CliException($"--strengths {item}: command line: give numbers from 0 to 1, separated by commas")),
    ];

    /// <summary>0-3,5; null where the option is left out.</summary>
    public static int[]? Layers(string? list, string model, int count)
    {
        if (list == null)
            return null;
        var layers = new List<int>();
        foreach (var item in list.Split(',', Items))
        {
            var ends = item.Split('-');
            if (ends.Length > 2 || !int.TryParse(ends[0], out var first) || !int.TryParse(ends[^1], out var last) || first < 0 || last < first || last >= count)
                throw new CliException($"--layers {item}: command line: {model} has layers 0 to {count - 1}: write 0-3,5");
            layers.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return layers.Count > 0 ? [.. layers] : throw new CliException("--layers: command line: name at least one layer");
    }

    /// <summary>Names separated by commas.</summary>
    public static string[] Names(string list) => list.Split(',', Items);
}
