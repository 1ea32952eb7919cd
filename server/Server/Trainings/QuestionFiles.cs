using AttentionServer.Studies.Reading;
using AttentionServer.Training.Objectives;

namespace AttentionServer.Server.Trainings;

/// <summary>Questions to train on, as any command reads them; those that are malformed, or that nobody marked an answer of, are left out and told.</summary>
internal static class QuestionFiles
{
    public static List<AnsweredQuestion> Read(IReadOnlyList<string> files, Action<string> note)
    {
        if (files.Count == 0)
            return [];
        var skipped = new SkippedQuestions();
        List<AnsweredQuestion> found = [.. QuestionData.Read(files, skipped).Select(Answered).OfType<AnsweredQuestion>()];
        if (skipped.Count > 0)
            note($"{skipped.Count} malformed questions are left out: {skipped.Reasons[0]}");
        return found;
    }

    private static AnsweredQuestion? Answered(Question question) => question switch
    {
        { Impossible: true } => new(question.Text, question.Passage, "", -1),
        { Answers: [var first, ..] } when first.Range.End > first.Range.Start => new(question.Text, question.Passage, question.Passage[first.Range.Start..first.Range.End], first.Range.Start),
        _ => null,
    };
}
