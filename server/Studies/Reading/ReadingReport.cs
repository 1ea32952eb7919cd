namespace AttentionServer.Studies.Reading;

/// <summary>Means over questions, in percent.</summary>
public sealed record ReadingMeans(double ExactMatch, double F1, int Total);

/// <summary>The no-answer threshold that is best in hindsight, and the percentage that it reaches.</summary>
public readonly record struct BestThreshold(double Score, double Threshold);

/// <summary>How well questions were answered, by SQuAD's official measure.</summary>
public sealed record ReadingReport
{
    /// <summary>All questions.</summary>
    public required ReadingMeans All { get; init; }

    /// <summary>Those with an answer; null where all have one.</summary>
    public ReadingMeans? HasAnswer { get; init; }

    /// <summary>Those without an answer; null where all have one.</summary>
    public ReadingMeans? NoAnswer { get; init; }

    /// <summary>Null without no-answer scores.</summary>
    public BestThreshold? BestExactMatch { get; init; }

    /// <summary>Null without no-answer scores.</summary>
    public BestThreshold? BestF1 { get; init; }

    /// <summary>Questions that were given no answer at all, which scores 0.</summary>
    public int Missing { get; init; }

    /// <summary>The rules of evaluate-v2.0 where a question is impossible, else those of evaluate-v1.1.</summary>
    public static ScoringRules RulesFor(IEnumerable<Question> questions) => questions.Any(q => q.Impossible) ? ScoringRules.Squad2 : ScoringRules.Squad1;

    /// <summary>Scores answers.</summary>
    /// <param name="questions">All questions that count.</param>
    /// <param name="answers">By id; of questions that may be impossible the best answer, with the threshold still to be applied.</param>
    /// <param name="noAnswerScores">By id, how much more "no answer" scores than the best answer; null to take the answers as they are.</param>
    /// <param name="threshold">Scores above it turn an answer into "no answer".</param>
    public static ReadingReport Of(IReadOnlyList<Question> questions, IReadOnlyDictionary<string, string> answers, IReadOnlyDictionary<string, double>? noAnswerScores = null, double threshold = 0)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(answers);
        var rules = RulesFor(questions);
        var raw = new AnswerScore[questions.Count];
        var scores = new AnswerScore[questions.Count];
        var missing = 0;
        for (var i = 0; i < questions.Count; i++)
        {
            var question = questions[i];
            if (!answers.TryGetValue(question.Id, out var answer))
            {
                missing++;
                continue;
            }

            scores[i] = raw[i] = AnswerScore.Of(answer, question, rules);
            if (noAnswerScores != null && noAnswerScores.TryGetValue(question.Id, out var none) && none > threshold)
                scores[i] = AnswerScore.Of("", question, rules);
        }

        var report = new ReadingReport { All = Mean(scores, questions, null)!, Missing = missing };
        if (rules == ScoringRules.Squad1)
            return report;
        report = report with { HasAnswer = Mean(scores, questions, false), NoAnswer = Mean(scores, questions, true) };
        return noAnswerScores == null ? report : report with
        {
            BestExactMatch = Best(questions, answers, noAnswerScores, i => raw[i].ExactMatch),
            BestF1 = Best(questions, answers, noAnswerScores, i => raw[i].F1),
        };
    }

    private static ReadingMeans? Mean(AnswerScore[] scores, IReadOnlyList<Question> questions, bool? impossible)
    {
        double exact = 0, f1 = 0;
        var total = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (impossible is { } only && questions[i].Impossible != only)
                continue;
            exact += scores[i].ExactMatch;
            f1 += scores[i].F1;
            total++;
        }

        return total == 0 && impossible != null ? null : new(100 * exact / Math.Max(total, 1), 100 * f1 / Math.Max(total, 1), total);
    }

    /// <summary>Starts with every question unanswered, and answers one after the other by rising no-answer score.</summary>
    private static BestThreshold Best(IReadOnlyList<Question> questions, IReadOnlyDictionary<string, string> answers, IReadOnlyDictionary<string, double> noAnswerScores, Func<int, double> score)
    {
        double current = questions.Count(q => q.Impossible);
        var best = (Score: current, Threshold: 0.0);
        foreach (var i in Enumerable.Range(0, questions.Count).Where(i => noAnswerScores.ContainsKey(questions[i].Id)).OrderBy(i => noAnswerScores[questions[i].Id]))
        {
            if (!answers.TryGetValue(questions[i].Id, out var answer))
                continue;
            current += !questions[i].Impossible ? score(i) : answer.Length > 0 ? -1 : 0;
            if (current > best.Score)
                best = (current, noAnswerScores[questions[i].Id]);
        }

        return new(100 * best.Score / Math.Max(questions.Count, 1), best.Threshold);
    }
}
