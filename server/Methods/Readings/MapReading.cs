namespace AttentionServer.Methods.Readings;

/// <summary>Which part of a result is looked at, and how its tokens are put together.</summary>
public sealed record MapReading
{
    /// <summary>The layer, 0 first; null for the strongest of all layers, cell by cell.</summary>
    public int? Layer { get; init; }

    /// <summary>The head; null for results without heads.</summary>
    public int? Head { get; init; }

    /// <summary>The tokens whose rows are summed; none for the mean over all rows.</summary>
    public IReadOnlyList<int> Tokens { get; init; } = [];

    /// <summary>Tokens of a word are read as one.</summary>
    public bool Words { get; init; }

    /// <summary>What becomes of special tokens.</summary>
    public SpecialRule Special { get; init; }
}
