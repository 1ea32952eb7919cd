using AttentionServer.Engine;
using AttentionServer.Methods;

namespace AttentionServer.Studies.Reading;

/// <summary>
/// Reads an answer out of what a head said about all windows of a question. Spans compete by start logit plus end logit across
/// windows, as in BERT's published runs (Devlin et al. 2019, §4.2 and §4.3); probabilities share one softmax over the tokens of all
/// windows (Clark and Gardner 2018), which is the usual one where there is one window.
/// </summary>
public static class AnswerDecoder
{
    /// <summary>Decodes logits.</summary>
    /// <param name="question">The question and its windows.</param>
    /// <param name="logits">Of each window [2,T]: starts, then ends, as the head of a trace says them.</param>
    /// <param name="options">Which answers are looked for.</param>
    public static ReadAnswer Decode(QuestionWindows question, IReadOnlyList<Tensor> logits, AnswerOptions options)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(options);
        if (logits.Count != question.Windows.Count)
            throw new ArgumentException($"{logits.Count} windows of logits for {question.Windows.Count} windows", nameof(logits));
        var (startSum, endSum) = (LogSum(logits, 0), LogSum(logits, 1));
        var found = new List<AnswerCandidate>();
        AnswerCandidate? none = null;
        for (var w = 0; w < logits.Count; w++)
        {
            var window = question.Windows[w];
            double[] starts = SpanSearch.Less(logits[w].At(0), 0), ends = SpanSearch.Less(logits[w].At(1), 0);
            AnswerCandidate Candidate(int first, int last, Text.TextRange range) =>
                new(question.Question.Passage[range.Start..range.End], range, starts[first], ends[last], Math.Exp(starts[first] + ends[last] - startSum - endSum), w, first, last);

            var (mayStart, mayEnd) = Allowed(question, w);
            foreach (var span in SpanSearch.Best(starts, ends, mayStart, mayEnd, options.LongestAnswer, Math.Max(1, options.Candidates)))
                found.Add(Candidate(span.First, span.Last, question.RangeOf(span.First - window.Begin + window.First, span.Last - window.Begin + window.First)));
            // The passage holds no answer only if none of its windows does: the least of their scores counts.
            if (window.Encoding.Tokens[0].Special && !(starts[0] + ends[0] >= none?.Score))
                none = Candidate(0, 0, default);
        }

        var candidates = found.OrderByDescending(c => c.Score).DistinctBy(c => c.Range).Take(Math.Max(1, options.Candidates)).ToList();
        var best = candidates.FirstOrDefault();
        var difference = none == null || best == null ? (double?)null : none.Score - best.Score;
        if (options.MayHaveNone && none != null)
        {
            var place = candidates.FindIndex(c => c.Score < none.Score);
            candidates.Insert(place < 0 ? candidates.Count : place, none);
        }

        return new()
        {
            Question = question.Question,
            Text = options.MayHaveNone && difference > options.NoAnswerThreshold ? "" : best?.Text ?? "",
            Best = best,
            Candidates = candidates,
            NoAnswerScore = difference,
            GoldProbability = GoldProbability(question, logits, startSum, endSum),
            Windows = logits.Count,
        };
    }

    /// <summary>
    /// The probability that the answer is one of those that people marked: Σ p(start) · p(end) over different spans of tokens; of "no
    /// answer" where the question is impossible; null where nothing is marked. A span that its window does not show whole has none.
    /// </summary>
    public static double? GoldProbability(QuestionWindows question, IReadOnlyList<Tensor> logits) =>
        GoldProbability(question, logits, LogSum(logits, 0), LogSum(logits, 1));

    private static double? GoldProbability(QuestionWindows question, IReadOnlyList<Tensor> logits, double startSum, double endSum)
    {
        if (question.Question.Impossible)
            return logits.Select((both, w) => question.Windows[w].Encoding.Tokens[0].Special ? Math.Exp(both.At(0)[0] + (double)both.At(1)[0] - startSum - endSum) : 0).Sum();
        if (question.Question.Answers.Count == 0)
            return null;
        var sum = 0.0;
        foreach (var (start, end) in question.Golds)
        {
            var w = question.OwnerOf(start);
            var window = question.Windows[w];
            if (end <= window.First + window.Count)
                sum += Math.Exp(logits[w].At(0)[start - window.First + window.Begin] + (double)logits[w].At(1)[end - 1 - window.First + window.Begin] - startSum - endSum);
        }

        return sum;
    }

    private static (bool[] MayStart, bool[] MayEnd) Allowed(QuestionWindows question, int index)
    {
        var window = question.Windows[index];
        var tokens = window.Encoding.Tokens;
        bool[] mayStart = new bool[tokens.Count], mayEnd = new bool[tokens.Count];
        for (var i = 0; i < window.Count; i++)
        {
            var at = window.Begin + i;
            // Tokens that cover nothing (a lone "▁") or white space neither begin nor end an answer.
            mayEnd[at] = !window.Encoding.SourceOf(tokens[at]).IsWhiteSpace();
            mayStart[at] = mayEnd[at] && question.Owns(index, window.First + i);
        }

        return (mayStart, mayEnd);
    }

    private static double LogSum(IReadOnlyList<Tensor> logits, int side)
    {
        var sums = new float[logits.Sum(l => l.Shape[^1])];
        var at = 0;
        foreach (var both in logits)
        {
            both.At(side).CopyTo(sums.AsSpan(at));
            at += both.Shape[^1];
        }

        return SpanSearch.LogSum(sums);
    }
}
