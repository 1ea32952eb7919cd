using AttentionServer.Engine;
using AttentionServer.Engine.Interventions;
using AttentionServer.Models;

namespace AttentionServer.Tests.Engine;

/// <summary>Changes to the forward pass do what the references of attention zones say, and what arithmetic says.</summary>
public class InterventionTests
{
    private static readonly TraceRequest Logits = new() { Logits = true };

    private static readonly string[] Answering = [.. GoldenModels.All.Where(m => m.Head == "qa").Select(m => m.Architecture)];

    public static IEnumerable<object[]> Zones =>
        from architecture in Answering
        from input in new[] { "B", "C" }
        from zone in new[] { "Q2", "P2", "P2Q", "Q2P", "ALL", "P2Q_strict", "Q2P_strict" }
        select new object[] { architecture, input, zone };

    [Theory, MemberData(nameof(Zones))]
    public void Masked_zones_agree_with_their_references(string architecture, string input, string zone)
    {
        using var model = GoldenModels.Open(architecture, "qa");
        using var expected = GoldenModels.Expected(architecture, input);
        var text = expected.Input();
        var mask = expected.Bytes($"zonemask.{zone}");
        foreach (var (variant, change) in new[]
        {
            ("full", Intervention.Mask(1)), ("half", Intervention.Mask(0.5f)), ("postfull", Intervention.Gate(1)), ("posthalf", Intervention.Gate(0.5f)),
        })
        {
            var name = $"zone.{zone}.{variant}";
            if (!expected.Has(name))
                continue;
            // All layers at once, one text of the batch each.
            var batch = Enumerable.Range(0, model.Config.Layers).Select(layer => text with { Interventions = Rows(mask, text.Length, change, layer) }).ToList();
            var traces = model.TraceBatch(batch, Logits, CancellationToken.None);
            GoldenModels.Near(expected.Floats(name), [.. traces.SelectMany(t => t.Logits!.Span.ToArray())], name);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_block_without_attention_agrees_with_its_reference(string architecture)
    {
        using var model = GoldenModels.Open(architecture, "qa");
        using var expected = GoldenModels.Expected(architecture, "B");
        var logits = Enumerable.Range(0, model.Config.Layers).SelectMany(layer =>
        {
            using var trace = model.Trace(expected.Input() with { Interventions = [Intervention.Gate(1) with { Layers = [layer] }] }, Logits, CancellationToken.None);
            return trace.Logits!.Span.ToArray();
        });
        GoldenModels.Near(expected.Floats("zone.BLOCK.postfull"), [.. logits], "zone.BLOCK.postfull");
    }

    public static IEnumerable<object[]> Names => Answering.Select(a => new object[] { a });

    [Theory, MemberData(nameof(Names))]
    public void Every_place_changes_the_model_in_the_same_way_alone_and_in_a_batch(string architecture)
    {
        using var model = GoldenModels.Open(architecture, "qa");
        using var expected = GoldenModels.Expected(architecture, "B");
        var (text, config) = (expected.Input(), model.Config);
        foreach (var place in Enum.GetValues<InterventionPlace>())
        {
            var pairs = place is InterventionPlace.Scores or InterventionPlace.Attention;
            var change = new Intervention
            {
                Place = place, Layers = [1], Tokens = [1, 3], Scale = 0.3f, Shift = 0.2f, Keys = pairs ? [0, 1, 2] : null,
                Heads = place is InterventionPlace.Hidden or InterventionPlace.Neurons ? null : [2], Neurons = pairs ? null : [0, 5],
            };
            using var plain = model.Trace(text, Logits, CancellationToken.None);
            using var changed = model.Trace(text with { Interventions = [change] }, Logits, CancellationToken.None);
            Assert.True(Enumerable.Range(0, plain.Logits!.Length).Any(i => Math.Abs(plain.Logits.Span[i] - changed.Logits!.Span[i]) > 1e-5), $"{architecture}: {place} changes nothing");
            var shorter = new TokenInput(text.Ids[..5], text.TypeIds[..5]);
            var batch = model.TraceBatch([shorter, text with { Interventions = [change] }, text], Logits, CancellationToken.None);
            GoldenModels.Near(changed.Logits!.Span, batch[1].Logits!.Span, $"{place} in a batch", 1e-5);
            GoldenModels.Near(plain.Logits.Span, batch[2].Logits!.Span, $"beside {place} in a batch", 1e-5);
            using var undone = model.Trace(text with { Interventions = [change, change with { Scale = 1 / 0.3f, Shift = -0.2f / 0.3f }] }, Logits, CancellationToken.None);
            GoldenModels.Near(plain.Logits.Span, undone.Logits!.Span, $"{place} undone", 1e-4);
        }
    }

    [Fact]
    public void A_number_that_is_set_shows_in_the_trace()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        using var expected = GoldenModels.Expected("bert", "A");
        var changes = new Intervention[]
        {
            new() { Place = InterventionPlace.Hidden, Layers = [2], Tokens = [4], Neurons = [7], Scale = 0, Shift = 1.5f },
            new() { Place = InterventionPlace.Keys, Layers = [1], Heads = [3], Tokens = [2], Neurons = [1], Scale = 0, Shift = -2 },
            new() { Place = InterventionPlace.Attention, Layers = [0], Heads = [1], Tokens = [0], Keys = [3], Scale = 0 },
        };
        using var trace = model.Trace(expected.Input() with { Interventions = changes }, new() { Attentions = true, QueriesKeysValues = true, HiddenStates = true }, CancellationToken.None);
        Assert.Equal(1.5f, trace.HiddenStates[2].At(4)[7]);
        Assert.Equal(-2, trace.Keys[1].At(3, 2)[1]);
        Assert.Equal(0, trace.Attentions[0].At(1, 0)[3]);
    }

    [Fact]
    public void A_replaced_token_is_what_the_other_id_would_be()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        using var expected = GoldenModels.Expected("bert", "A");
        var text = expected.Input();
        using var replaced = model.Trace(text with { Interventions = [new() { Tokens = [3], Id = 50 }] }, Logits, CancellationToken.None);
        text.Ids[3] = 50;
        using var written = model.Trace(text, Logits, CancellationToken.None);
        Assert.Equal(written.Logits!.Span.ToArray(), replaced.Logits!.Span.ToArray());
    }

