using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

public class TokenizerTests
{
    private static readonly Tokenizer Bert = Tokenizer.Load(TokenizerCases.FilesFolder("wordpiece_uncased"));
    private static readonly Tokenizer Roberta = Tokenizer.Load(TokenizerCases.FilesFolder("roberta"));

    [Fact]
    public void A_mask_in_the_text_is_one_token_of_the_text()
    {
        var encoding = Bert.Encode("the [MASK] reads");
        var mask = Assert.Single(encoding.Tokens, token => token.Id == Bert.Special.Mask);
        Assert.Equal(new Token(mask.Id, "[MASK]", new TextRange(4, 10), Segment.Single, Special: false, Word: 1), mask);
        Assert.Equal("[MASK]", encoding.SourceOf(mask).ToString());
        Assert.True(encoding.Tokens[0].Special && encoding.Tokens[^1].Special);
    }

    [Fact]
    public void Roberta_s_mask_takes_the_space_before_it()
    {
        var mask = Assert.Single(Roberta.Encode("the  <mask> sat").Tokens, token => token.Id == Roberta.Special.Mask);
        Assert.Equal((5, 11, "  <mask>"), (mask.Range.Start, mask.Range.End, mask.Text));
    }

    [Fact]
    public void Members_of_a_pair_are_question_and_passage_and_the_separators_belong_to_them()
    {
        var encoding = Bert.Encode("who ran?", "the man ran.");
        Assert.Equal(encoding.TypeIds, encoding.Tokens.Select(token => token.Segment == Segment.Passage ? 1 : 0));
        Assert.Equal(3, encoding.Tokens.Count(token => token.Special));
        Assert.All(encoding.Tokens, token => Assert.NotEqual(Segment.Single, token.Segment));
        var roberta = Roberta.Encode("who ran?", "the man ran.");
        Assert.Equal(
            [Segment.Question, Segment.Question, Segment.Question, Segment.Passage],
            roberta.Tokens.Where(token => token.Special).Select(token => token.Segment));
    }

    [Theory]
    [InlineData("the\u0301 cat", 0, 3)]
    [InlineData("a\u200B the", 3, 6)]
    [InlineData("x\r\n\tthe", 4, 7)]
    [InlineData("😀 TH\u00C9", 3, 6)]
    [InlineData("中the", 1, 4)]
    [InlineData("\u0000t\u00ADhe", 1, 5)]
    public void Ranges_are_utf16_units_of_the_text_as_typed(string text, int start, int end)
    {
        var found = Bert.Encode(text).Tokens.First(token => token.Text == "the");
        Assert.Equal(new TextRange(start, end), found.Range);
    }

    [Fact]
    public void Lone_surrogates_are_characters_that_nothing_knows()
    {
        foreach (var tokenizer in TokenizerCases.JsonKinds.Select(kind => Tokenizer.Load(TokenizerCases.JsonFolder(kind))))
        {
            // Not as theory data: the test runner would replace them on the way.
            foreach (var text in new[] { "\uD83D", "\uDE00\uD83D", "a\uD83Db", "[MASK]\uDE00[MASK]" })
            {
                var encoding = tokenizer.Encode(text, text);
                Assert.All(encoding.Tokens, token => Assert.InRange(token.Range.End, 0, text.Length));
                Assert.Equal(tokenizer.Encode(text.Replace('\uD83D', '\uFFFD').Replace('\uDE00', '\uFFFD')).Ids, tokenizer.Encode(text).Ids);
            }
        }
        Assert.Equal(new TextRange(1, 4), Bert.Encode("\uD800the").Tokens[1].Range);
    }

    [Fact]
    public void Empty_texts_have_the_template_only()
    {
        Assert.Equal(2, Bert.Encode("").Ids.Length);
        Assert.Equal(3, Bert.Encode("", "").Ids.Length);
        Assert.Empty(Bert.Encode("", null, new EncodeOptions { AddSpecial = false }).Ids);
        Assert.Equal("", Bert.Decode([]));
    }

    [Fact]
    public void Roles_are_found_under_their_usual_names()
    {
        Assert.Equal(new SpecialTokens { Pad = 0, Unk = 1, Cls = 2, Sep = 3, Mask = 4 }, Bert.Special);
        Assert.Equal(new SpecialTokens { Bos = 0, Cls = 0, Pad = 1, Eos = 2, Sep = 2, Unk = 3, Mask = 342 }, Roberta.Special);
        var gpt2 = Tokenizer.Load(TokenizerCases.FilesFolder("gpt2"));
        Assert.Equal(new SpecialTokens { Bos = 338, Eos = 338 }, gpt2.Special);
    }

