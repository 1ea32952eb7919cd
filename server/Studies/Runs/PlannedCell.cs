using System.Globalization;

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

    /// <summary>Reads "3/8": the fourth of eight; null when it is no slice.</summary>
    public static Slice? TryParse(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var index) && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var count) && index >= 0 && index < count
            ? new(index, count)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Index}/{Count}";
}
