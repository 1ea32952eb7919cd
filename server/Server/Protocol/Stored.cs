namespace AttentionServer.Server.Protocol;

/// <summary>Where an answer too large for a message lies: in an analysis of the store, to be read by slices.</summary>
public sealed record StoredAnalysis
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }
}

/// <summary>Parameters of <c>attention/vectors</c>, answered with tensors attentions [L,H,T,T], q, k and v [L,H,T,d] and hidden_states [L+1,T,D].</summary>
public sealed record VectorsParams
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>
/// Parameters of <c>attention/flow</c>: the ways from an output token back to the input, answered with tensors edges [layers,T,T],
/// cut [n,4] (layer, to, from, capacity) and total [1].
/// </summary>
public sealed record FlowParams
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }

    /// <summary>What edges carry: attention, rollout or flow.</summary>
    public required string Edges { get; init; }

    /// <summary>The token after the last of these layers that the ways come from.</summary>
    public required int Source { get; init; }

    /// <summary>The token of the input that a flow goes to.</summary>
    public required int Sink { get; init; }

    /// <summary>So many layers from the input; all where absent.</summary>
    public int? Layers { get; init; }
}

/// <summary>
/// Parameters of <c>attention/difference</c>: two methods on one text, answered with tensors first, second and difference [L,T,T],
/// the share each cell has of its row.
/// </summary>
public sealed record DifferenceParams
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }

    /// <summary>The method subtracted.</summary>
    public required string First { get; init; }

    /// <summary>The method it is subtracted from.</summary>
    public required string Second { get; init; }

    /// <summary>The prediction, where a method explains one; what the model predicts itself when absent.</summary>
    public string? Target { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}
