namespace AttentionServer.Server.Protocol;

/// <summary>A model as the pickers show it.</summary>
public sealed record ModelItem
{
    /// <summary>The name to ask for it by.</summary>
    public required string Name { get; init; }

    /// <summary>bundled, trained, cached or folder.</summary>
    public required string Source { get; init; }

    /// <summary>"bert 4×4×192 · masked LM · 7 MB".</summary>
    public required string Detail { get; init; }

    /// <summary>What people call the family ("BERT"); "" when it is not known.</summary>
    public required string Architecture { get; init; }

    /// <summary>What its head predicts, in words; "" for a bare encoder.</summary>
    public required string Head { get; init; }

    /// <summary>"7 MB".</summary>
    public required string Size { get; init; }

    /// <summary>Where it lies.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether it can be deleted.</summary>
    public required bool CanDelete { get; init; }

    /// <summary>Whether its training was begun and has not come to its end.</summary>
    public required bool Unfinished { get; init; }

    /// <summary>Why it cannot be used; absent when it can.</summary>
    public string? Problem { get; init; }
}

/// <summary>Parameters of <c>attention/downloadModel</c>.</summary>
public sealed record DownloadModelParams
{
    /// <summary>owner/name or owner/name@revision.</summary>
    public required string Model { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>Parameters of <c>attention/deleteModel</c>.</summary>
public sealed record DeleteModelParams(string Model);

/// <summary>The answer to <c>attention/deleteModel</c>.</summary>
public sealed record DeletedModel
{
    /// <summary>What is free now: "440 MB".</summary>
    public required string Freed { get; init; }
}
