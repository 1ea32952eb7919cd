using AttentionServer.Engine;
using AttentionServer.Methods;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Methods;

/// <summary>What must hold for any model and text, checked on random ids of the golden BERT.</summary>
public class PropertyTests
{
    private static readonly IReadOnlyList<Method> Normalized = MethodRegistry.Parse("attention_mean,rollout,rollout_no_residual");

    private static Arbitrary<int[]> Texts => Arb.From(Gen.Choose(0, 119).ArrayOf().Where(ids => ids.Length is > 0 and <= 64));

    [Fact]
    public void Rows_of_every_map_sum_to_one()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        Prop.ForAll(Texts, ids =>
        {
            using var run = new MethodRun(model, new TokenInput(ids, new int[ids.Length]), Normalized, new(), CancellationToken.None);
            return Normalized.All(method => run.Of(method).ToMap().Scores.Chunk(ids.Length).All(row => Math.Abs(row.Sum() - 1) < 1e-4));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_text_is_traced_alike_alone_and_in_a_padded_batch()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        var wanted = new TraceRequest { Attentions = true, HiddenStates = true };
        Prop.ForAll(Texts, Texts, (first, second) =>
        {
            var inputs = new[] { first, second }.Select(ids => new TokenInput(ids, new int[ids.Length])).ToList();
            var batch = model.TraceBatch(inputs, wanted, CancellationToken.None);
            foreach (var (input, padded) in inputs.Zip(batch))
            {
                using var alone = model.Trace(input, wanted, CancellationToken.None);
                GoldenModels.Near(alone.Attentions[^1].Span, padded.Attentions[^1].Span, "attention", 1e-4);
                GoldenModels.Near(alone.HiddenStates[^1].Span, padded.HiddenStates[^1].Span, "hidden states", 1e-4);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_thumbnail_keeps_a_lone_bright_cell()
    {
        const int tokens = 333;
        Prop.ForAll(Arb.From(Gen.Choose(0, (tokens * tokens) - 1)), bright =>
        {
            var map = new float[tokens * tokens];
            map[bright] = 0.7f;
            var thumbnail = new float[Overview.Size * Overview.Size];
            Overview.Shrink(map, tokens, thumbnail);
            return thumbnail.Count(v => v == 0.7f) == 1 && thumbnail[(bright / tokens * Overview.Size / tokens * Overview.Size) + (bright % tokens * Overview.Size / tokens)] == 0.7f;
        }).QuickCheckThrowOnFailure();
    }
}
