namespace AttentionServer;

/// <summary>Finds the names a person may have meant.</summary>
public static class NearNames
{
    private const int LongestCompared = 200;

    /// <summary>At most <paramref name="count"/> names, nearest first; none that share nothing.</summary>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> names, int count = 3)
    {
        return [.. names.Where(n => n.Length <= LongestCompared && wanted.Length <= LongestCompared)
            .Select(n => (Name: n, Distance: Distance(wanted, n)))
            .Where(p => p.Distance <= Math.Max(wanted.Length, p.Name.Length) / 2)
            .OrderBy(p => p.Distance).ThenBy(p => p.Name, StringComparer.Ordinal)
            .Take(count).Select(p => p.Name)];
    }

    /// <summary>Levenshtein's distance (insertions, deletions, replacements), ignoring case.</summary>
    private static int Distance(string a, string b)
    {
        Span<int> previous = stackalloc int[LongestCompared + 1], current = stackalloc int[LongestCompared + 1];
        for (var j = 0; j <= b.Length; j++)
            previous[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitute = previous[j - 1] + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                current[j] = Math.Min(substitute, 1 + Math.Min(previous[j], current[j - 1]));
            }
            current[..(b.Length + 1)].CopyTo(previous);
        }
        return previous[b.Length];
    }
}
