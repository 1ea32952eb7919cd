using AttentionServer.Engine;
using AttentionServer.Engine.Interventions;
using AttentionServer.Methods;
using AttentionServer.Methods.Zones;
using AttentionServer.Models;
using AttentionServer.Studies.Zones;
using AttentionServer.Tests.Methods;
using AttentionServer.Text;

namespace AttentionServer.Tests.Studies.Zones;

/// <summary>The cells of a zone study agree with float64 references, however they are put together, and cost what the plan says.</summary>
public class ZoneRunnerTests
{
    private static readonly string[] Golden = ["Q2", "P2", "P2Q", "Q2P", "ALL", "P2Q_strict", "Q2P_strict", "BLOCK"];

    private static readonly (string Name, float Strength, MaskMode Mode)[] Variants =
        [("full", 1, MaskMode.Score), ("half", 0.5f, MaskMode.Score), ("postfull", 1, MaskMode.Probability), ("posthalf", 0.5f, MaskMode.Probability)];

    public static IEnumerable<object[]> Answering => GoldenModels.All.Where(m => m.Head == "qa").Select(m => new object[] { m.Architecture });

    [Theory, MemberData(nameof(Answering))]
    public void Every_zone_and_variant_agrees_with_its_reference(string architecture)
    {
        using var model = GoldenModels.Open(architecture, "qa");
        string[] inputs = ["B", "C"];
        var texts = inputs.Select(input => new ZoneText(GoldenTexts.Of(architecture, input))).ToList();
        var layers = Enumerable.Range(0, model.Config.Layers).ToList();
        var cells = Variants.SelectMany(v => ZoneCell.Grid([.. Golden.Where(z => z != "BLOCK" || v.Mode == MaskMode.Probability).Select(Zone.Find)], layers, [v.Strength], v.Mode)).ToList();
        // One run takes cells of both texts, padded, and one after the other.
        foreach (var atOnce in new[] { 1, 200 })
        {
            var results = Run(new ZonePlan(model, texts, cells), atOnce);
            var compared = 0;
            for (var text = 0; text < texts.Count; text++)
            {
                using var expected = GoldenModels.Expected(architecture, inputs[text]);
                GoldenModels.Near(expected.Floats("qa.logits"), results[(text, null)], "unmasked");
                foreach (var zone in Golden)
                    foreach (var (name, strength, mode) in Variants)
                    {
                        if (!expected.Has($"zone.{zone}.{name}"))
                            continue;
                        var ours = layers.SelectMany(layer => results[(text, cells.IndexOf(new(Zone.Find(zone), layer, strength, mode)))]).ToArray();
                        GoldenModels.Near(expected.Floats($"zone.{zone}.{name}"), ours, $"{inputs[text]}: zone.{zone}.{name}");
                        compared++;
                    }
            }

            Assert.True(compared > 30, $"only {compared} references were there");
        }
    }

    [Theory, MemberData(nameof(Answering))]
    public void The_tokens_of_zones_are_those_of_the_references(string architecture)
    {
        foreach (var input in new[] { "B", "C" })
        {
            var encoding = GoldenTexts.Of(architecture, input);
            using var expected = GoldenModels.Expected(architecture, input);
            foreach (var zone in Golden.Where(z => z != "BLOCK"))
            {
                var mask = new byte[encoding.Ids.Length * encoding.Ids.Length];
                var (queries, keys) = Zone.Find(zone).Cells(encoding);
                foreach (var query in queries)
                    foreach (var key in keys)
                        mask[(query * encoding.Ids.Length) + key] = 1;
                Assert.Equal(expected.Bytes($"zonemask.{zone}"), mask);
            }
        }
    }

