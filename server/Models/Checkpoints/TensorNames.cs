namespace AttentionServer.Models.Checkpoints;

/// <summary>The spellings under which one and the same tensor is found in checkpoints of different years.</summary>
internal static class TensorNames
{
    /// <summary>The name itself first; then LayerNorm's old gamma and beta.</summary>
    public static IEnumerable<string> Spellings(string name)
    {
        yield return name;
        if (name.EndsWith("LayerNorm.weight", StringComparison.Ordinal))
            yield return $"{name[..^"weight".Length]}gamma";
        if (name.EndsWith("LayerNorm.bias", StringComparison.Ordinal))
            yield return $"{name[..^"bias".Length]}beta";
    }

    /// <summary>Names of a checkpoint that look like a name it does not have, likeliest first.</summary>
    public static IEnumerable<string> Near(string name, IEnumerable<string> known)
    {
        var parts = name.Split('.').ToHashSet();
        return known
            .Select(k => (Name: k, Shared: k.Split('.').Count(parts.Contains)))
            .Where(k => k.Shared > 0)
            .OrderByDescending(k => k.Shared)
            .ThenBy(k => k.Name, StringComparer.Ordinal)
            .Select(k => k.Name)
            .Take(2);
    }
}
