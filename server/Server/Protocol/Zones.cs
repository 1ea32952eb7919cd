namespace AttentionServer.Server.Protocol;

/// <summary>Parameters of <c>attention/zones</c>: zones of a question and its passage masked one by one.</summary>
public sealed record ZonesParams
{
    /// <summary>The id of an analysis of a question and a passage; absent where they are given.</summary>
    public string? Analysis { get; init; }

    /// <summary>The question.</summary>
    public TextSource? Question { get; init; }

    /// <summary>The passage.</summary>
    public TextSource? Passage { get; init; }

    /// <summary>The model; that of the analysis, or the bundled one that answers questions, where absent.</summary>
    public string? Model { get; init; }

    /// <summary>Ids of named zones, in the order of the columns; the paper's five where neither these nor <see cref="Own"/> are given.</summary>
    public string[]? Zones { get; init; }

    /// <summary>Zones of the user's own, after the named ones.</summary>
    public ZoneDefinition[]? Own { get; init; }

    /// <summary>The layers, from 0; all where absent.</summary>
    public int[]? Layers { get; init; }

    /// <summary>How strongly, each from 0 to 1; 1 where absent.</summary>
    public double[]? Strengths { get; init; }

    /// <summary>score (before the softmax) or probability (after it); score where absent.</summary>
    public string? Mode { get; init; }

    /// <summary>Pads the text to so many tokens, which matters to paper-all only.</summary>
    public int? PadTo { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>A zone of the user's own; sets of tokens as docs/ZONES.md has them, all where absent.</summary>
public sealed record ZoneDefinition
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The tokens that draw.</summary>
    public string? Queries { get; init; }

    /// <summary>The tokens they draw on.</summary>
    public string? Keys { get; init; }
}

/// <summary>An answer and where it stands.</summary>
public sealed record ZoneAnswer
{
    /// <summary>The answer as the passage has it.</summary>
    public required string Text { get; init; }

    /// <summary>Its first token.</summary>
    public required int Start { get; init; }

    /// <summary>Its last token.</summary>
    public required int End { get; init; }

    /// <summary>p(start) · p(end), both softmaxes over all tokens.</summary>
    public required double Probability { get; init; }
}

/// <summary>One column of a zone report.</summary>
public sealed record ZoneInfo
{
    /// <summary>Its id, or the name the user gave.</summary>
    public required string Id { get; init; }

    /// <summary>What it is, in words.</summary>
    public required string Reading { get; init; }

    /// <summary>Its queries and keys as sets: !question &lt;- question.</summary>
    public required string Definition { get; init; }

    /// <summary>Its queries in this text.</summary>
    public required int[] Queries { get; init; }

    /// <summary>Its keys in this text.</summary>
    public required int[] Keys { get; init; }

    /// <summary>
    /// The change to the model, for <c>attention/change</c>, once a cell's layer and strength are put in: {...edit, layers: [layer], strength}.
    /// Absent where the zone changes nothing or needs padding.
    /// </summary>
    public Edit? Edit { get; init; }

    /// <summary>Why masking it changes nothing here; absent where it does.</summary>
    public string? Note { get; init; }
}

/// <summary>What masking one zone in one layer does.</summary>
public sealed record ZoneCell
{
    /// <summary>The <see cref="ZoneInfo.Id"/>.</summary>
    public required string Zone { get; init; }

    /// <summary>The layer, from 0.</summary>
    public required int Layer { get; init; }

    /// <summary>How strongly, from 0 to 1.</summary>
    public required double Strength { get; init; }

    /// <summary>The probability of the unmasked answer.</summary>
    public required double Probability { get; init; }

    /// <summary>How it differs from unmasked.</summary>
    public required double DeltaProbability { get; init; }

    /// <summary>The logit of the unmasked answer's start.</summary>
    public required double StartLogit { get; init; }

    /// <summary>How it differs from unmasked.</summary>
    public required double StartDelta { get; init; }

    /// <summary>The logit of the unmasked answer's end.</summary>
    public required double EndLogit { get; init; }

    /// <summary>How it differs from unmasked.</summary>
    public required double EndDelta { get; init; }

    /// <summary>What the model answers under the mask.</summary>
    public required ZoneAnswer Answer { get; init; }

    /// <summary>Whether that is another answer than without a mask.</summary>
    public required bool Changed { get; init; }
}

/// <summary>Zones masked one by one in one question and passage.</summary>
public sealed record ZoneReport
{
    /// <summary>The model.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Device { get; init; }

    /// <summary>How long it took.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>The passage.</summary>
    public required string Passage { get; init; }

    /// <summary>The tokens, without padding.</summary>
    public required TokenInfo[] Tokens { get; init; }

    /// <summary>How many tokens of padding followed.</summary>
    public required int Padding { get; init; }

    /// <summary>score or probability.</summary>
    public required string Mode { get; init; }

    /// <summary>The answer without a mask.</summary>
    public required ZoneAnswer Answer { get; init; }

    /// <summary>The logit of its start.</summary>
    public required double StartLogit { get; init; }

    /// <summary>The logit of its end.</summary>
    public required double EndLogit { get; init; }

    /// <summary>The columns.</summary>
    public required ZoneInfo[] Zones { get; init; }

    /// <summary>The layers, from 0, ascending; the paper draws them upward.</summary>
    public required int[] Layers { get; init; }

    /// <summary>The strengths, ascending.</summary>
    public required double[] Strengths { get; init; }

    /// <summary>Layer by layer, zone by zone, strength by strength.</summary>
    public required ZoneCell[] Cells { get; init; }

    /// <summary>Products and sums it took, two for each multiply-add.</summary>
    public required double Flops { get; init; }

    /// <summary>The same if every cell were a whole pass.</summary>
    public required double FlopsFromScratch { get; init; }

    /// <summary>The formula in one line.</summary>
    public required string Formula { get; init; }

    /// <summary>How to read it, in a sentence.</summary>
    public required string Reading { get; init; }

    /// <summary>The paper.</summary>
    public required string Paper { get; init; }

    /// <summary>What readers should know.</summary>
    public required string[] Notes { get; init; }
}
