namespace AttentionServer.Studies.Runs;

/// <summary>A cell that a run wants: its key, and what it costs in any unit that grows with time (operations, usually).</summary>
public sealed record PlannedCell(CellKey Key, double Cost = 1)
{
    private readonly string? _group;

    /// <summary>Cells of the same group share work (one unmasked pass, say) and go to one worker together; by default each is alone.</summary>
    public string Group
    {
        get => _group ?? Key.Name;
        init => _group = value;
    }
}

/// <summary>A part of the work: the i-th of n, from 0. It says where a worker begins; what is left elsewhere at the end it takes as well.</summary>
public readonly record struct Slice(int Index, int Count)
{
    /// <summary>All of it.</summary>
    public static Slice Whole => new(0, 1);

    /// <summary>Reads "3/8": the fourth of eight.</summary>
    public static Slice Parse(string text)
    {
        var parts = text.Split('/');
        if (parts.Length == 2 && int.TryParse(parts[0], out var index) && int.TryParse(parts[1], out var count) && count > 0 && index >= 0 && index < count)
            return new(index, count);
        throw new RunException($"slice '{text}': command line: give i/n with i from 0 to n − 1");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Index}/{Count}";
}
