namespace AttentionServer.Models.Catalog;

/// <summary>A model at hand, as lists show it.</summary>
public sealed record ModelInfo
{
    /// <summary>The name to ask for it by.</summary>
    public required string Name { get; init; }

    /// <summary>bundled, trained, cached or folder.</summary>
    public required string Source { get; init; }

    /// <summary>Where it lies.</summary>
    public required string Folder { get; init; }

    /// <summary>Why it cannot be used; null when it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Its training was begun and has not come to its end.</summary>
    public bool Unfinished { get; init; }

    /// <summary>bert, gpt2, …</summary>
    public string Architecture { get; init; } = "";

    /// <summary>The head in words; "" for a bare encoder.</summary>
    public string Head { get; init; } = "";

    /// <summary>Short names of every head whose tensors are there, the one it was saved with first.</summary>
    public IReadOnlyList<string> HeadIds { get; init; } = [];

    /// <summary>Blocks.</summary>
    public int Layers { get; init; }

    /// <summary>Heads of a block.</summary>
    public int Heads { get; init; }

    /// <summary>Width of hidden states.</summary>
    public int Hidden { get; init; }

    /// <summary>Numbers in its tensors.</summary>
    public long Parameters { get; init; }

    /// <summary>Bytes of its weight files.</summary>
    public long Bytes { get; init; }

    /// <summary>How most of the numbers are stored.</summary>
    public string StoredAs { get; init; } = "";

    /// <summary>"bert 4×4×192 · masked LM · 3.5 M parameters · 7 MB".</summary>
    public string Summary => string.Join(" · ", new[]
    {
        $"{Architecture} {Layers}×{Heads}×{Hidden}",
        Head,
        $"{Parameters / 1e6:0.0} M parameters",
        $"{Bytes / 1e6:0} MB",
    }.Where(part => part.Length > 0));

    /// <summary>Its card; null when it has none.</summary>
    public string? Card { get; init; }
}
