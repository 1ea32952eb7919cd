namespace AttentionServer.Studies.Reading;

/// <summary>Whose rules score answers: they differ where an answer has no words, and where there is none.</summary>
public enum ScoringRules
{
    /// <summary>evaluate-v1.1: every question has an answer.</summary>
    Squad1,

    /// <summary>evaluate-v2.0: the empty answer says that the passage does not tell.</summary>
    Squad2,
}

/// <summary>How good one answer is, each from 0 to 1: the same as a person's, and the words in common with one.</summary>
public readonly record struct AnswerScore(double ExactMatch, double F1)
{
    /// <summary>The best over all answers that people marked, exact match and F1 each for itself.</summary>
    public static AnswerScore Of(string answer, Question question, ScoringRules rules)
    {
        ArgumentNullException.ThrowIfNull(question);
        var said = AnswerText.Words(answer);
        IEnumerable<string[]> golds = question.Answers.Select(gold => AnswerText.Words(gold.Text));
        if (rules == ScoringRules.Squad2)
            golds = golds.Where(words => words.Length > 0).DefaultIfEmpty([]);
        double exact = 0, f1 = 0;
        foreach (var gold in golds)
        {
            var same = said.AsSpan().SequenceEqual(gold);
            exact = Math.Max(exact, same ? 1 : 0);
            // Without words on either side there is nothing to share: version 2 counts agreement, version 1 nothing.
            var empty = said.Length == 0 || gold.Length == 0;
            f1 = Math.Max(f1, !empty ? AnswerText.F1(said, gold) : rules == ScoringRules.Squad2 && same ? 1 : 0);
        }

        return new(exact, f1);
    }
}
