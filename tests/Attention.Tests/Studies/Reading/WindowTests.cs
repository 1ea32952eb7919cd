using AttentionServer.Studies.Reading;
using AttentionServer.Tests.Text;
using AttentionServer.Text;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Studies.Reading;

public class WindowTests
{
    private static readonly Dictionary<string, Tokenizer> Loaded = [];

    public static TheoryData<string> Tokenizers => new("models/attention-mini-qa", "tests/golden/tokenizers/gpt2", "tests/golden/tokenizers/roberta", "tests/golden/tokenizers_json/unigram_metaspace/tokenizer.json");

    [Theory, MemberData(nameof(Tokenizers))]
    public void Windows_hold_every_token_of_the_passage_in_order_and_exact(string name)
    {
        var tokenizer = Load(name);
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (text, passage) = (RandomText.Next(random) + "?", string.Join(' ', Enumerable.Range(0, random.Next(6)).Select(_ => RandomText.Next(random))));
            var options = new WindowOptions { MaxQuestion = 1 + random.Next(8), MaxLength = 14 + random.Next(30), DocStride = 1 + random.Next(20) };
            var whole = tokenizer.Encode(text, passage);
            var expected = whole.Tokens.Where(t => !t.Special && t.Segment == Segment.Passage).ToList();
            var asked = whole.Tokens.Where(t => !t.Special && t.Segment == Segment.Question).ToList();
            var question = QuestionWindows.Of(Question.Asked(text, passage), tokenizer, options);

            Assert.Equal(expected.Count, question.PassageTokens);
            Assert.Equal(Math.Max(0, asked.Count - options.MaxQuestion), question.QuestionTokensLeftOut);
            Assert.Equal(0, question.Windows[0].First);
            Assert.Equal(expected.Count, question.Windows[^1].First + question.Windows[^1].Count);
            for (var w = 0; w < question.Windows.Count; w++)
            {
                var window = question.Windows[w];
                var tokens = window.Encoding.Tokens;
                Assert.InRange(tokens.Count, 1, options.MaxLength);
                Assert.Equal(tokens.Count, window.Encoding.TypeIds.Length);
                Assert.Equal(expected.Skip(window.First).Take(window.Count), tokens.Skip(window.Begin).Take(window.Count));
                Assert.Equal(asked.Take(options.MaxQuestion), tokens.Where(t => !t.Special && t.Segment == Segment.Question));
                Assert.Equal(whole.Tokens.Where(t => t.Special), tokens.Where(t => t.Special));
                if (w > 0)
                    Assert.InRange(window.First, question.Windows[w - 1].First + 1, question.Windows[w - 1].First + question.Windows[w - 1].Count);
            }

            for (var i = 0; i < expected.Count; i++)
                Assert.Equal(MostAround(question, i), question.OwnerOf(i));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_passage_that_fits_is_encoded_as_anywhere_else()
    {
        var tokenizer = Load("models/attention-mini-qa");
        var windows = QuestionWindows.Of(Question.Asked("Who saw Bob?", "Ann saw Bob."), tokenizer, new WindowOptions());
        Assert.Equal(tokenizer.Encode("Who saw Bob?", "Ann saw Bob.").Ids, Assert.Single(windows.Windows).Encoding.Ids);
    }

    [Fact]
    public void A_stride_longer_than_the_room_leaves_nothing_out()
    {
        var windows = QuestionWindows.Of(Question.Asked("Who?", string.Concat(Enumerable.Repeat("Ann saw Bob. ", 20))), Load("models/attention-mini-qa"), new WindowOptions { MaxLength = 16, DocStride = 500 });
        Assert.Equal(windows.PassageTokens, windows.Windows.Sum(w => w.Count));
    }

    [Fact]
    public void A_passage_of_a_million_characters_is_cut_in_a_moment()
    {
        var passage = string.Concat(Enumerable.Repeat("Ann saw Bob in the garden. ", 40_000));
        var windows = QuestionWindows.Of(Question.Asked("Who?", passage), Load("models/attention-mini-qa"), new WindowOptions());
        var last = windows.Windows[^1].Encoding;
        Assert.Equal(passage.Length - 1, last.Tokens.Last(t => !t.Special).Range.End);
        Assert.True(windows.Windows.Count > 1000);
    }

    [Theory]
    [InlineData(4, 128, 64, "has no room for the passage beside")]
    [InlineData(12, 128, 64, "has no room for the passage beside")]
    [InlineData(384, 0, 64, "give a stride from 1")]
    public void Windows_without_room_are_refused(int length, int stride, int asked, string part)
    {
        var question = Question.Asked("Who in all the world saw Bob in the garden that day?", "Ann.") with { Where = new("q.json", "line 3") };
        var message = Assert.Throws<ReadingException>(() => QuestionWindows.Of(question, Load("models/attention-mini-qa"), new WindowOptions { MaxLength = length, DocStride = stride, MaxQuestion = asked })).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Contains("q.json, line 3", message, StringComparison.Ordinal);
    }

    /// <summary>The max-context rule as it is said, window by window.</summary>
    private static int MostAround(QuestionWindows question, int token) => Enumerable.Range(0, question.Windows.Count)
        .Where(w => question.Windows[w].First <= token && token < question.Windows[w].First + question.Windows[w].Count)
        .MaxBy(w => Math.Min(token - question.Windows[w].First, question.Windows[w].First + question.Windows[w].Count - token - 1) + (0.01 * question.Windows[w].Count));

    private static Tokenizer Load(string name)
    {
        lock (Loaded)
            return Loaded.TryGetValue(name, out var known) ? known : Loaded[name] = Tokenizer.Load(Path.Combine([Golden.Root, .. name.Split('/')]));
    }
}
