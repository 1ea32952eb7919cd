using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

public class PatternTests
{
    [Theory]
    [InlineData("a+", "caaat", "aaa")]
    [InlineData("a+?b|a", "aab", null)]
    [InlineData(" ?\\p{L}+|\\s+(?!\\S)|\\s+", "a  bc ", "a| | bc| ")]
    [InlineData("\\p{N}{1,3}", "12345", "123|45")]
    [InlineData("(?i:'s|'LL)", "it'S we'll \u0027\u017F", "'S|'ll|'\u017F")]
    [InlineData("[^\\r\\n\\p{L}\\p{N}]?\\p{L}+", "(ab 漢字", "(ab| 漢字")]
    [InlineData("[\\p{L}&&[^\\p{Han}]]+", "ab漢字cd", "ab|cd")]
    [InlineData("[a-c]+|[^a-c]", "abxc", "ab|x|c")]
    [InlineData("[]a]+", "a]b", "a]")]
    [InlineData("(?:ab|c)+", "abcabd", "abcab")]
    [InlineData("(?:ab){2}", "ababab", "abab")]
    [InlineData("(?>a+)b|a", "aab", "aab")]
    [InlineData("a++a|b", "aaab", "b")]
    [InlineData("x{2,}|x", "xxxyx", "xxx|x")]
    [InlineData("a{,2}b", "aab", "aab")]
    [InlineData("a{b}", "a{b}", "a{b}")]
    [InlineData("^b|c$", "a\nb c", "b|c")]
    [InlineData("\\bcat\\b|\\Bs", "cat cats", "cat|s")]
    [InlineData("\\Aa|b\\z", "a ab", "a|b")]
    [InlineData("a(?=b)|b(?!c)", "abbc", "a|b")]
    [InlineData(".", "😀\n", "😀")]
    [InlineData("[\\x{1F600}-\\x{1F64F}\\x41]", "😀A", "😀|A")]
    [InlineData("\\P{L}+", "ab12cd", "12")]
    [InlineData("(?i)a|B", "Ab", "A|b")]
    [InlineData("\\W\\w\\d\\S\\D", "-a1-b", "-a1-b")]
    public void Patterns_match_as_in_oniguruma(string pattern, string text, string? matches)
    {
        if (matches is null)
        {
            Assert.Throws<FormatException>(() => Pattern.Parse(pattern));
            return;
        }
        Assert.Equal(matches, string.Join('|', Pattern.Parse(pattern).Matches(text).Select(match => text[match.Start..match.End])));
    }

    [Theory]
    [InlineData("(?<name>a)", "the group")]
    [InlineData("(?<=a)b", "the group")]
    [InlineData("(a", "unclosed \"(\"")]
    [InlineData("a)", "unopened \")\"")]
    [InlineData("[a", "unclosed \"[\"")]
    [InlineData("[[:alpha:]]", "POSIX class")]
    [InlineData("\\p{Klingon}", "property \"Klingon\"")]
    [InlineData("\\k", "escape \"\\k\"")]
    [InlineData("(a*)*", "can match nothing")]
    [InlineData("*a", "nothing before it")]
    [InlineData("[z-a]", "range")]
    [InlineData("a{3,1}", "counts down")]
    [InlineData("a\\", "lone")]
    public void What_is_not_supported_is_refused_by_name(string pattern, string what)
    {
        var refused = Assert.Throws<FormatException>(() => Pattern.Parse(pattern));
        Assert.Contains(what, refused.Message);
        Assert.Contains("position", refused.Message);
    }

    [Fact]
    public void Nesting_without_end_is_refused_and_not_followed()
    {
        Assert.Throws<FormatException>(() => Pattern.Parse(new string('(', 5000)));
        Assert.Throws<FormatException>(() => Pattern.Parse(new string('[', 5000)));
        Assert.Throws<FormatException>(() => Pattern.Parse(new string('a', 100_000)));
    }

    [Fact]
    public void A_pattern_that_gets_stuck_is_stopped_with_a_sentence()
    {
        var stuck = Pattern.Parse("(?:a+a+)+(?:b|c)");
        Assert.Throws<TokenizerException>(() => stuck.Matches(new string('a', 200)));
    }

    [Theory]
    [InlineData(SplitBehavior.Removed, "a,b,,c", "a|b|c")]
    [InlineData(SplitBehavior.Isolated, "a,b,,c", "a|,|b|,|,|c")]
    [InlineData(SplitBehavior.MergedWithPrevious, "a,b,,c", "a,|b,|,|c")]
    [InlineData(SplitBehavior.MergedWithNext, "a,b,,c", "a|,b|,|,c")]
    [InlineData(SplitBehavior.Contiguous, "a,b,,c", "a|,|b|,,|c")]
    public void Delimiters_go_where_the_behaviour_says(object behavior, string text, string words)
    {
        var list = new WordList();
        list.Add(AlignedText.FromSource(text), 0, text.Length);
        new SplitPreTokenizer(new StringFinder(","), (SplitBehavior)behavior, invert: false).Apply(list);
        Assert.Equal(words, string.Join('|', list.Words.Select(word => text[word.Start..word.End])));
    }
}
