namespace AttentionServer.Server.Protocol;

/// <summary>Parameters of <c>attention/sweepPlan</c> and <c>attention/sweep</c>: zones masked one by one over data sets, in several models.</summary>
public sealed record SweepParams
{
    /// <summary>The models: seeds of one another, or others of the same number of layers. The bundled one that answers questions where absent.</summary>
    public string[]? Models { get; init; }

    /// <summary>Files of questions.</summary>
    public required string[] Data { get; init; }

    /// <summary>How many questions at most, from the first; all where absent.</summary>
    public int? Limit { get; init; }

    /// <summary>Zones, in the order of the columns; the paper's five where absent.</summary>
    public string[]? Zones { get; init; }

    /// <summary>The layers, from 0; all where absent.</summary>
    public int[]? Layers { get; init; }

    /// <summary>How strongly, each from 0 to 1; 1 where absent.</summary>
    public double[]? Strengths { get; init; }

    /// <summary>score (before the softmax) or probability (after it); score where absent.</summary>
    public string? Mode { get; init; }

    /// <summary>Leave out malformed questions instead of stopping at the first.</summary>
    public bool? SkipBad { get; init; }

    /// <summary>The folder of the run; one that follows from the other parameters where absent, so that the same sweep goes on.</summary>
    public string? Run { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>What a sweep will compute, before it starts.</summary>
public sealed record SweepPlan
{
    /// <summary>The folder of the run.</summary>
    public required string Run { get; init; }

    /// <summary>The sweep in one line.</summary>
    public required string Title { get; init; }

    /// <summary>How many questions.</summary>
    public required int Questions { get; init; }

    /// <summary>Malformed questions that are left out.</summary>
    public required int Skipped { get; init; }

    /// <summary>Cells of the heat map.</summary>
    public required int Cells { get; init; }

    /// <summary>How much of it is done already, from 0 to 1.</summary>
    public required double Done { get; init; }

    /// <summary>What it costs, in words: GFLOP, how much of that reuse saves, and about how long it takes here.</summary>
    public required string Cost { get; init; }
}

/// <summary>Parameters of requests about one run.</summary>
public sealed record RunParams
{
    /// <summary>The folder of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>Parameters of <c>attention/runs</c>.</summary>
public sealed record RunsParams;

/// <summary>Parameters of <c>attention/exportRun</c>.</summary>
public sealed record RunExportParams
{
    /// <summary>The folder of the run.</summary>
    public required string Run { get; init; }

    /// <summary>The file to write: .html (the report), .csv or .json.</summary>
    public required string Path { get; init; }
}

/// <summary>A run, as lists show it.</summary>
public sealed record RunInfo
{
    /// <summary>Its folder.</summary>
    public required string Run { get; init; }

    /// <summary>The run in one line.</summary>
    public required string Title { get; init; }

    /// <summary>The kind of study.</summary>
    public required string Study { get; init; }

    /// <summary>When it was started, as people write it.</summary>
    public required string Created { get; init; }

    /// <summary>How much is done, from 0 to 1.</summary>
    public required double Share { get; init; }

    /// <summary>How far it is, in words.</summary>
    public required string Progress { get; init; }

    /// <summary>Whether no cell is missing.</summary>
    public required bool Complete { get; init; }

    /// <summary>Whether somebody works on it now.</summary>
    public required bool Working { get; init; }

    /// <summary>Why it cannot be gone on with; absent where it can.</summary>
    public string? Problem { get; init; }
}

/// <summary>What a sweep found, so far or in the end; changes in percentage points.</summary>
public sealed record SweepReport
{
    /// <summary>The run.</summary>
    public required RunInfo Run { get; init; }

    /// <summary>The columns.</summary>
    public required string[] Zones { get; init; }

    /// <summary>The rows, from 0.</summary>
    public required int[] Layers { get; init; }

    /// <summary>The strengths, ascending.</summary>
    public required double[] Strengths { get; init; }

    /// <summary>The models without a mask.</summary>
    public required SweepBaseline[] Models { get; init; }

    /// <summary>How many questions all finished cells have in common.</summary>
    public required int Questions { get; init; }

    /// <summary>Finished cells, of both measures.</summary>
    public required SweepCell[] Cells { get; init; }

    /// <summary>Zones by how much masking them at full strength costs, over all layers.</summary>
    public required SweepRank[] Ranking { get; init; }

    /// <summary>Planned questions about zones.</summary>
    public required SweepContrast[] Contrasts { get; init; }

    /// <summary>In a sentence each: do EM and F1 agree, how many runs are needed, what was tested and how it was corrected.</summary>
    public required string[] Findings { get; init; }

    /// <summary>What readers should know.</summary>
    public required string[] Notes { get; init; }

    /// <summary>How it was done, for a paper.</summary>
    public required string Methods { get; init; }
}

/// <summary>A model without a mask.</summary>
public sealed record SweepBaseline
{
    /// <summary>Its name.</summary>
    public required string Model { get; init; }

    /// <summary>Exact match, in percent.</summary>
    public required double Em { get; init; }

    /// <summary>F1, in percent.</summary>
    public required double F1 { get; init; }
}

/// <summary>What masking one zone in one layer does to a measure.</summary>
public sealed record SweepCell
{
    /// <summary>The zone.</summary>
    public required string Zone { get; init; }

    /// <summary>The layer, from 0.</summary>
    public required int Layer { get; init; }

    /// <summary>How strongly.</summary>
    public required double Strength { get; init; }

    /// <summary>em, f1 or probability (of the marked answers).</summary>
    public required string Measure { get; init; }

    /// <summary>The mean change over seeds and questions.</summary>
    public required double Mean { get; init; }

    /// <summary>Its standard error.</summary>
    public required double StandardError { get; init; }

    /// <summary>The 95 % interval: for other questions, and for other seeds where there are several.</summary>
    public required double Low { get; init; }

    /// <summary>Its upper end.</summary>
    public required double High { get; init; }

    /// <summary>That of no effect, corrected for the number of cells.</summary>
    public required double PValue { get; init; }

    /// <summary>falls, rises or undecided, after the correction.</summary>
    public required string Verdict { get; init; }

    /// <summary>The change in each model.</summary>
    public required double[] BySeed { get; init; }
}

/// <summary>A zone among the others.</summary>
public sealed record SweepRank
{
    /// <summary>The zone.</summary>
    public required string Zone { get; init; }

    /// <summary>Its mean change of F1 over layers.</summary>
    public required double Mean { get; init; }

    /// <summary>The 95 % interval.</summary>
    public required double Low { get; init; }

    /// <summary>Its upper end.</summary>
    public required double High { get; init; }

    /// <summary>Its place, from 1: the one that costs most.</summary>
    public required int Rank { get; init; }

    /// <summary>How likely each place is, from the first.</summary>
    public required double[] Probabilities { get; init; }
}

/// <summary>A planned question about zones and its answer.</summary>
public sealed record SweepContrast
{
    /// <summary>The question.</summary>
    public required string Title { get; init; }

    /// <summary>The difference of F1, in percentage points.</summary>
    public required double Mean { get; init; }

    /// <summary>The 95 % interval.</summary>
    public required double Low { get; init; }

    /// <summary>Its upper end.</summary>
    public required double High { get; init; }

    /// <summary>That of no difference.</summary>
    public required double PValue { get; init; }

    /// <summary>The answer in words.</summary>
    public required string Answer { get; init; }
}