    [Theory]
    [InlineData(1, "bert", 2, 24, 40)]
    [InlineData(2, "roberta", 4, 20, 33)]
    [InlineData(3, "electra", 3, 18, 20)]
    [InlineData(4, "albert", 5, 30, 37)]
    public void With_and_without_reuse_the_numbers_are_the_same(int seed, string type, int heads, int hidden, int inner)
    {
        using var model = Open(type, heads, hidden, inner);
        var random = new Random(seed);
        var texts = Enumerable.Range(0, 7).Select(_ => new ZoneText(GoldenTexts.Random(random, random.Next(1, 6), random.Next(1, 30)), random.Next(3) == 0 ? 30 : null)).ToList();
        var zones = Zone.All.Where(z => z.Id != "BLOCK").Append(Zone.Own("rows", "1-2", "passage,!question")).ToList();
        var plan = new ZonePlan(model, texts, ZoneCell.Grid(zones, [0, 2, 3], [0, 0.3f, 1], MaskMode.Score));
        var results = Run(plan, random.Next(1, 300));
        Assert.Equal(texts.Count * (plan.Cells.Count + 1), results.Count);
        for (var text = 0; text < texts.Count; text++)
            for (var at = 0; at < plan.Cells.Count; at++)
            {
                var cell = plan.Cells[at];
                var input = texts[text].Masked(cell, model.Config);
                // From scratch, the layers below hide padding too.
                var below = Enumerable.Range(0, cell.Layer).ToArray();
                if (input != null && texts[text].Padding > 0 && below.Length > 0)
                    input = input with { Interventions = [.. input.Interventions, Intervention.Mask(1) with { Layers = below, Keys = [.. Enumerable.Range(texts[text].Encoding.Ids.Length, texts[text].Padding)] }] };
                using var whole = model.Trace(input ?? texts[text].Input(model.Config), new() { Logits = true }, CancellationToken.None);
                var tokens = texts[text].Encoding.Ids.Length;
                GoldenModels.Near([.. whole.Logits!.At(0)[..tokens], .. whole.Logits.At(1)[..tokens]], results[(text, at)], $"{cell.Zone.Id} {cell.Strength} in layer {cell.Layer} of text {text}", 2e-6);
            }
    }

    [Fact]
    public void The_papers_own_all_masks_nothing_and_shows_padding()
    {
        using var model = GoldenModels.Open("bert", "qa");
        var encoding = GoldenTexts.Of("bert", "C");
        var cells = ZoneCell.Grid([Zone.PaperAll], [0, 1, 2], [1], MaskMode.Score);
        var plain = Run(new ZonePlan(model, [new(encoding)], cells), 100);
        Assert.All(Enumerable.Range(0, 3), layer => Assert.Equal(plain[(0, null)], plain[(0, layer)]));
        Assert.Equal(0, new ZonePlan(model, [new(encoding)], cells).Passes);

        var padded = new ZoneText(encoding, encoding.Ids.Length + 5);
        var shown = Run(new ZonePlan(model, [padded], cells), 100);
        // Hidden padding changes nothing; padding that one layer sees does what the authors' code does: −10000 on every score there.
        GoldenModels.Near(plain[(0, null)], shown[(0, null)], "hidden padding", 1e-5);
        for (var layer = 0; layer < 3; layer++)
        {
            var others = Enumerable.Range(0, 3).Where(l => l != layer).ToArray();
            var pads = Enumerable.Range(encoding.Ids.Length, 5).ToArray();
            var input = padded.Input(model.Config) with { Interventions = [Intervention.Mask(1) with { Layers = others, Keys = pads }, new() { Place = InterventionPlace.Scores, Layers = [layer], Shift = -100 }] };
            using var authors = model.Trace(input, new() { Logits = true }, CancellationToken.None);
            GoldenModels.Near([.. authors.Logits!.At(0)[..encoding.Ids.Length], .. authors.Logits.At(1)[..encoding.Ids.Length]], shown[(0, layer)], $"padding seen in layer {layer}");
            Assert.True(plain[(0, null)].Zip(shown[(0, layer)], (a, b) => Math.Abs(a - b)).Max() > 1e-3, "padding that is seen changes nothing");
        }
    }

