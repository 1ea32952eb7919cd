namespace AttentionServer.Studies.Runs;

/// <summary>One finished cell in a table: what it is, how many examples, the mean of each measure (not a number where it has none).</summary>
public sealed record RunRow(IReadOnlyList<string> Dimensions, int Examples, IReadOnlyList<double> Means);

/// <summary>The finished cells of a run as a table, whatever the study.</summary>
public sealed record RunTable(IReadOnlyList<string> Dimensions, IReadOnlyList<string> Measures, IReadOnlyList<RunRow> Rows)
{
    /// <summary>
    /// The table of what is finished, in the plan's order; of a study that this program does not know, all cells with all that they
    /// hold, by name.
    /// </summary>
    public static RunTable Of(RunFolder run, IStudy? study)
    {
        var cells = study == null
            ? run.Cells().ToList()
            : study.Plan(run.Manifest).AsParallel().AsOrdered().Select(c => run.TryRead(c.Key) is { } data ? new FinishedCell(c.Key, data) : null).OfType<FinishedCell>().ToList();
        var dimensions = study?.Dimensions ?? [.. cells.SelectMany(c => c.Key.Properties.Keys).Where(k => k != "study" && !k.StartsWith(CellKey.FingerprintMark, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)];
        var measures = study?.Measures ?? [.. cells.SelectMany(c => c.Data.Numbers.Keys).Distinct().Order(StringComparer.Ordinal)];
        return new(dimensions, measures, [.. cells.Select(c => new RunRow(
            [.. dimensions.Select(d => c.Key[d])],
            c.Data.Count,
            [.. measures.Select(m => c.Data.Numbers.TryGetValue(m, out var column) && column.Length > 0 ? column.Sum() / column.Length : double.NaN)]))]);
    }
}
