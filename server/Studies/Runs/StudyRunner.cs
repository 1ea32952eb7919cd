namespace AttentionServer.Studies.Runs;

/// <summary>How a worker goes through a plan.</summary>
public sealed record RunnerOptions
{
    /// <summary>Where in the missing cells it begins.</summary>
    public Slice Slice { get; init; } = Slice.Whole;

    /// <summary>At the end, wait for cells that other workers have, and take them over when these die.</summary>
    public bool WaitForOthers { get; init; } = true;

    /// <summary>How long a silent worker keeps its cells.</summary>
    public TimeSpan ClaimExpiry { get; init; } = Claims.UsualExpiry;
}

/// <summary>What became of a plan: how many cells this worker computed, and how far the run is.</summary>
public sealed record RunOutcome(int Computed, RunProgress Progress);

/// <summary>Computes cells that share work, handing out each when it is finished; what was handed out is kept whatever happens after.</summary>
public delegate IEnumerable<FinishedCell> ExecuteCells(IReadOnlyList<PlannedCell> cells, CancellationToken cancellation);

/// <summary>Goes from a plan to its finished cells: what is missing, one group after the other, beside other workers on the same folder.</summary>
public static class StudyRunner
{
    /// <summary>Works until the plan is done, or nothing is left that nobody else is at. Cancelling loses at most the cell being computed.</summary>
    public static RunOutcome Run(RunFolder run, IReadOnlyList<PlannedCell> plan, ExecuteCells execute, RunnerOptions options, IProgress<RunProgress>? progress, CancellationToken cancellation)
    {
        run.Sweep(options.ClaimExpiry + TimeSpan.FromHours(1));
        var missing = run.Missing(plan);
        var wanted = missing.Select(c => c.Key.Name).ToHashSet(StringComparer.Ordinal);
        var finished = plan.Where(c => !wanted.Contains(c.Key.Name)).ToList();
        var (done, cost, computed) = (finished.Count, finished.Sum(c => c.Cost), 0);
        var meter = new ProgressMeter(plan, done, cost);
        progress?.Report(meter.At(done, cost));

        // Files that are there but damaged are written over; all others that appear meanwhile are another worker's.
        var damaged = missing.Where(c => run.IsDamaged(c.Key)).Select(c => c.Key.Name).ToHashSet(StringComparer.Ordinal);
        bool IsOpen(PlannedCell cell) => wanted.Contains(cell.Key.Name) && (damaged.Contains(cell.Key.Name) || !run.Has(cell.Key));
        void Finish(PlannedCell cell)
        {
            if (!wanted.Remove(cell.Key.Name))
                return;
            damaged.Remove(cell.Key.Name);
            (done, cost) = (done + 1, cost + cell.Cost);
            progress?.Report(meter.At(done, cost));
        }

        using var claims = new Claims(run.ClaimsFolder, options.ClaimExpiry);
        var groups = missing.GroupBy(c => c.Group).Select(g => (Name: ClaimName(g.Key), Cells: g.ToList())).ToList();
        var first = (int)((long)groups.Count * options.Slice.Index / options.Slice.Count);
        while (groups.Count > 0)
        {
            var taken = new List<(string Name, List<PlannedCell> Cells)>();
            for (var i = 0; i < groups.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                var group = groups[(first + i) % groups.Count];
                if (Open(group.Cells).Count == 0)
                    continue;
                using var claim = claims.TryTake(group.Name);
                if (claim == null)
                {
                    taken.Add(group);
                    continue;
                }

                // Whoever had the claim before may have finished them between looking and taking.
                if (Open(group.Cells) is { Count: > 0 } open)
                    computed += Compute(run, open, execute, Finish, cancellation);
            }

            (groups, first) = (taken, 0);
            if (!options.WaitForOthers || groups.Count == 0)
                break;
            if (cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(500)))
                cancellation.ThrowIfCancellationRequested();
        }

        return new(computed, meter.At(done, cost));

        List<PlannedCell> Open(List<PlannedCell> cells)
        {
            foreach (var cell in cells.Where(c => !IsOpen(c)))
                Finish(cell);
            return [.. cells.Where(IsOpen)];
        }
    }

    private static int Compute(RunFolder run, List<PlannedCell> open, ExecuteCells execute, Action<PlannedCell> finish, CancellationToken cancellation)
    {
        var wanted = open.ToDictionary(c => c.Key.Name, StringComparer.Ordinal);
        foreach (var cell in execute(open, cancellation))
        {
            if (!wanted.Remove(cell.Key.Name, out var planned))
                throw new InvalidOperationException($"the study handed out a cell that was not asked for, or twice: {cell.Key}");
            run.Write(cell.Key, cell.Data);
            finish(planned);
            cancellation.ThrowIfCancellationRequested();
        }

        return wanted.Count == 0 ? open.Count : throw new InvalidOperationException($"the study did not compute {wanted.Count} of {open.Count} cells, among them {wanted.Values.First().Key}");
    }

    // Groups have names for people; claims are files.
    private static string ClaimName(string group) => CellKey.Of([new("group", group)]).Name;
}
