namespace AttentionServer.Server.Protocol;

/// <summary>A change to the forward pass, as files of interventions have it (docs/INTERVENTIONS.md).</summary>
public sealed record Edit
{
    /// <summary>hidden, queries, keys, values, scores, attention, heads or neurons; absent for a replaced token.</summary>
    public string? Place { get; init; }

    /// <summary>In which layers; all where absent.</summary>
    public int[]? Layers { get; init; }

    /// <summary>In which heads.</summary>
    public int[]? Heads { get; init; }

    /// <summary>At which tokens; for scores and attention, the queries.</summary>
    public int[]? Tokens { get; init; }

    /// <summary>At which keys.</summary>
    public int[]? Keys { get; init; }

    /// <summary>Which neurons.</summary>
    public int[]? Neurons { get; init; }

    /// <summary>How strongly scores or attention are masked, from 0 to 1.</summary>
    public double? Strength { get; init; }

    /// <summary>The factor.</summary>
    public double? Scale { get; init; }

    /// <summary>The summand.</summary>
    public double? Shift { get; init; }

    /// <summary>The number that stands there instead.</summary>
    public double? Set { get; init; }

    /// <summary>The token that stands there instead, as the vocabulary spells it.</summary>
    public string? Replace { get; init; }
}

/// <summary>A file of changes.</summary>
public sealed record EditFile
{
    /// <summary>The changes, one after the other.</summary>
    public required Edit[] Interventions { get; init; }
}

/// <summary>Parameters of <c>attention/change</c>: the text of an analysis again, under changes.</summary>
public sealed record ChangeParams
{
    /// <summary>The id of the analysis without changes.</summary>
    public required string Analysis { get; init; }

    /// <summary>The changes, one after the other.</summary>
    public required Edit[] Edits { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>Parameters of <c>attention/compare</c>: the text of an analysis in another model.</summary>
public sealed record CompareParams
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }

    /// <summary>The other model; that of the analysis where absent.</summary>
    public string? Model { get; init; }

    /// <summary>Another text, instead of another model.</summary>
    public string? Text { get; init; }

    /// <summary>Methods to compare besides those that cost nothing.</summary>
    public string[]? Methods { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}
