using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Compare;
using AttentionServer.Text;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Methods;

/// <summary>Rank correlations, what of two texts is the same, and what methods say about each other.</summary>
public sealed class CompareTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attention-compare-").FullName;

    [Theory]
    [InlineData("1 2 3 4", "10 20 30 40", 1)]
    [InlineData("1 2 3 4", "4 3 2 1", -1)]
    [InlineData("1 2 3 4 5", "2 1 4 3 5", 0.8)] // 1 − 6·4 / (5·24)
    [InlineData("1 1 2", "1 2 3", 0.8660254037844387)] // ties share rank ½: √3 / 2
    [InlineData("1 1 1", "1 2 3", double.NaN)]
    [InlineData("1", "1", double.NaN)]
    public void Rank_correlation_is_spearmans(string first, string second, double expected) =>
        Assert.Equal(expected, RankCorrelation.Of(Numbers(first), Numbers(second)), 1e-12);

    [Fact]
    public void Rank_correlation_does_not_change_with_the_scale()
    {
        var lists = Arb.From(Gen.Zip(Gen.Choose(-9, 9).ListOf(12), Gen.Choose(-9, 9).ListOf(12)));
        Prop.ForAll(lists, pair =>
        {
            double[] a = [.. pair.Item1.Select(x => (double)x)], b = [.. pair.Item2.Select(x => (double)x)];
            var correlation = RankCorrelation.Of(a, b);
            Assert.Equal(correlation, RankCorrelation.Of([.. a.Select(Math.Exp)], [.. b.Select(x => (3 * x) + 1)]), 1e-9);
            Assert.Equal(correlation, RankCorrelation.Of(b, a), 1e-12);
            Assert.Equal(correlation, -RankCorrelation.Of(a, [.. b.Select(x => -x)]), 1e-9);
            Assert.True(double.IsNaN(correlation) || Math.Abs(correlation) <= 1 + 1e-12);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Two_vocabularies_share_the_smallest_stretches_with_common_borders()
    {
        const string text = "unbelievable boats";
        var first = Metadata(text, (0, 0, true), (0, 2, false), (2, 12, false), (13, 18, false), (0, 0, true));
        var second = Metadata(text, (0, 5, false), (5, 9, false), (9, 12, false), (13, 17, false), (17, 18, false));
        var alignment = TokenAlignment.Of(first, second);
        Assert.Equal(["unbelievable", "boats"], alignment.First.Groups.Select(g => g.Text));
        Assert.Equal([[1, 2], [3]], alignment.First.Groups.Select(g => g.Tokens));
        Assert.Equal([[0, 1, 2], [3, 4]], alignment.Second.Groups.Select(g => g.Tokens));
    }

    [Fact]
    public void Any_two_ways_to_cut_a_text_are_aligned_without_loss()
    {
        var cuts = Gen.SubListOf(Enumerable.Range(1, 19).ToArray()).Select(c => c.Order().ToArray());
        Prop.ForAll(Arb.From(Gen.Zip(cuts, cuts)), pair =>
        {
            var text = new string('x', 20);
            var (a, b) = (Cut(text, pair.Item1), Cut(text, [.. pair.Item2]));
            var alignment = TokenAlignment.Of(a, b);
            Assert.Equal(Enumerable.Range(0, a.Tokens.Count), alignment.First.Groups.SelectMany(g => g.Tokens));
            Assert.Equal(Enumerable.Range(0, b.Tokens.Count), alignment.Second.Groups.SelectMany(g => g.Tokens));
            foreach (var (left, right) in alignment.First.Groups.Zip(alignment.Second.Groups))
            {
                Assert.Equal(a.Tokens[left.Tokens[0]].Range.Start, b.Tokens[right.Tokens[0]].Range.Start);
                Assert.Equal(a.Tokens[left.Tokens[^1]].Range.End, b.Tokens[right.Tokens[^1]].Range.End);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Two_texts_share_the_longest_list_of_tokens_in_order()
    {
        var alignment = TokenAlignment.Of(Words("the keys to it are here"), Words("the old key to it is here"));
        Assert.Equal(["the", "to", "it", "here"], alignment.First.Groups.Select(g => g.Text));
        Assert.Equal([[0], [3], [4], [6]], alignment.Second.Groups.Select(g => g.Tokens));
    }

    [Theory]
    [InlineData(4, 4, "0-0 1-1 2-2 3-3")]
    [InlineData(4, 12, "0-2 1-5 2-8 3-11")]
    [InlineData(12, 6, "1-0 3-1 5-2 7-3 9-4 11-5")]
    [InlineData(1, 3, "0-2")]
    public void Layers_are_paired_by_the_share_of_their_depth(int first, int second, string expected) =>
        Assert.Equal(expected, string.Join(' ', MapComparison.Pairs(first, second).Select(p => $"{p.First}-{p.Second}")));

    [Fact]
    public void A_model_compared_with_itself_has_not_moved()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        var analysis = Analyze(model, "attention_mean,rollout,blank_prob_drop", 5, 9, 30, 22, 7);
        var alignment = TokenAlignment.Of(analysis.Metadata, analysis.Metadata);
        foreach (var id in new[] { "attention_mean", "rollout", "blank_prob_drop" })
            Assert.All(MapComparison.Of(MethodRegistry.Find(id), analysis, analysis, alignment).Layers, layer =>
            {
                Assert.Equal((1, 0), (layer.Correlation, layer.Difference));
                Assert.Empty(layer.Moved);
            });
    }

    [Fact]
    public void A_trust_matrix_is_symmetric_and_leaves_out_what_predicts()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        var analysis = Analyze(model, string.Join(',', TrustMatrix.UsualFor(model).Select(m => m.Id)), 5, 9, 30, 22, 7, 41, 52);
        var matrix = TrustMatrix.Of(analysis);
        Assert.Equal(TrustMatrix.Usual, matrix.Methods.Select(m => m.Method));
        Assert.DoesNotContain(analysis.Metadata.TargetPlaces!.Single(), matrix.Tokens);
        Assert.Equal(6, matrix.Tokens.Count);
        for (var i = 0; i < matrix.Methods.Count; i++)
        {
            Assert.Equal(1, matrix.Correlations[i][i], 1e-12);
            for (var j = 0; j < matrix.Methods.Count; j++)
                Assert.Equal(matrix.Correlations[i][j], matrix.Correlations[j][i], 1e-12);
        }
    }

    [Fact]
    public void Importances_of_a_map_are_the_row_that_predicts()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        var analysis = Analyze(model, "rollout,grad_x_input", 5, 9, 30, 22, 7, 41, 52);
        var (matrix, place) = (TrustMatrix.Of(analysis), analysis.Metadata.TargetPlaces!.Single());
        var map = AnalysisReader.Map(analysis, "rollout", analysis.Metadata.Layers - 1, null);
        Assert.Equal(matrix.Tokens.Select(j => (double)map[(place * 7) + j]), matrix.Methods.Single(m => m.Method.Id == "rollout").Importances);
        var signed = AnalysisReader.Tokens(analysis, MethodRegistry.Find("grad_x_input"));
        Assert.Equal(matrix.Tokens.Select(j => Math.Abs(signed[j])), matrix.Methods.Single(m => m.Method.Id == "grad_x_input").Importances);
    }

    [Fact]
    public void A_text_too_short_for_ranks_is_refused()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        var analysis = Analyze(model, "rollout,blank_prob_drop", 5, 9, 30);
        Assert.Contains("choose a longer text", Assert.Throws<MethodException>(() => TrustMatrix.Of(analysis)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Analysis Analyze(Model model, string methods, params int[] ids)
    {
        var tokens = ids.Select((id, i) => new Token(id, $"{id}", new(i, i + 1), Segment.Single, Special: false, i)).ToList();
        var request = new AnalysisRequest { Encoding = new(new string('x', ids.Length), null, tokens, new int[ids.Length]), Methods = MethodRegistry.Parse(methods) };
        return new AnalysisStore(_folder, long.MaxValue).GetOrCreate(model, request, CancellationToken.None);
    }

    private static double[] Numbers(string list) => [.. list.Split(' ').Select(double.Parse)];

    private static AnalysisMetadata Cut(string text, int[] cuts) =>
        Metadata(text, [.. new[] { 0 }.Concat(cuts).Zip(cuts.Append(text.Length), (start, end) => (start, end, false))]);

    private static AnalysisMetadata Words(string text)
    {
        var at = 0;
        var tokens = text.Split(' ').Select(word => new Token(0, word, new(at, (at += word.Length + 1) - 1), Segment.Single, Special: false, 0)).ToList();
        return Metadata(text, tokens);
    }

    private static AnalysisMetadata Metadata(string text, params (int Start, int End, bool Special)[] tokens) =>
        Metadata(text, [.. tokens.Select((t, i) => new Token(i, text[t.Start..t.End], new(t.Start, t.End), Segment.Single, t.Special, i))]);

    private static AnalysisMetadata Metadata(string text, List<Token> tokens) => new()
    {
        Text = text,
        Tokens = tokens,
        Model = "",
        Architecture = "bert",
        Layers = 1,
        Heads = 1,
        Hidden = 1,
        Checkpoint = "",
        Maps = [],
        Predictions = [],
        Notes = [],
        Engine = "",
        Device = "",
    };
}
