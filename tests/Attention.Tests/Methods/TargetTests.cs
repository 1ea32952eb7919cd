using System.Text.Json;
using AttentionServer.Engine;
using AttentionServer.Methods;

namespace AttentionServer.Tests.Methods;

/// <summary>What a target is, what it defaults to, and what cannot be one.</summary>
public class TargetTests
{
    private static readonly TraceRequest Logits = new() { Logits = true };

    public static IEnumerable<object[]> Cases => from model in GoldenModels.All from input in GoldenModels.Inputs select new object[] { model.Architecture, model.Head, input };

    [Theory, MemberData(nameof(Cases))]
    public void The_usual_target_is_that_of_the_references(string architecture, string head, string name)
    {
        using var model = GoldenModels.Open(architecture, head);
        using var expected = GoldenModels.Expected(architecture, name);
        using var manifest = JsonDocument.Parse(File.ReadAllText(Golden.Data(architecture, "manifest.json")));
        var input = manifest.RootElement.GetProperty("inputs").EnumerateArray().Single(i => i.GetProperty("name").GetString() == name);
        var reference = input.GetProperty("heads").GetProperty(head.Split('_')[0]);
        using var trace = model.Trace(expected.Input(), Logits, CancellationToken.None);
        var target = TargetChoice.Own.Resolve(model, expected.Input(), trace.Logits!);

        var stated = string.Join(',', reference.GetProperty("target").EnumerateObject().Select(p => $"{p.Name}={p.Value}"));
        Assert.Equal(stated, target.ToString());
        Assert.Equal(stated, TargetChoice.Parse(stated, model, expected.Input().Length).Resolve(model, expected.Input(), trace.Logits!).ToString());
        Assert.Equal(reference.GetProperty("logit").GetDouble(), target.Logit(trace.Logits!), 1e-4);
        Assert.Equal(reference.GetProperty("prob").GetDouble(), target.Probability(trace.Logits!), 1e-5);
        if (target.WordsAt is { } places)
        {
            using var picked = model.Trace(expected.Input(), Logits with { WordsAt = places }, CancellationToken.None);
            Assert.Equal(target.Logit(trace.Logits!), target.Logit(picked.Logits!), 1e-4);
        }
    }

    [Theory]
    [InlineData("bert", "mlm", "pos=2,id=63,versus=5", "pos=2,id=63,versus=5")]
    [InlineData("bert", "mlm", "pos=1", "pos=1,id=")]
    [InlineData("bert", "qa", "span=2-4", "span=2-4")]
    [InlineData("bert", "qa", "end=3", "end=3")]
    [InlineData("bert", "cls", "class=2,versus=0", "class=2,versus=0")]
    [InlineData("electra", "disc", "pos=4", "pos=4")]
    public void A_choice_is_completed_by_what_the_model_says(string architecture, string head, string choice, string target)
    {
        using var model = GoldenModels.Open(architecture, head);
        using var expected = GoldenModels.Expected(architecture, "A");
        using var trace = model.Trace(expected.Input(), Logits, CancellationToken.None);
        Assert.StartsWith(target, TargetChoice.Parse(choice, model, 7).Resolve(model, expected.Input(), trace.Logits!).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bert", "mlm", "class=1", "a masked LM head takes pos=2, id=63, word=are, versus=is")]
    [InlineData("bert", "mlm", "pos=7", "pos must be a number from 0 to 6")]
    [InlineData("bert", "mlm", "pos=1,pos=2", "pos is given twice")]
    [InlineData("bert", "mlm", "id=4,word=a", "give one of them")]
    [InlineData("bert", "mlm", "word=antidisestablishmentarianism", "no single token")]
    [InlineData("bert", "qa", "span=5-3", "first-last")]
    [InlineData("bert", "cls", "class=3", "from 0 to 2")]
    public void What_cannot_be_a_target_is_refused_with_the_way_out(string architecture, string head, string choice, string message)
    {
        using var model = GoldenModels.Open(architecture, head);
        Assert.Contains(message, Assert.Throws<MethodException>(() => TargetChoice.Parse(choice, model, 7)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_of_the_loss_sum_to_nothing_and_contrasts_take_the_difference()
    {
        using var model = GoldenModels.Open("bert", "cls");
        using var expected = GoldenModels.Expected("bert", "A");
        using var trace = model.Trace(expected.Input(), Logits, CancellationToken.None);
        var target = TargetChoice.Parse("class=2,versus=0", model, 7).Resolve(model, expected.Input(), trace.Logits!);
        Assert.Equal([-1, 0, 1], target.LogitGradient(trace.Logits!).ToArray());
        Assert.Equal(trace.Logits!.Span[2] - trace.Logits.Span[0], target.Logit(trace.Logits), 1e-6);
        var own = TargetChoice.Own.Resolve(model, expected.Input(), trace.Logits);
        Assert.Equal(0, own.LossGradient(trace.Logits).ToArray().Sum(), 1e-6);
    }
}
