using AttentionServer.Studies.Reading;
using AttentionServer.Tests.Text;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Studies.Reading;

/// <summary>The official measure's words; expectations are what its definition gives under Python 3.</summary>
public class AnswerTextTests
{
    [Theory]
    [InlineData("The  cat,", "cat")]
    [InlineData("a", "")]
    [InlineData("An apple a day", "apple day")]
    [InlineData("th\u00E9 the-theatre", "th\u00E9 thetheatre")]
    [InlineData("the\u2013cat", "\u2013cat")]
    [InlineData("x\u2014a\u2014y", "x\u2014 \u2014y")]
    [InlineData("$5.00", "500")]
    [InlineData("U.S.A.", "usa")]
    [InlineData("\u001Cone\u001Dtwo\u0085three\u00A0four\u3000five", "one two three four five")]
    [InlineData("zero\u200Bwidth", "zero\u200Bwidth")]
    [InlineData("\u039F\u0394\u03A5\u03A3\u03A3\u0395\u03A5\u03A3 the", "\u03BF\u03B4\u03C5\u03C3\u03C3\u03B5\u03C5\u03C2")]
    [InlineData("\u0130stanbul", "i\u0307stanbul")]
    [InlineData("a\u0301 b", "\u0301 b")]
    [InlineData("the\u0301 end", "\u0301 end")]
    [InlineData("Stra\u00DFe 'an'", "stra\u00DFe")]
    [InlineData("(a) b_c", "bc")]
    [InlineData("A\u03A3. a", "a\u03C2")]
    [InlineData("\u00BDa the\u00B2", "\u00BDa the\u00B2")]
    [InlineData("\uFB01 The\u2019s", "\uFB01 \u2019s")]
    [InlineData("tHe\u000AAN", "")]
    [InlineData("\u00ABthe\u00BB", "\u00AB \u00BB")]
    [InlineData("\U0001F600the\U0001F600", "\U0001F600 \U0001F600")]
    public void Words_are_those_of_the_official_definition(string answer, string words) => Assert.Equal(words, string.Join(' ', AnswerText.Words(answer)));

    [Theory]
    [InlineData("The Broncos!", "broncos", 1, 1)]
    [InlineData("Denver Broncos", "the Broncos", 0, 2.0 / 3)]
    [InlineData("red red blue", "red red red", 0, 2.0 / 3)]
    [InlineData("Carolina", "Denver", 0, 0)]
    [InlineData("a", "the", 1, 0)]
    [InlineData("", "Denver", 0, 0)]
    public void Pairs_score_as_defined(string answer, string gold, double exact, double f1)
    {
        Assert.Equal(exact, AnswerText.ExactMatch(answer, gold));
        Assert.Equal(f1, AnswerText.F1(answer, gold), 1e-12);
    }

    [Fact]
    public void Scores_are_symmetric_and_between_0_and_1_and_an_article_more_changes_nothing()
    {
        var texts = Gen.Choose(0, int.MaxValue).Select(seed => RandomText.Next(new Random(seed)) + (seed % 2 == 0 ? " the Denver a Broncos" : "")).ToArbitrary();
        Prop.ForAll(texts, texts, (left, right) =>
        {
            double f1 = AnswerText.F1(left, right), exact = AnswerText.ExactMatch(left, right);
            Assert.Equal(f1, AnswerText.F1(right, left), 1e-12);
            Assert.InRange(f1, 0, 1);
            Assert.Equal(exact, AnswerText.ExactMatch(right, left));
            if (exact == 1 && AnswerText.Words(left).Length > 0)
                Assert.Equal(1, f1, 1e-12);
            var words = string.Join(' ', AnswerText.Words(left));
            Assert.All(AnswerText.Words(left), word => Assert.DoesNotContain(word, c => c < 0x80 && char.IsPunctuation(c)));
            Assert.Equal(words, string.Join(' ', AnswerText.Words($" The {left}\t")));
        }).QuickCheckThrowOnFailure();
    }
}