    [Fact]
    public void A_row_with_every_key_masked_attends_evenly()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        using var expected = GoldenModels.Expected("bert", "A");
        var text = expected.Input();
        using var trace = model.Trace(text with { Interventions = [Intervention.Mask(1) with { Tokens = [2] }] }, new() { Attentions = true }, CancellationToken.None);
        Assert.All(trace.Attentions[0].At(0, 2).ToArray(), p => Assert.Equal(1f / text.Length, p, 1e-6));
    }

    [Theory]
    [InlineData(InterventionPlace.Attention, "layers 3: bert/mlm has layers 0 to 2", 3, 0, 0)]
    [InlineData(InterventionPlace.Attention, "heads 4: bert/mlm has heads 0 to 3", 0, 4, 0)]
    [InlineData(InterventionPlace.Attention, "keys 7: bert/mlm has keys 0 to 6", 0, 0, 7)]
    [InlineData(InterventionPlace.Values, "Values has no keys", 0, 0, 0)]
    public void What_is_not_there_cannot_be_changed(InterventionPlace place, string message, int layer, int head, int key)
    {
        using var model = GoldenModels.Open("bert", "mlm");
        using var expected = GoldenModels.Expected("bert", "A");
        var change = new Intervention { Place = place, Layers = [layer], Heads = [head], Keys = [key] };
        var error = Assert.Throws<EngineException>(() => model.Trace(expected.Input() with { Interventions = [change] }, Logits, CancellationToken.None));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    /// <summary>One change for each row of a mask [T,T], at the keys that are set.</summary>
    private static Intervention[] Rows(byte[] mask, int tokens, Intervention change, int layer) =>
        [.. from i in Enumerable.Range(0, tokens)
            let keys = Enumerable.Range(0, tokens).Where(j => mask[(i * tokens) + j] != 0).ToArray()
            where keys.Length > 0
            select change with { Layers = [layer], Tokens = [i], Keys = keys }];
}
