using AttentionServer.Methods;

namespace AttentionServer.Studies.Reading;

/// <summary>Which answers are looked for.</summary>
public sealed record AnswerOptions
{
    /// <summary>The most tokens of an answer.</summary>
    public int LongestAnswer { get; init; } = SpanSearch.LongestAnswer;

    /// <summary>How many candidates are kept.</summary>
    public int Candidates { get; init; } = 20;

    /// <summary>Whether the passage may hold no answer (SQuAD 2.0).</summary>
    public bool MayHaveNone { get; init; }

    /// <summary>"No answer" wins when it scores more than this above the best answer.</summary>
    public double NoAnswerThreshold { get; init; }
}