    [Fact]
    public void Tokens_and_ids_translate_both_ways()
    {
        for (var id = 0; id < Bert.VocabularySize; id++) Assert.Equal(id, Bert.IdOf(Bert.TokenOf(id)));
        Assert.Null(Bert.IdOf("no such token"));
        Assert.Equal("#99999", Bert.TokenOf(99999));
        Assert.Equal("the", Bert.Decode([99999, Bert.IdOf("the")!.Value, -1]));
    }

    [Theory]
    [InlineData(TruncationStrategy.LongestFirst, 4, 4)]
    [InlineData(TruncationStrategy.OnlyFirst, 2, 6)]
    [InlineData(TruncationStrategy.OnlySecond, 6, 2)]
    public void The_strategy_says_who_gives_way(TruncationStrategy strategy, int first, int second)
    {
        var encoding = Bert.Encode("the the the the the the", "cat cat cat cat cat cat", new EncodeOptions { MaxTokens = 11, Truncate = strategy });
        Assert.Equal(first, encoding.Tokens.Count(token => !token.Special && token.Segment == Segment.Question));
        Assert.Equal(second, encoding.Tokens.Count(token => !token.Special && token.Segment == Segment.Passage));
        Assert.Equal((6 - first, 6 - second), (encoding.Truncation!.Source.Tokens, encoding.Truncation.Pair.Tokens));
    }

    [Fact]
    public void What_was_cut_is_said_in_one_sentence()
    {
        var options = new EncodeOptions { MaxTokens = 4 };
        Assert.Equal(
            "The input needs 5 tokens and 4 fit: the last token of the text (characters 8 to 11) was left out.",
            Bert.Encode("the cat the", null, options).Truncation!.Sentence);
        Assert.Equal(
            "The input needs 7 tokens and 5 fit: the last token of the text (characters 4 to 7) and the last token of the second text (characters 4 to 7) were left out.",
            Bert.Encode("the cat", "the cat", options with { MaxTokens = 5 }).Truncation!.ToString());
    }

    [Theory]
    [InlineData(1, TruncationStrategy.LongestFirst, "no room for the 3 tokens")]
    [InlineData(4, TruncationStrategy.OnlyFirst, "longest-first")]
    public void A_budget_that_cannot_be_met_is_refused(int budget, TruncationStrategy strategy, string reason)
    {
        var options = new EncodeOptions { MaxTokens = budget, Truncate = strategy };
        Assert.Contains(reason, Assert.Throws<TokenizerException>(() => Bert.Encode("the the", "the the", options)).Message);
    }

    [Fact]
    public void Cutting_only_a_second_text_needs_one() => Assert.Throws<TokenizerException>(() =>
        Bert.Encode("the the the", null, new EncodeOptions { MaxTokens = 3, Truncate = TruncationStrategy.OnlySecond }));

    [Fact]
    public void One_tokenizer_serves_many_threads()
    {
        var expected = TokenizerCases.OfJson("bytelevel_llama3");
        var tokenizer = Tokenizer.Load(TokenizerCases.JsonFolder("bytelevel_llama3"));
        Parallel.For(0, 400, i => Assert.Equal(expected[i % expected.Length].Ids, tokenizer.Encode(expected[i % expected.Length].Text, expected[i % expected.Length].Pair).Ids));
    }

    /// <summary>One word of 120,000 characters: anything that grows with the square of that would take minutes.</summary>
    [Theory]
    [InlineData("wordpiece", "a")]
    [InlineData("bytelevel_bpe", "漢")]
    [InlineData("bytelevel_llama3", " ")]
    [InlineData("bpe_byte_fallback", "a")]
    [InlineData("bpe_byte_fallback", " ")]
    [InlineData("unigram_t5", "漢")]
    [InlineData("unigram_metaspace", "\u0301")]
    public void Time_grows_with_the_length_and_not_with_its_square(string kind, string unit)
    {
        var tokenizer = Tokenizer.Load(TokenizerCases.JsonFolder(kind));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        tokenizer.Encode(new string(unit[0], 120_000));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"It took {watch.Elapsed}.");
    }
}
