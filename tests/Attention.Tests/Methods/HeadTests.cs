using AttentionServer.Methods;
using AttentionServer.Methods.Heads;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Methods;

/// <summary>Heads in groups: by what they look at, and by how alike they look.</summary>
public class HeadTests
{
    // [CLS] a b c [SEP]
    private static readonly bool[] Special = [true, false, false, false, true];

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1, 1)]
    [InlineData(0, 2)]
    public void A_head_that_looks_at_one_offset_has_that_pattern_alone(int offset, int pattern)
    {
        var attention = Attention((i, j) => j == i + offset ? 1 : 0);
        var shares = Shares(attention, Special);
        Assert.Equal(1, shares[pattern]);
        // From the first word back, and from the last word on, lie delimiters.
        Assert.Equal(offset == 0 ? 0 : 1 / 3f, shares[3], 1e-6f);
        Assert.Equal(0, shares[4]);
    }

    [Fact]
    public void Delimiters_are_the_special_tokens_or_else_the_first()
    {
        var toLast = Attention((_, j) => j == 4 ? 1 : 0);
        Assert.Equal(1, Shares(toLast, Special)[3]);
        Assert.Equal(0, Shares(toLast, new bool[5])[3]);
        Assert.Equal(1, Shares(Attention((_, j) => j == 0 ? 1 : 0), new bool[5])[3]);
    }

    [Fact]
    public void Even_attention_is_broad()
    {
        var shares = Shares(Attention((_, _) => 0.2f), Special);
        Assert.Equal(1, shares[4], 1e-6f);
        Assert.Equal(0.4f, shares[3], 1e-6f);
    }

    [Fact]
    public void A_text_of_one_token_has_patterns_too() => Assert.Equal([0, 0, 1, 1, 0], Shares([1], [true]));

    [Fact]
    public void Joins_are_those_of_scipy()
    {
        // scipy.cluster.hierarchy.linkage(squareform(D), 'average')
        double[] distances = [0, 2, 6, 10, 9, 2, 0, 5, 9, 8, 6, 5, 0, 4, 5, 10, 9, 4, 0, 3, 9, 8, 5, 3, 0];
        Assert.Equal([0, 1, 2, 2, 3, 4, 3, 2, 2, 6, 4.5f, 3, 5, 7, 47 / 6f, 5], HeadTree.Join(distances, 5, CancellationToken.None));
    }

    [Fact]
    public void Any_tree_holds_each_head_once_and_rises()
    {
        var points = Gen.Choose(2, 24).SelectMany(count => Gen.Choose(0, 1000).ListOf(2 * count).Select(list => list.ToArray()));
        Prop.ForAll(Arb.From(points), given =>
        {
            var count = given.Length / 2;
            var distances = new double[count * count];
            for (var a = 0; a < count; a++)
                for (var b = 0; b < count; b++)
                    distances[(a * count) + b] = Math.Sqrt(Math.Pow(given[2 * a] - given[2 * b], 2) + Math.Pow(given[(2 * a) + 1] - given[(2 * b) + 1], 2));
            var joins = HeadTree.Join(distances, count, CancellationToken.None);
            var members = Enumerable.Range(0, count).Select(i => new[] { i }).ToList();
            var height = 0f;
            for (var join = 0; join < count - 1; join++)
            {
                var (first, second) = (members[(int)joins[join * 4]], members[(int)joins[(join * 4) + 1]]);
                Assert.Empty(first.Intersect(second));
                // Average linkage: the height is the mean distance between the members of the two.
                Assert.Equal(first.Average(a => second.Average(b => distances[(a * count) + b])), joins[(join * 4) + 2], 1e-3);
                Assert.True(joins[(join * 4) + 2] >= height - 1e-3);
                height = joins[(join * 4) + 2];
                members.Add([.. first, .. second]);
                Assert.Equal(members[^1].Length, joins[(join * 4) + 3]);
            }

            Assert.Equal(Enumerable.Range(0, count), members[^1].Order());
        }).QuickCheckThrowOnFailure();
    }

    public static IEnumerable<object[]> Models => GoldenModels.All.DistinctBy(m => m.Architecture).Select(m => new object[] { m.Architecture, m.Head });

    [Theory, MemberData(nameof(Models))]
    public void Patterns_and_trees_of_every_architecture_are_those_of_the_reference_attention(string architecture, string head)
    {
        using var model = GoldenModels.Open(architecture, head);
        using var expected = GoldenModels.Expected(architecture, "B");
        var input = expected.Input();
        using var run = new MethodRun(model, input, MethodRegistry.Parse("head_patterns,head_tree"), new(), CancellationToken.None);
        var (layers, heads, tokens) = (model.Config.Layers, model.Config.Heads, input.Length);
        var attention = expected.Floats("attentions").ToArray();
        var special = model.RolesIn(input).Special;
        int[] rows = [.. Enumerable.Range(0, tokens).Where(i => !special.Contains(input.Ids[i]))];
        int[] delimiters = rows.Length == tokens ? [0] : [.. Enumerable.Range(0, tokens).Except(rows)];
        var reference = new double[layers * heads * 5];
        for (var at = 0; at < layers * heads; at++)
        {
            double P(int i, int j) => j < 0 || j >= tokens ? 0 : attention[(((at * tokens) + i) * tokens) + j];
            double[] shares = [rows.Average(i => P(i, i - 1)), rows.Average(i => P(i, i + 1)), rows.Average(i => P(i, i)), rows.Average(i => delimiters.Sum(j => P(i, j))), rows.Average(i => Enumerable.Range(0, tokens).Sum(j => P(i, j) > 0 ? -P(i, j) * Math.Log(P(i, j)) : 0)) / Math.Log(tokens)];
            shares.CopyTo(reference, at * 5);
        }

        Assert.Equal([layers, heads, 5], run.Of("head_patterns").Values.Shape);
        GoldenModels.Near([.. reference.Select(x => (float)x)], run.Of("head_patterns").Values.Span, "head_patterns", 1e-4);
        var distances = Array.ConvertAll([.. expected.Floats("js_heads")], d => (double)d);
        GoldenModels.Near(HeadTree.Join(distances, layers * heads, CancellationToken.None), run.Of("head_tree").Values.Span, "head_tree", 1e-4);
    }

    private static float[] Attention(Func<int, int, float> weight)
    {
        var attention = new float[25];
        for (var i = 0; i < 5; i++)
            for (var j = 0; j < 5; j++)
                attention[(i * 5) + j] = weight(i, j);
        return attention;
    }

    private static float[] Shares(float[] attention, bool[] special)
    {
        var shares = new float[HeadPatterns.Names.Count];
        HeadPatterns.Shares(attention, special, shares);
        return shares;
    }
}
