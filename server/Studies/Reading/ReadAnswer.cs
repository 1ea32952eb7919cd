using AttentionServer.Text;

namespace AttentionServer.Studies.Reading;

/// <summary>Something that a model may answer: always a piece of the passage, at exact UTF-16 units; empty for "no answer".</summary>
/// <param name="Text">The passage's text in the range.</param>
/// <param name="Range">Where it stands in the passage.</param>
/// <param name="StartLogit">What its first token scores as the first.</param>
/// <param name="EndLogit">What its last token scores as the last.</param>
/// <param name="Probability">p(start) · p(end), each softmax over all tokens of all windows.</param>
/// <param name="Window">The window it was found in.</param>
/// <param name="First">Its first token there.</param>
/// <param name="Last">Its last token there.</param>
public sealed record AnswerCandidate(string Text, TextRange Range, double StartLogit, double EndLogit, double Probability, int Window, int First, int Last)
{
    /// <summary>What candidates are ordered by.</summary>
    public double Score => StartLogit + EndLogit;
}

/// <summary>What a model answered to a question.</summary>
public sealed record ReadAnswer
{
    /// <summary>The question.</summary>
    public required Question Question { get; init; }

    /// <summary>The answer; empty for "no answer".</summary>
    public required string Text { get; init; }

    /// <summary>The best piece of the passage, whether or not "no answer" won; null in a passage without tokens.</summary>
    public AnswerCandidate? Best { get; init; }

    /// <summary>The candidates, best first; "no answer" is among them where it is allowed.</summary>
    public required IReadOnlyList<AnswerCandidate> Candidates { get; init; }

    /// <summary>How much more "no answer" (the template's first token as start and end) scores than the best piece; null without such a token.</summary>
    public double? NoAnswerScore { get; init; }

    /// <summary>The probability of the answers that people marked, summed over different ones; of "no answer" where the question is impossible; null where nothing is marked.</summary>
    public double? GoldProbability { get; init; }

    /// <summary>How many windows the passage took.</summary>
    public required int Windows { get; init; }
}
