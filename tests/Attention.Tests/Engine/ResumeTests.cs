using AttentionServer.Engine;
using AttentionServer.Engine.Interventions;
using AttentionServer.Models;
using AttentionServer.Tests.Methods;

namespace AttentionServer.Tests.Engine;

/// <summary>A pass that goes on from recorded hidden states says what the whole pass says.</summary>
public class ResumeTests
{
    private static readonly TraceRequest Everything = new() { Logits = true, HiddenStates = true, Attentions = true, QueriesKeysValues = true, BlockSums = true };

    public static IEnumerable<object[]> Heads => GoldenModels.All.Select(m => new object[] { m.Architecture, m.Head });

    [Theory, MemberData(nameof(Heads))]
    public void From_every_layer_the_rest_agrees_with_the_references(string architecture, string head)
    {
        using var model = GoldenModels.Open(architecture, head);
        var expected = GoldenModels.Inputs.Select(input => GoldenModels.Expected(architecture, input)).ToList();
        var texts = expected.Select(e => e.Input()).ToList();
        var whole = texts.Select(text => model.Trace(text, Everything, CancellationToken.None)).ToList();
        for (var layer = 0; layer <= model.Config.Layers; layer++)
        {
            // Alone, and with texts of other lengths beside it.
            var alone = texts.Zip(whole, (text, trace) => model.Resume(layer, [new(text, trace.HiddenStates[layer])], Everything, CancellationToken.None)[0]);
            var batch = model.Resume(layer, [.. texts.Zip(whole, (text, trace) => new ResumedInput(text, trace.HiddenStates[layer]))], Everything, CancellationToken.None);
            foreach (var (resumed, i) in alone.Concat(batch).Select((t, i) => (t, i % texts.Count)))
            {
                Assert.Equal(layer, resumed.FirstLayer);
                if (model.Head is { } own)
                    GoldenModels.Near(expected[i].Floats(GraphNames.Logits(own)), resumed.Logits!.Span, $"logits from layer {layer}");
                Same(whole[i], resumed, layer);
            }
        }

        foreach (var one in whole)
            one.Dispose();
        foreach (var one in expected)
            one.Dispose();
    }

    [Theory, MemberData(nameof(RandomModels.Configs), MemberType = typeof(RandomModels))]
    public void From_every_layer_the_rest_agrees_on_any_shape(string config)
    {
        using var model = RandomModels.Open(config);
        TokenInput[] texts = [RandomModels.Text(9), RandomModels.Text(1), RandomModels.Text(17)];
        var whole = model.TraceBatch(texts, Everything, CancellationToken.None);
        for (var layer = 0; layer <= model.Config.Layers; layer++)
        {
            var rest = model.Resume(layer, [.. texts.Zip(whole, (text, trace) => new ResumedInput(text, trace.HiddenStates[layer]))], Everything, CancellationToken.None);
            for (var i = 0; i < texts.Length; i++)
            {
                GoldenModels.Near(whole[i].Logits!.Span, rest[i].Logits!.Span, $"logits of text {i} from layer {layer}", 1e-6);
                Same(whole[i], rest[i], layer);
            }
        }
    }

    [Theory, MemberData(nameof(RandomModels.Configs), MemberType = typeof(RandomModels))]
    public void Changes_from_the_layer_on_do_what_they_do_in_the_whole_pass(string config)
    {
        using var model = RandomModels.Open(config);
        var text = RandomModels.Text(11);
        using var plain = model.Trace(text, new() { HiddenStates = true }, CancellationToken.None);
        for (var layer = 0; layer < model.Config.Layers; layer++)
            foreach (var place in Enum.GetValues<InterventionPlace>())
            {
                var changed = text with
                {
                    Interventions = [new() { Place = place, Layers = [layer], Tokens = [2, 7], Scale = 0.4f, Shift = 0.3f }, Intervention.Mask(1) with { Layers = [model.Config.Layers - 1], Keys = [3] }],
                };
                using var whole = model.Trace(changed, Everything, CancellationToken.None);
                var rest = model.Resume(layer, [new(changed, plain.HiddenStates[layer])], Everything, CancellationToken.None)[0];
                GoldenModels.Near(whole.Logits!.Span, rest.Logits!.Span, $"{place} in layer {layer}", 1e-6);
                Same(whole, rest, layer);
            }
    }

    [Fact]
    public void What_comes_before_the_layer_cannot_be_changed_any_more()
    {
        using var model = GoldenModels.Open("bert", "qa");
        var text = RandomModels.Text(6);
        using var trace = model.Trace(text, new() { HiddenStates = true }, CancellationToken.None);
        string Refused(int layer, TokenInput changed, Tensor hidden) =>
            Assert.Throws<EngineException>(() => model.Resume(layer, [new(changed, hidden)], new() { Logits = true }, CancellationToken.None)).Message;
        Assert.Contains("before layer 1", Refused(1, text with { Interventions = [Intervention.Gate(1) with { Layers = [0] }] }, trace.HiddenStates[1]), StringComparison.Ordinal);
        Assert.Contains("before layer 1", Refused(1, text with { Interventions = [Intervention.Gate(1)] }, trace.HiddenStates[1]), StringComparison.Ordinal);
        Assert.Contains("before layer 0", Refused(0, text with { Interventions = [new() { Id = 5, Tokens = [1] }] }, trace.HiddenStates[0]), StringComparison.Ordinal);
        Assert.Contains("0 to 3", Refused(4, text, trace.HiddenStates[1]), StringComparison.Ordinal);
        Assert.Contains("6 tokens", Refused(1, text, new Tensor(new float[32], 1, 32)), StringComparison.Ordinal);
    }

    private static void Same(Trace whole, Trace resumed, int layer)
    {
        void Lists(IReadOnlyList<Tensor> all, IReadOnlyList<Tensor> rest, string what)
        {
            Assert.Equal(all.Count - layer, rest.Count);
            for (var i = 0; i < rest.Count; i++)
                GoldenModels.Near(all[layer + i].Span, rest[i].Span, $"{what} {layer + i} from layer {layer}", 1e-5);
        }

        Lists(whole.HiddenStates, resumed.HiddenStates, "hidden states");
        Lists(whole.Attentions, resumed.Attentions, "attention");
        Lists(whole.Queries, resumed.Queries, "q");
        Lists(whole.BlockSums, resumed.BlockSums, "block sums");
    }
}
