using AttentionServer.Methods;
using AttentionServer.Methods.Zones;
using AttentionServer.Tests.Studies.Zones;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Methods;

/// <summary>Sets of tokens mean what is written, and what cannot be read is refused with the reason.</summary>
public class ZoneTests
{
    // 0 S, 1-2 Q ("t1 t2 "), 3 S, 4-7 P ("t4 t5 t6 t7 "), 8 S
    private static readonly AttentionServer.Text.Encoding Text = GoldenTexts.Of([.. Enumerable.Range(0, 9)], new int[9], "SQQSPPPPS");

    [Theory]
    [InlineData("all", "0 1 2 3 4 5 6 7 8")]
    [InlineData("question", "1 2")]
    [InlineData("passage", "4 5 6 7")]
    [InlineData("!passage", "0 1 2 3 8")]
    [InlineData("special", "0 3 8")]
    [InlineData("cls", "0")]
    [InlineData("sep", "3 8")]
    [InlineData(" cls , question ", "0 1 2")]
    [InlineData("2-4, 8", "2 3 4 8")]
    [InlineData("!2-7", "0 1 8")]
    [InlineData("passage@0-2", "4")]
    [InlineData("passage@1-4", "4 5")]
    [InlineData("passage@2-3", "")]
    [InlineData("question@3-100", "2")]
    [InlineData("/t[25]/", "2 5")]
    [InlineData("passage:/T[45]/i", "4 5")]
    [InlineData("passage:/T[45]/", "")]
    [InlineData("question:/2|4/", "2")]
    [InlineData("!/\\d/", "0 3 8")]
    [InlineData("/5 t6/", "5 6")]
    [InlineData("/a\\/b/", "")]
    public void A_set_chooses_its_tokens(string set, string tokens) =>
        Assert.Equal(tokens, string.Join(' ', TokenSet.Parse(set, "test").In(Text)));

    [Theory]
    [InlineData("", "a part is missing")]
    [InlineData("question,", "a part is missing")]
    [InlineData("answer", "'answer' is no set of tokens")]
    [InlineData("question passage", "'passage' is left over")]
    [InlineData("3-", "a whole number")]
    [InlineData("7-3", "ends before it starts")]
    [InlineData("99999999999", "a whole number")]
    [InlineData("passage@5-5", "no characters")]
    [InlineData("passage:years", "a /pattern/ should stand")]
    [InlineData("/open", "has no end")]
    [InlineData("/a\\", "has no end")]
    [InlineData("/(/", "is no pattern")]
    [InlineData("(question)", "is no set of tokens")]
    public void What_is_no_set_is_refused_with_the_reason(string set, string reason)
    {
        var message = Assert.Throws<MethodException>(() => TokenSet.Parse(set, "zone 'x', keys")).Message;
        Assert.StartsWith("zone 'x', keys: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_written_is_read_or_refused()
    {
        var letters = Gen.Elements("question", "passage", "all", "cls", "!", ",", ":", "@", "-", "/", "\\", "3", "17", " ", "(", "é", "i", "*");
        Prop.ForAll(letters.ListOf().Select(parts => string.Concat(parts)).ToArbitrary(), written =>
        {
            try
            {
                return TokenSet.Parse(written, "test").In(Text).All(token => token is >= 0 and < 9);
            }
            catch (MethodException)
            {
                return true;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void A_token_that_is_not_there_is_refused_when_the_text_is_known() =>
        Assert.Contains("tokens 0 to 8", Assert.Throws<MethodException>(() => TokenSet.Parse("7-9", "test").In(Text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_never_ends_is_given_up()
    {
        var passage = new AttentionServer.Text.Encoding("q", new string('a', 60), [], []);
        Assert.Contains("simpler pattern", Assert.Throws<MethodException>(() => TokenSet.Parse("/(a+)+$b/", "test").In(passage)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mine=question<-passage:/t5/", "question <- passage:/t5/", "1 2", "5")]
    [InlineData("mine = 1-2", "1-2 <- 1-2", "1 2", "1 2")]
    [InlineData("arrow=/t1<-\\/|t4/<-question", "/t1<-\\/|t4/ <- question", "4", "1 2")]
    [InlineData("block-1_a=4-5<-0,8", "4-5 <- 0,8", "4 5", "0 8")]
    public void A_zone_of_ones_own_has_its_rectangle(string written, string definition, string queries, string keys)
    {
        var zone = Zone.Parse(written);
        Assert.Equal(definition, zone.Definition);
        var (rows, columns) = zone.Cells(Text);
        Assert.Equal((queries, keys), (string.Join(' ', rows), string.Join(' ', columns)));
        var again = Zone.Parse($"{zone.Id}={zone.Definition}");
        Assert.Equal((queries, keys), (string.Join(' ', again.Cells(Text).Queries), string.Join(' ', again.Cells(Text).Keys)));
    }

    [Theory]
    [InlineData("question<-passage", "has no name")]
    [InlineData("Q2=question", "the name of a zone there is")]
    [InlineData("all=question", "the name of a zone there is")]
    [InlineData("a b=question", "letters, digits")]
    [InlineData("=question", "letters, digits")]
    [InlineData("x=<-question", "a part is missing")]
    public void What_is_no_zone_is_refused(string written, string reason) =>
        Assert.Contains(reason, Assert.Throws<MethodException>(() => Zone.Parse(written)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_holds_zones()
    {
        var zones = ZoneFile.Parse("""{"zones": [{"name": "years", "queries": "question", "keys": "passage:/\\d/"}, {"name": "corner", "keys": [0, 3], "reading": "two of three"}, ]}""", "f.json");
        Assert.Equal(["question <- passage:/\\d/", "all <- 0,3"], zones.Select(z => z.Definition));
        Assert.Equal("two of three", zones[1].Reading);
    }

    [Theory]
    [InlineData("[]", "must be {\"zones\"")]
    [InlineData("{\"zones\": [1]}", "number 1: it is not an object")]
    [InlineData("{\"zones\": [{\"keys\": \"all\"}]}", "it has no name")]
    [InlineData("{\"zones\": [{\"name\": \"x\", \"rows\": \"all\"}]}", "'rows' is not known")]
    [InlineData("{\"zones\": [{\"name\": \"x\", \"keys\": [-1]}]}", "keys must be")]
    [InlineData("{\"zones\": [{\"name\": \"x\"}, {\"name\": \"x\"}]}", "'x' is there 2 times")]
    [InlineData("{\"zones\": [", "not valid JSON (line 1)")]
    public void What_is_no_file_of_zones_is_refused(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<MethodException>(() => ZoneFile.Parse(json, "f.json")).Message, StringComparison.Ordinal);

    [Fact]
    public void Special_tokens_are_zones()
    {
        Assert.Equal([0], Zone.Find("CLS_key").Cells(Text).Keys);
        Assert.Equal([3, 8], Zone.Find("SEP_query").Cells(Text).Queries);
        Assert.Contains("no keys passage", Zone.Find("P2").NothingIn(GoldenTexts.Of([1, 2], [0, 0], "QQ"))!.Replace("queries", "keys", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("without padding", Zone.PaperAll.NothingIn(Text), StringComparison.Ordinal);
        Assert.Null(Zone.Find("Q2").NothingIn(Text));
    }
}