    [Fact]
    public void The_plan_counts_what_is_computed()
    {
        using var model = GoldenModels.Open("bert", "qa");
        var encoding = GoldenTexts.Of("bert", "C");
        var single = new Encoding("a b", null, [new(5, "a", new(0, 1), Segment.Single, false, 0), new(6, "b", new(2, 3), Segment.Single, false, 1)], [0, 0]);
        var plan = new ZonePlan(model, [new(encoding), new(single)], ZoneCell.Grid(Zone.Paper, [0, 2], [0, 1], MaskMode.Score));
        // Strength 0 masks nothing, and a text without a passage has Q2, ALL and P2Q's keys but neither Q2P's nor P2's, and nobody outside the question to draw on it.
        Assert.Equal((5 * 2) + (2 * 2), plan.Passes);
        double block = model.ForwardFlops(encoding.Ids.Length) / 3, small = model.ForwardFlops(2) / 3;
        Assert.Equal((block * (3 + (5 * 3) + 5)) + (small * (3 + (2 * 3) + 2)), plan.Flops, 1);
        Assert.Equal(3 * block * 2 * 21, plan.FlopsFromScratch, 1);
        var shares = new List<double>();
        new ZoneRunner(plan).Run(_ => { }, new Immediate(shares.Add), CancellationToken.None);
        Assert.Equal(1, shares[^1], 6);
        Assert.Equal(shares.Order(), shares);
    }

    [Fact]
    public void Cancelling_stops_between_cells()
    {
        using var model = GoldenModels.Open("bert", "qa");
        using var source = new CancellationTokenSource();
        var plan = new ZonePlan(model, [.. Enumerable.Range(0, 20).Select(_ => new ZoneText(GoldenTexts.Of("bert", "C")))], ZoneCell.Grid(Zone.Paper, [0, 1, 2], [1], MaskMode.Score));
        var seen = 0;
        void Take(ZoneLogits _)
        {
            if (++seen == 5)
                source.Cancel();
        }

        Assert.ThrowsAny<OperationCanceledException>(() => new ZoneRunner(plan) { TokensAtOnce = 1 }.Run(Take, null, source.Token));
        Assert.InRange(seen, 5, 20);
    }

    [Fact]
    public void What_cannot_be_studied_is_refused_in_a_sentence()
    {
        using var words = GoldenModels.Open("bert", "mlm");
        using var answers = GoldenModels.Open("bert", "qa");
        var cells = ZoneCell.Grid(Zone.Paper, [0], [1], MaskMode.Score);
        Assert.Contains("question answering", Assert.Throws<MethodException>(() => new ZonePlan(words, [], cells)).Message, StringComparison.Ordinal);
        Assert.Contains("layers 0 to 2", Assert.Throws<MethodException>(() => new ZonePlan(answers, [], ZoneCell.Grid(Zone.Paper, [3], [1], MaskMode.Score))).Message, StringComparison.Ordinal);
        Assert.Contains("from 0 to 1", Assert.Throws<MethodException>(() => ZoneCell.Grid(Zone.Paper, [0], [1.5f], MaskMode.Score)).Message, StringComparison.Ordinal);
        Assert.Contains("BLOCK", Assert.Throws<MethodException>(() => ZoneCell.Grid([Zone.Find("BLOCK")], [0], [1], MaskMode.Score)).Message, StringComparison.Ordinal);
        Assert.Contains("paper-all", Assert.Throws<MethodException>(() => ZoneCell.Grid([Zone.PaperAll], [0], [1], MaskMode.Probability)).Message, StringComparison.Ordinal);
        using var small = Model.Open("small", AttentionServer.Tests.Golden.Data("bert", "qa"), new ExecutionSettings { Device = "cpu", MemoryLimit = 1000 });
        Assert.Contains("GB", Assert.Throws<MethodException>(() => Run(new ZonePlan(small, [new(GoldenTexts.Of("bert", "C"))], cells), 100)).Message, StringComparison.Ordinal);
    }

    private static Dictionary<(int Text, int? Cell), float[]> Run(ZonePlan plan, int tokensAtOnce)
    {
        var results = new Dictionary<(int, int?), float[]>();
        new ZoneRunner(plan) { TokensAtOnce = tokensAtOnce }.Run(r => results.Add((r.Text, r.Cell), r.Logits.ToArray()), null, CancellationToken.None);
        return results;
    }

    private static Model Open(string type, int heads, int hidden, int inner) => RandomModels.Open(
        $"\"model_type\": \"{type}\", \"architectures\": [\"{char.ToUpperInvariant(type[0])}{type[1..]}ForQuestionAnswering\"], \"num_attention_heads\": {heads}, \"hidden_size\": {hidden}, \"embedding_size\": {(type is "electra" or "albert" ? 10 : hidden)}, \"num_hidden_layers\": 4, \"intermediate_size\": {inner}, \"pad_token_id\": 1");

    private sealed class Immediate(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
