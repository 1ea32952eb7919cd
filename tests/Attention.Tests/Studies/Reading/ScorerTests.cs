using AttentionServer.Studies.Reading;
using AttentionServer.Text;

namespace AttentionServer.Tests.Studies.Reading;

public class ScorerTests
{
    /// <summary>
    /// Systems whose answers to SQuAD's development set were published with it. BERT's paper gives 86.2 and 92.2, that of Match-LSTM 67.6
    /// and 76.8; the digits after that are the official definition's, computed under Python 3 on this copy of the set.
    /// </summary>
    [SquadTheory]
    [InlineData("BERT (ensemble) (Google AI Language)", 86.20624408703878, 92.19557978351129, 0)]
    [InlineData("r-net+ (ensemble) (Microsoft Research Asia)", 82.46925260170293, 88.47785965423243, 0)]
    [InlineData("SLQA+ (ensemble) (Alibaba iDST NLP)", 81.94891201513718, 88.38386312172172, 0)]
    [InlineData("Match-LSTM with Ans-Ptr (Boundary+Ensemble) (Singapore Management University)", 67.63481551561021, 76.75556184979696, 0)]
    [InlineData("Logistic Regression Baseline (Stanford University)", 40.14191106906339, 50.98153647324482, 13)]
    public void Published_answers_score_what_was_published(string system, double exact, double f1, int missing)
    {
        var report = ReadingReport.Of(SharedData.Dev1, PredictionFiles.ReadAnswers(Path.Combine(SharedData.Squad, "predictions", $"{system}.json")));
        Assert.Equal(exact, report.All.ExactMatch, 1e-9);
        Assert.Equal(f1, report.All.F1, 1e-9);
        Assert.Equal((10_570, missing), (report.All.Total, report.Missing));
        Assert.Null(report.NoAnswer);
    }

    /// <summary>Made-up answers and no-answer scores; expectations by the definition of evaluate-v2.0 under Python 3.</summary>
    [SquadTheory]
    [InlineData(0, 43.82211740924787, 44.45996965390684, 16.869095816464238, 18.14662950418957, 70.69806560134568)]
    [InlineData(-1.5, 48.412364187652656, 48.873859558133184, 11.724021592442645, 12.648335785039698, 84.99579478553406)]
    public void Version_2_scores_by_its_definition(double threshold, double exact, double f1, double hasExact, double hasF1, double noExact)
    {
        var questions = SharedData.Dev2;
        Dictionary<string, string> answers = [];
        Dictionary<string, double> scores = [];
        for (long k = 0; k < questions.Count; k++)
        {
            var question = questions[(int)k];
            var words = question.Passage.Split(' ');
            var start = (int)(k * 7919 % words.Length);
            answers[question.Id] = !question.Impossible && k % 3 == 0 ? question.Answers[0].Text : string.Join(' ', words[start..(int)Math.Min(words.Length, start + 1 + (k % 4))]);
            scores[question.Id] = (k * 7919 % 10007 / 1000.0) - 5 + (question.Impossible ? 2 : 0);
        }

        var report = ReadingReport.Of(questions, answers, scores, threshold);
        Near(new(exact, f1, 11_873), report.All);
        Near(new(hasExact, hasF1, 5_928), report.HasAnswer!);
        Near(new(noExact, noExact, 5_945), report.NoAnswer!);
        Assert.Equal(53.406889581403185, report.BestExactMatch!.Value.Score, 1e-9);
        Assert.Equal(-3.001, report.BestExactMatch.Value.Threshold, 1e-9);
        Assert.Equal(53.63848181988189, report.BestF1!.Value.Score, 1e-9);
        Assert.Equal(-3.001, report.BestF1.Value.Threshold, 1e-9);

        // Under the best threshold the score is the best score.
        Assert.Equal(report.BestExactMatch.Value.Score, ReadingReport.Of(questions, answers, scores, report.BestExactMatch.Value.Threshold).All.ExactMatch, 1e-9);
    }

    [Fact]
    public void The_best_of_several_answers_counts_for_each_measure()
    {
        var question = Asked("1", ["the red dog", "Red dogs bark"]);
        Assert.Equal(new AnswerScore(1, 1), AnswerScore.Of("Red dog", question, ScoringRules.Squad1));
        Assert.Equal(new AnswerScore(0, 0.8), AnswerScore.Of("dogs bark", question, ScoringRules.Squad1));
    }

    [Fact]
    public void The_two_versions_differ_where_an_answer_has_no_words()
    {
        var article = Asked("1", ["The", "Who"]);
        Assert.Equal(new AnswerScore(1, 0), AnswerScore.Of("a", article, ScoringRules.Squad1));
        Assert.Equal(new AnswerScore(0, 0), AnswerScore.Of("a", article, ScoringRules.Squad2));
        var impossible = Asked("2", []);
        Assert.Equal(new AnswerScore(1, 1), AnswerScore.Of("", impossible, ScoringRules.Squad2));
        Assert.Equal(new AnswerScore(0, 0), AnswerScore.Of("Who", impossible, ScoringRules.Squad2));
    }

    [Fact]
    public void A_missing_answer_scores_nothing_and_is_counted()
    {
        var report = ReadingReport.Of([Asked("1", ["x"]), Asked("2", ["y"])], new Dictionary<string, string> { ["1"] = "x", ["9"] = "z" });
        Assert.Equal((new ReadingMeans(50, 50, 2), 1), (report.All, report.Missing));
    }

    [Theory]
    [InlineData("[]", "it holds an array and not an object of answers")]
    [InlineData("{\"1\": 2}", "\"1\": write")]
    [InlineData("{\"1\": \"a\",\n \"1\": \"b\"}", "two answers are given to one question")]
    [InlineData("{\"1\": \"a\"", "ends before it is complete")]
    [InlineData("{\"1\": \"\\ud800\"}", "half a character")]
    [InlineData("", "it is empty")]
    public void Files_of_answers_that_are_none_are_refused(string content, string part)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, content);
            var message = Assert.Throws<ReadingException>(() => PredictionFiles.ReadAnswers(path)).Message;
            Assert.Contains(part, message, StringComparison.Ordinal);
            Assert.Contains(path, message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Near(ReadingMeans expected, ReadingMeans actual)
    {
        Assert.Equal(expected.ExactMatch, actual.ExactMatch, 1e-9);
        Assert.Equal(expected.F1, actual.F1, 1e-9);
        Assert.Equal(expected.Total, actual.Total);
    }

    private static Question Asked(string id, string[] answers) =>
        new(id, "Who?", "…", [.. answers.Select(a => new GoldAnswer(a, new TextRange(0, a.Length)))], answers.Length == 0, default);
}
