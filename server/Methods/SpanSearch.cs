namespace AttentionServer.Methods;

/// <summary>An answer as its first and last token; its score is the sum of what its two ends score.</summary>
public readonly record struct AnswerSpan(int First, int Last, double Score);

/// <summary>The search for answers: best spans by start score plus end score (Devlin et al. 2019, §4.2), exact and not by the best ends alone.</summary>
public static class SpanSearch
{
    /// <summary>The most tokens an answer has unless more are asked for, as in BERT's published runs.</summary>
    public const int LongestAnswer = 30;

    /// <summary>The best spans, best first; of equals the one that begins, then the one that ends first.</summary>
    /// <param name="starts">What each token scores as the first of an answer.</param>
    /// <param name="ends">What each token scores as the last of an answer.</param>
    /// <param name="mayStart">Tokens that an answer may begin with.</param>
    /// <param name="mayEnd">Tokens that an answer may end with.</param>
    /// <param name="longest">The most tokens of an answer.</param>
    /// <param name="count">How many spans.</param>
    public static IReadOnlyList<AnswerSpan> Best(
        ReadOnlySpan<double> starts, ReadOnlySpan<double> ends, ReadOnlySpan<bool> mayStart, ReadOnlySpan<bool> mayEnd, int longest, int count)
    {
        var best = new List<AnswerSpan>();
        if (count < 1)
            return best;
        var bar = double.NegativeInfinity;
        for (var first = 0; first < starts.Length; first++)
        {
            if (!mayStart[first])
                continue;
            var stop = (int)Math.Min(starts.Length, (long)first + longest);
            for (var last = first; last < stop; last++)
            {
                var score = starts[first] + ends[last];
                if (!mayEnd[last] || !(score > bar))
                    continue;
                var place = best.Count;
                while (place > 0 && best[place - 1].Score < score)
                    place--;
                best.Insert(place, new(first, last, score));
                if (best.Count > count)
                    best.RemoveAt(count);
                if (best.Count == count)
                    bar = best[^1].Score;
            }
        }

        return best;
    }

    /// <summary>ln Σ exp: what turns scores into log-probabilities.</summary>
    public static double LogSum(ReadOnlySpan<float> scores)
    {
        var max = double.NegativeInfinity;
        foreach (var score in scores)
            max = Math.Max(max, score);
        if (!double.IsFinite(max))
            return max;
        var sum = 0.0;
        foreach (var score in scores)
            sum += Math.Exp(score - max);
        return max + Math.Log(sum);
    }

    /// <summary>Scores less their <see cref="LogSum"/>: log-probabilities where that is the sum over them all.</summary>
    public static double[] Less(ReadOnlySpan<float> scores, double logSum)
    {
        var result = new double[scores.Length];
        for (var i = 0; i < result.Length; i++)
            result[i] = scores[i] - logSum;
        return result;
    }
}
