using AttentionServer.Engine;

namespace AttentionServer.Tests.Engine;

/// <summary>Every tensor of a forward pass agrees with the float64 references.</summary>
public class GoldenForwardTests
{
    private static readonly TraceRequest Everything = new() { Attentions = true, QueriesKeysValues = true, HiddenStates = true, Logits = true };

    public static IEnumerable<object[]> Cases => from model in Models from input in GoldenModels.Inputs select new object[] { model.Architecture, model.Head, input };

    public static IEnumerable<object[]> Heads => Models.Select(model => new object[] { model.Architecture, model.Head });

    private static readonly (string Architecture, string Head)[] Models =  [.. GoldenModels.All];

    [Theory, MemberData(nameof(Cases))]
    public void A_single_text_agrees(string architecture, string head, string input)
    {
        using var model = GoldenModels.Open(architecture, head);
        using var expected = GoldenModels.Expected(architecture, input);
        using var trace = model.Trace(expected.Input(), Everything, CancellationToken.None);

        GoldenModels.Near(expected.Floats("attentions"), Stack(trace.Attentions), "attentions");
        GoldenModels.Near(expected.Floats("q"), Stack(trace.Queries), "q");
        GoldenModels.Near(expected.Floats("k"), Stack(trace.Keys), "k");
        GoldenModels.Near(expected.Floats("v"), Stack(trace.Values), "v");
        GoldenModels.Near(expected.Floats("hidden_states"), Stack(trace.HiddenStates), "hidden_states");
        var name = $"{head.Split('_')[0]}.logits";
        Assert.Equal(expected.Shape(name), trace.Logits!.Shape);
        GoldenModels.Near(expected.Floats(name), trace.Logits.Span, name);
    }

    [Theory, MemberData(nameof(Heads))]
    public void Texts_of_a_padded_batch_agree_with_the_batch_reference(string architecture, string head)
    {
        using var model = GoldenModels.Open(architecture, head);
        using var batch = new Expected(Golden.Data(architecture, "expected_batch.safetensors"));
        var texts = GoldenModels.Inputs.Select(i =>
        {
            using var one = GoldenModels.Expected(architecture, i);
            return one.Input();
        }).ToList();
        var traces = model.TraceBatch(texts, Everything, CancellationToken.None);

        int longest = texts.Max(t => t.Length), layers = model.Config.Layers, heads = model.Config.Heads;
        var whole = new Tensor(batch.Floats("attentions").ToArray(), layers, texts.Count, heads, longest, longest);
        var hidden = new Tensor(batch.Floats("hidden_states").ToArray(), layers + 1, texts.Count, longest, model.Config.Hidden);
        for (var b = 0; b < texts.Count; b++)
        {
            var length = texts[b].Length;
            for (var layer = 0; layer < layers; layer++)
                for (var h = 0; h < heads; h++)
                    for (var i = 0; i < length; i++)
                        GoldenModels.Near(whole.At(layer, b, h, i)[..length], traces[b].Attentions[layer].At(h, i), $"attention {layer}.{h} row {i} of text {b}");
            for (var index = 0; index <= layers; index++)
                for (var i = 0; i < length; i++)
                    GoldenModels.Near(hidden.At(index, b, i), traces[b].HiddenStates[index].At(i), $"hidden state {index} row {i} of text {b}");
        }
    }

    [Theory, MemberData(nameof(Heads))]
    public void Padding_changes_nothing(string architecture, string head)
    {
        using var model = GoldenModels.Open(architecture, head);
        var texts = GoldenModels.Inputs.Select(i =>
        {
            using var one = GoldenModels.Expected(architecture, i);
            return one.Input();
        }).ToList();
        var batch = model.TraceBatch(texts, Everything, CancellationToken.None);
        foreach (var (text, padded) in texts.Zip(batch))
        {
            using var single = model.Trace(text, Everything, CancellationToken.None);
            GoldenModels.Near(Stack(single.Attentions), Stack(padded.Attentions), "attentions", 1e-5);
            GoldenModels.Near(Stack(single.Queries), Stack(padded.Queries), "q", 1e-5);
            GoldenModels.Near(single.Logits!.Span, padded.Logits!.Span, "logits", 1e-5);
        }
    }

    [Fact]
    public void A_run_leaves_the_arithmetic_of_its_thread_alone()
    {
        using var model = GoldenModels.Open("bert", "mlm");
        using var expected = GoldenModels.Expected("bert", "A");
        using var trace = model.Trace(expected.Input(), Everything, CancellationToken.None);
        var tiny = BitConverter.Int32BitsToSingle(int.Parse("5", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(10, BitConverter.SingleToInt32Bits(tiny * 2));
    }

    private static float[] Stack(IReadOnlyList<Tensor> layers) => [.. layers.SelectMany(l => l.Span.ToArray())];
}
