namespace AttentionServer.Studies.Runs;

/// <summary>What a cell holds: columns with one entry for each example, numbers (em, f1, a probability) or texts (an answer).</summary>
public sealed class CellData
{
    /// <summary>Columns of the same length, in the order of their names.</summary>
    public CellData(IEnumerable<KeyValuePair<string, double[]>> numbers, IEnumerable<KeyValuePair<string, string[]>>? texts = null)
    {
        Numbers = new SortedDictionary<string, double[]>(numbers.ToDictionary(), StringComparer.Ordinal);
        Texts = new SortedDictionary<string, string[]>((texts ?? []).ToDictionary(), StringComparer.Ordinal);
        var lengths = Numbers.Values.Select(c => c.Length).Concat(Texts.Values.Select(c => c.Length)).Distinct().ToList();
        if (lengths.Count > 1)
            throw new ArgumentException($"columns of {string.Join(" and ", lengths)} entries cannot stand side by side", nameof(numbers));
        Count = lengths.SingleOrDefault();
    }

    /// <summary>How many examples.</summary>
    public int Count { get; }

    /// <summary>Columns of numbers; one that is not a number is kept as such.</summary>
    public IReadOnlyDictionary<string, double[]> Numbers { get; }

    /// <summary>Columns of texts.</summary>
    public IReadOnlyDictionary<string, string[]> Texts { get; }
}

/// <summary>A cell that has just been computed.</summary>
public sealed record FinishedCell(CellKey Key, CellData Data);
