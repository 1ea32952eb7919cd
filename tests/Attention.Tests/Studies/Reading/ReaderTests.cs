using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Studies.Reading;

namespace AttentionServer.Tests.Studies.Reading;

/// <summary>Questions answered with the bundled model.</summary>
public class ReaderTests
{
    private const string Passage = "The first European to travel the length of the Amazon River was Francisco de Orellana in 1542. ";

    private static readonly Question[] Questions =
    [
        .. Enumerable.Range(1, 9).Select(n => new Question($"{n}", n % 2 == 0 ? "Who travelled the length of the Amazon?" : "When?", string.Concat(Enumerable.Repeat(Passage, n * n)), [], false, default)),
    ];

    [Fact]
    public void Questions_read_together_are_answered_as_each_alone()
    {
        using var model = Open();
        var reader = new Reader(model, new WindowOptions { MaxLength = 128, DocStride = 50 });
        var steps = new Steps();
        var together = reader.Answer(Questions, steps, CancellationToken.None).ToList();
        Assert.Equal(Questions.Select(q => q.Id), together.Select(a => a.Question.Id));
        Assert.True(together[^1].Windows > 10);
        foreach (var answer in together)
        {
            var alone = reader.Answer(answer.Question, CancellationToken.None);
            Assert.Equal(alone.Best!.Score, answer.Best!.Score, 1e-3);
            Assert.Equal(alone.Best.Probability, answer.Best.Probability, 1e-4);
            Assert.Equal(answer.Text, answer.Question.Passage[answer.Best.Range.Start..answer.Best.Range.End]);
        }

        Assert.Equal(steps.Shares.Order(), steps.Shares);
        Assert.Equal(1, steps.Shares[^1]);
        Assert.True(steps.Shares.Count > 3);
    }

    [Fact]
    public void One_window_gives_the_candidates_of_a_prediction()
    {
        using var model = Open();
        var answer = new Reader(model, null, new() { Candidates = 5 }).Answer(Questions[1], CancellationToken.None);
        var encoding = model.Tokenizer.Encode(Questions[1].Text, Questions[1].Passage);
        using var trace = model.Trace(TokenInput.Of(encoding), new() { Logits = true }, CancellationToken.None);
        var prediction = Assert.Single(Prediction.Read(model, encoding, trace.Logits!, [], 5));
        Assert.Equal(prediction.Candidates.Select(c => c.Text), answer.Candidates.Select(c => c.Text));
        Assert.All(prediction.Candidates.Zip(answer.Candidates), both => Assert.Equal(both.First.Probability, both.Second.Probability, 1e-6));
    }

    [Fact]
    public void Reading_ends_when_it_is_cancelled()
    {
        using var model = Open();
        using var cancellation = new CancellationTokenSource();
        var steps = new Steps { Then = cancellation.Cancel };
        Assert.ThrowsAny<OperationCanceledException>(() => new Reader(model).Answer(Questions, steps, cancellation.Token).Count());
        Assert.Single(steps.Shares);
    }

    [Fact]
    public void Models_that_answer_nothing_and_windows_that_do_not_fit_are_refused()
    {
        using var model = Open();
        Assert.Contains("positions for 512", Assert.Throws<ReadingException>(() => new Reader(model, new WindowOptions { MaxLength = 513 })).Message, StringComparison.Ordinal);
        using var other = Open("attention-mini");
        Assert.Contains("attention-mini: choose a question-answering model", Assert.Throws<ReadingException>(() => new Reader(other)).Message, StringComparison.Ordinal);
    }

    private static Model Open(string name = "attention-mini-qa") => Model.Open(name, Path.Combine(Golden.Root, "models", name), new ExecutionSettings { Device = "cpu" });

    private sealed class Steps : IProgress<ReadingProgress>
    {
        public List<double> Shares { get; } = [];

        public Action? Then { get; init; }

        public void Report(ReadingProgress value)
        {
            Shares.Add(value.Share);
            Then?.Invoke();
        }
    }
}
