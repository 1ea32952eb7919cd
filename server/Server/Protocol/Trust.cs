namespace AttentionServer.Server.Protocol;

/// <summary>Parameters of <c>attention/trust</c>: which methods agree with blank-out on the text of an analysis.</summary>
public sealed record TrustParams
{
    /// <summary>The analysis id.</summary>
    public required string Analysis { get; init; }

    /// <summary>The prediction, as the terminal takes it; what the model predicts itself when absent.</summary>
    public string? Target { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>One method of a trust matrix.</summary>
public sealed record TrustedMethod(string Id, string Title);

/// <summary>How alike methods order the tokens of a text by importance for a prediction.</summary>
public sealed record TrustMatrix
{
    /// <summary>The prediction, as the terminal takes it.</summary>
    public required string Target { get; init; }

    /// <summary>The tokens compared.</summary>
    public required int[] Tokens { get; init; }

    /// <summary>The methods; the first is blank-out.</summary>
    public required TrustedMethod[] Methods { get; init; }

    /// <summary>The rank correlation of each two methods, row by row; null where one of them has no order.</summary>
    public required double?[] Correlations { get; init; }

    /// <summary>Correlations below this are what chance gives.</summary>
    public required double ByChance { get; init; }
}
