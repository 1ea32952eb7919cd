using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Studies.Reading;
using AttentionServer.Text;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Studies.Reading;

public class DecoderTests
{
    private static readonly Tokenizer Tokenizer = Tokenizer.Load(Path.Combine(Golden.Root, "models", "attention-mini-qa"));
    private static readonly string Passage = string.Concat(Enumerable.Range(0, 30).Select(i => $"Ann {i} saw Bob, naïve 😀 Carl! "));

    [Fact]
    public void The_search_finds_what_looking_at_every_span_finds()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            int tokens = 1 + random.Next(25), longest = 1 + random.Next(8), count = 1 + random.Next(12);
            // Few different scores, so that there are equals.
            double[] starts = [.. Enumerable.Range(0, tokens).Select(_ => (double)random.Next(5))], ends = [.. Enumerable.Range(0, tokens).Select(_ => (double)random.Next(5))];
            bool[] mayStart = [.. Enumerable.Range(0, tokens).Select(_ => random.Next(4) > 0)], mayEnd = [.. Enumerable.Range(0, tokens).Select(_ => random.Next(4) > 0)];
            var every = from first in Enumerable.Range(0, tokens)
                        from last in Enumerable.Range(first, Math.Min(longest, tokens - first))
                        where mayStart[first] && mayEnd[last]
                        orderby starts[first] + ends[last] descending
                        select new AnswerSpan(first, last, starts[first] + ends[last]);
            Assert.Equal(every.Take(count), SpanSearch.Best(starts, ends, mayStart, mayEnd, longest, count));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Numbers_that_are_none_answer_nothing() =>
        Assert.Empty(SpanSearch.Best([double.NaN, double.NaN], [1, double.NaN], [true, true], [false, true], 3, 5));

    [Fact]
    public void Candidates_are_pieces_of_the_passage_each_once_best_first_and_probabilities_add_up()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (windows, logits) = Random(random, new() { MaxLength = 60, DocStride = 20 + random.Next(20) });
            Assert.True(windows.Windows.Count > 3);
            var answer = AnswerDecoder.Decode(windows, logits, new() { Candidates = 10, LongestAnswer = 6 });
            Assert.Equal(10, answer.Candidates.Count);
            Assert.Equal(10, answer.Candidates.Select(c => c.Range).Distinct().Count());
            Assert.Equal(answer.Candidates.OrderByDescending(c => c.Score), answer.Candidates);
            Assert.All(answer.Candidates, c => Assert.Equal(c.Text, Passage[c.Range.Start..c.Range.End]));
            Assert.All(answer.Candidates, c => Assert.False(string.IsNullOrWhiteSpace(c.Text)));
            Assert.InRange(answer.Candidates.Sum(c => c.Probability), 0, 1);

            // The best of all windows by the rules as they are said.
            var best = double.NegativeInfinity;
            for (var w = 0; w < windows.Windows.Count; w++)
                for (var i = 0; i < windows.Windows[w].Count; i++)
                    for (var j = i; j < Math.Min(windows.Windows[w].Count, i + 6); j++)
                        if (windows.OwnerOf(windows.Windows[w].First + i) == w)
                            best = Math.Max(best, logits[w].At(0)[windows.Windows[w].Begin + i] + (double)logits[w].At(1)[windows.Windows[w].Begin + j]);
            Assert.Equal(best, answer.Best!.Score);
            Assert.Equal(windows.Windows.Min(w => Null(logits[windows.Windows.ToList().IndexOf(w)])) - best, answer.NoAnswerScore!.Value, 1e-9);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(-1, "")]
    [InlineData(1, "Ann")]
    public void No_answer_wins_above_the_threshold(double above, string text)
    {
        var windows = QuestionWindows.Of(Asked("Ann saw Bob.", "Ann"), Tokenizer, new());
        var logits = new float[2, windows.Windows[0].Encoding.Ids.Length];
        var ann = windows.Windows[0].Begin;
        (logits[0, 0], logits[1, 0], logits[0, ann], logits[1, ann]) = (3, 3, 2, 1);
        var tensor = new Tensor([.. logits.Cast<float>()], 2, logits.GetLength(1));
        var answer = AnswerDecoder.Decode(windows, [tensor], new() { MayHaveNone = true, NoAnswerThreshold = 3 + above });
        Assert.Equal(text, answer.Text);
        Assert.Equal(3, answer.NoAnswerScore);
        Assert.Equal("", answer.Candidates[0].Text);
        Assert.Equal("Ann", AnswerDecoder.Decode(windows, [tensor], new()).Text);
    }

    [Fact]
    public void The_gold_probability_is_that_of_the_marked_spans_each_once()
    {
        var question = Asked("Ann saw Bob.", "Ann", "Bob", "Ann");
        var windows = QuestionWindows.Of(question, Tokenizer, new());
        var (tokens, begin) = (windows.Windows[0].Encoding.Ids.Length, windows.Windows[0].Begin);
        var random = new Random(3);
        var logits = new Tensor([.. Enumerable.Range(0, 2 * tokens).Select(_ => (float)random.NextDouble() * 4)], 2, tokens);
        double Softmax(int side, int at) => Math.Exp(logits.At(side)[at]) / logits.At(side).ToArray().Sum(x => Math.Exp(x));
        var expected = (Softmax(0, begin) * Softmax(1, begin)) + (Softmax(0, begin + 2) * Softmax(1, begin + 2));
        Assert.Equal(expected, AnswerDecoder.GoldProbability(windows, [logits])!.Value, 1e-6);
        var none = QuestionWindows.Of(question with { Answers = [], Impossible = true }, Tokenizer, new());
        Assert.Equal(Softmax(0, 0) * Softmax(1, 0), AnswerDecoder.GoldProbability(none, [logits])!.Value, 1e-6);
        Assert.Null(AnswerDecoder.GoldProbability(QuestionWindows.Of(question with { Answers = [] }, Tokenizer, new()), [logits]));
    }

    private static double Null(Tensor logits) => logits.At(0)[0] + (double)logits.At(1)[0];

    private static (QuestionWindows Windows, List<Tensor> Logits) Random(Random random, WindowOptions options)
    {
        var windows = QuestionWindows.Of(Question.Asked("Whom did Ann see?", Passage), Tokenizer, options);
        return (windows, [.. windows.Windows.Select(w => new Tensor([.. Enumerable.Range(0, 2 * w.Encoding.Ids.Length).Select(_ => (float)(random.NextDouble() * 8))], 2, w.Encoding.Ids.Length))]);
    }

    private static Question Asked(string passage, params string[] answers) =>
        new("1", "Who?", passage, [.. answers.Select(a => new GoldAnswer(a, new TextRange(passage.IndexOf(a, StringComparison.Ordinal), passage.IndexOf(a, StringComparison.Ordinal) + a.Length)))], false, default);
}
