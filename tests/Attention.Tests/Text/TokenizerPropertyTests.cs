using AttentionServer.Text;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Text;

/// <summary>What holds for every text whatever it is; ATTENTION_RANDOM_TEXTS says how many texts per tokenizer (100000 for a long run).</summary>
public class TokenizerPropertyTests
{
    private static readonly int Texts = int.TryParse(Environment.GetEnvironmentVariable("ATTENTION_RANDOM_TEXTS"), out var count) ? count : 1000;

    public static TheoryData<string> Tokenizers =>
        [.. TokenizerCases.JsonKinds.Select(kind => $"tokenizers_json/{kind}"), "tokenizers/gpt2", "tokenizers/roberta", "tokenizers/wordpiece_uncased", "tokenizers/wordpiece_cased"];

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Ranges_are_ordered_whole_characters_inside_the_text(string name) => ForRandomTexts(name, (tokenizer, text, random) =>
    {
        var pair = random.Next(5) == 0 ? RandomText.Next(random) : null;
        var encoding = tokenizer.Encode(text, pair);
        Assert.Equal(encoding.Ids.Length, encoding.TypeIds.Length);
        foreach (var segment in encoding.Tokens.Where(token => !token.Special).GroupBy(token => token.Segment))
        {
            var member = segment.Key == Segment.Passage ? pair! : text;
            var (start, end, word) = (0, 0, 0);
            foreach (var token in segment)
            {
                Assert.InRange(token.Range.Start, start, token.Range.End);
                Assert.InRange(token.Range.End, end, member.Length);
                Assert.InRange(token.Word, word, word + 1);
                Assert.False(SplitsPair(member, token.Range.Start) || SplitsPair(member, token.Range.End), $"{token} splits a surrogate pair");
                (start, end, word) = (token.Range.Start, token.Range.End, token.Word);
            }
        }
        Assert.All(encoding.Tokens.Where(token => token.Special), token => Assert.True(token.Range.IsEmpty && token.Word == -1));
    });

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void A_budget_cuts_the_end_and_says_what(string name) => ForRandomTexts(name, (tokenizer, text, random) =>
    {
        var whole = tokenizer.Encode(text);
        Assert.Null(whole.Truncation);
        Assert.Equal(whole.Ids, tokenizer.Encode(text, null, new EncodeOptions { MaxTokens = 100_000 }).Ids);
        var special = whole.Tokens.Count(token => token.Special);
        var budget = special + random.Next(8);
        var cut = tokenizer.Encode(text, null, new EncodeOptions { MaxTokens = budget });
        if (whole.Ids.Length <= budget)
        {
            Assert.Equal(whole.Ids, cut.Ids);
            return;
        }
        Assert.Equal(budget, cut.Ids.Length);
        var (before, after) = (whole.Tokens.Where(token => !token.Special), cut.Tokens.Where(token => !token.Special).ToList());
        Assert.Equal(before.Take(after.Count), after);
        var truncation = cut.Truncation!;
        Assert.Equal((budget, whole.Ids.Length, whole.Ids.Length - budget), (truncation.Budget, truncation.Needed, truncation.Source.Tokens));
        Assert.Equal(before.ElementAt(after.Count).Range.Start, truncation.Source.Range.Start);
        Assert.False(SplitsPair(text, truncation.Source.Range.Start));
        Assert.Contains($"needs {whole.Ids.Length} tokens and {budget} fit", truncation.Sentence);
    });

    /// <summary>
    /// The text that a token covers, tokenized by itself and decoded, contains what the token decodes to. Two things are
    /// left out, where ranges follow the reference library: the range of a composed character is its base alone, and a
    /// control that SentencePiece's rules delete at the very start moves the ranges after it.
    /// </summary>
    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void The_covered_text_gives_the_token_back(string name) => ForRandomTexts(name, (tokenizer, text, _) =>
    {
        if (name.Contains("qwen2", StringComparison.Ordinal) || name.Contains("unigram", StringComparison.Ordinal)) text = WithoutMarksAndControls(text);
        var encoding = tokenizer.Encode(text);
        foreach (var token in encoding.Tokens.Where(token => !token.Special && token.Id != tokenizer.Special.Unk && token.Range.Length > 0))
        {
            var covered = encoding.SourceOf(token).ToString();
            if (name.Contains("wordpiece", StringComparison.Ordinal))
            {
                var piece = token.Text.StartsWith("##", StringComparison.Ordinal) && token.Text.Length > 2 ? token.Text[2..] : token.Text;
                Assert.Contains(piece, tokenizer.IdOf(covered) == token.Id ? covered : BertNormalForm(covered, lowerCase: !name.EndsWith("_cased", StringComparison.Ordinal)));
                continue;
            }
            var spelt = tokenizer.Decode([token.Id], skipSpecial: false);
            if (!spelt.Contains('\uFFFD') && !string.IsNullOrWhiteSpace(spelt))
                Assert.Contains(spelt.Trim(), tokenizer.Decode(tokenizer.EncodeToIds(covered), skipSpecial: false));
        }
    });

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Any_string_at_all_can_be_encoded_and_decoded(string name)
    {
        var tokenizer = Tokenizer.Load(Golden.Data(name.Split('/')));
        Prop.ForAll<string?>(text =>
        {
            var encoding = tokenizer.Encode(text ?? "");
            return tokenizer.Decode(encoding.Ids) is not null && encoding.Ids.All(id => id >= 0 && id < tokenizer.VocabularySize);
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>Without a normaliser, a byte-level vocabulary loses nothing.</summary>
    [Theory]
    [InlineData("tokenizers_json/bytelevel_bpe")]
    [InlineData("tokenizers_json/bytelevel_llama3")]
    public void Byte_level_text_comes_back_unchanged(string name) => ForRandomTexts(name, (tokenizer, text, _) =>
        Assert.Equal(WithoutLoneSurrogates(text), tokenizer.Decode(tokenizer.EncodeToIds(text), skipSpecial: false)));

    private static void ForRandomTexts(string name, Action<Tokenizer, string, Random> check)
    {
        var tokenizer = Tokenizer.Load(Golden.Data(name.Split('/')));
        var random = new Random(20);
        for (var i = 0; i < Texts; i++) check(tokenizer, RandomText.Next(random), random);
    }

    private static bool SplitsPair(string text, int at) =>
        at > 0 && at < text.Length && char.IsHighSurrogate(text[at - 1]) && char.IsLowSurrogate(text[at]);

    private static string BertNormalForm(string text, bool lowerCase) => new BertNormalizer(true, true, lowerCase, lowerCase).Normalize(text);

    private static string WithoutMarksAndControls(string text)
    {
        var decomposed = new UnicodeNormalizer(System.Text.NormalizationForm.FormD).Normalize(text);
        return string.Concat(decomposed.EnumerateRunes().Where(rune =>
            Characters.Category(rune.Value) is not (GeneralCategory.Mn or GeneralCategory.Mc or GeneralCategory.Me or GeneralCategory.Cc) && rune.Value is not (>= 0x1100 and <= 0x11FF)));
    }

    private static string WithoutLoneSurrogates(string text) => string.Concat(text.EnumerateRunes());
}
