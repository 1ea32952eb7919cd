using AttentionServer.Methods.Readings;
using AttentionServer.Text;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Methods;

/// <summary>How tokens are put together and maps are read, on numbers small enough to add up by hand.</summary>
public class ReadingTests
{
    private const string Source = "naive boats";

    // [CLS] na ##ive boats: the second and third token are one word.
    private static readonly Token[] Tokens =
    [
        new(0, "[CLS]", new(0, 0), Segment.Single, Special: true, Word: -1),
        new(1, "na", new(0, 2), Segment.Single, Special: false, Word: 0),
        new(2, "##ive", new(2, 5), Segment.Single, Special: false, Word: 0),
        new(3, "boats", new(6, 11), Segment.Single, Special: false, Word: 1),
    ];

    private static readonly float[] Map =
    [
        0.1f, 0.2f, 0.3f, 0.4f,
        0.4f, 0.3f, 0.2f, 0.1f,
        0.2f, 0.1f, 0.3f, 0.4f,
        0.7f, 0.1f, 0.1f, 0.1f,
    ];

    [Fact]
    public void A_word_is_drawn_on_as_the_sum_of_its_tokens_and_draws_as_their_mean()
    {
        var groups = Groups(words: true, SpecialRule.Keep);
        Assert.Equal(["[CLS]", "naive", "boats"], groups.Groups.Select(g => g.Text));
        Near([0.1, 0.5, 0.4, 0.3, 0.45, 0.25, 0.7, 0.2, 0.1], groups.Map(Map));
    }

    [Fact]
    public void Special_tokens_are_dropped_as_they_are_or_with_rows_that_sum_to_one_again()
    {
        Near([0.3, 0.2, 0.1, 0.1, 0.3, 0.4, 0.1, 0.1, 0.1], Groups(words: false, SpecialRule.Drop).Map(Map));
        Near([0.5, 1 / 3.0, 1 / 6.0, 0.125, 0.375, 0.5, 1 / 3.0, 1 / 3.0, 1 / 3.0], Groups(words: false, SpecialRule.Renormalise).Map(Map));
    }

    [Fact]
    public void A_row_that_drew_on_special_tokens_alone_stays_zero()
    {
        float[] map = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
        Assert.All(Groups(words: false, SpecialRule.Renormalise).Map(map), score => Assert.Equal(0, score));
    }

    [Fact]
    public void Importance_is_the_mean_over_rows_or_the_sum_of_those_chosen()
    {
        var groups = Groups(words: false, SpecialRule.Keep);
        Near([0.35, 0.175, 0.225, 0.25], new Importance(Map, groups, []).Values);
        Near([0.8, 0.3, 0.4, 0.5], new Importance(Map, groups, [0, 3]).Values);
        var one = new Importance(Map, groups, [2]);
        Near([0.2, 0.1, 0.3, 0.4], one.Values);
        Assert.Equal([0, 3, 2, 1], one.Ranks);
        Assert.Equal(3, one.Ranked);
        Assert.Equal(["na", "##ive"], one.DrawsOn(1, 2).Select(s => s.Group.Text));
        Assert.Equal(["na", "##ive"], one.DrawnOnBy(1, 2).Select(s => s.Group.Text));
    }

    [Fact]
    public void Two_tokens_of_one_word_are_one_row()
    {
        var groups = Groups(words: true, SpecialRule.Keep);
        Assert.Equal(new Importance(Map, groups, [1]).Values, new Importance(Map, groups, [1, 2]).Values);
        Assert.Equal([0, 5, 5, 3], groups.Spread([0, 5, 3]));
    }

    [Fact]
    public void Rows_that_sum_to_one_do_so_however_tokens_are_put_together()
    {
        var texts = Gen.Zip(Gen.Choose(0, 3).ListOf(12), Gen.Choose(1, 1000).ListOf(144));
        Prop.ForAll(Arb.From(texts), given =>
        {
            var (steps, numbers) = (given.Item1.ToArray(), given.Item2.Select(n => (float)n).ToArray());
            var word = 0;
            Token[] tokens = [.. steps.Select((step, i) => new Token(i, "t", new(i, i + 1), Segment.Single, step == 0, step == 0 ? -1 : word += step - 1))];
            var map = numbers.Select((n, at) => n / numbers.Skip(at / 12 * 12).Take(12).Sum()).ToArray();
            foreach (var (words, rule) in new[] { (true, SpecialRule.Keep), (true, SpecialRule.Renormalise), (false, SpecialRule.Renormalise) })
            {
                var groups = TokenGroups.Of(tokens, new string('t', 12), null, words, rule);
                foreach (var row in groups.Map(map).Chunk(Math.Max(1, groups.Groups.Count)))
                    Assert.Equal(1, row.Sum(), 1e-4);
                Assert.Equal(groups.Groups.SelectMany(g => g.Tokens), Enumerable.Range(0, 12).Where(i => rule == SpecialRule.Keep || !tokens[i].Special));
            }
        }).QuickCheckThrowOnFailure();
    }

    private static TokenGroups Groups(bool words, SpecialRule special) => TokenGroups.Of(Tokens, Source, null, words, special);

    private static void Near(IEnumerable<double> expected, IEnumerable<float> actual) => Near(expected, actual.Select(x => (double)x));

    private static void Near(IEnumerable<double> expected, IEnumerable<double> actual) => Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-6);
}
