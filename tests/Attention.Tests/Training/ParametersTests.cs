using AttentionServer.Models;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Training;

namespace AttentionServer.Tests.Training;

/// <summary>What a training starts from: a checkpoint's own numbers, new heads where it lacks them, and the numbers that inference has.</summary>
public class ParametersTests
{
    public static TheoryData<string, string> Models
    {
        get
        {
            var models = new TheoryData<string, string>();
            foreach (var (architecture, head) in GoldenModels.All.Where(m => m.Head is "mlm" or "mlm_legacy" or "lm" or "lm_legacy" or "qa" or "cls"))
                models.Add(architecture, head);
            return models;
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void A_training_starts_with_the_loss_that_inference_has(string architecture, string folder)
    {
        using var model = GoldenModels.Open(architecture, folder);
        var head = model.Head!.Value;
        using var parameters = Parameters.Of(model.Config, folder, head, model.Checkpoint, 1);
        Assert.Empty(parameters.Fresh);
        // Tied weights are trained as one, however often they are stored.
        Assert.Single(parameters.All, p => p.Shape.AsSpan().SequenceEqual([model.Config.VocabularySize, model.Config.EmbeddingSize]));

        int[] ids = [5, 8, 11, 9];
        using var trace = model.Trace(new(ids, new int[4]), new() { Logits = true }, CancellationToken.None);
        var logits = trace.Logits!;
        var (row, target) = head switch
        {
            HeadKind.QuestionAnswering or HeadKind.Classification => (0, 1),
            _ => (2, 7),
        };
        int[] targets = head == HeadKind.QuestionAnswering ? [1, 2] : [target], picked = head is HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel ? [2] : [];
        var expected = head switch
        {
            HeadKind.QuestionAnswering => Loss(logits.At(0), 1) + Loss(logits.At(1), 2),
            HeadKind.Classification => Loss(logits.Span, 1),
            _ => Loss(logits.At(row), target),
        };
        using var runner = new StepRunner(parameters, head, TinyModels.Execution);
        Assert.Equal(expected, runner.Evaluate(new([new(ids, new int[4], targets, picked)]), CancellationToken.None).Loss, 1e-4);
    }

    [Fact]
    public void A_head_that_the_checkpoint_lacks_begins_from_the_seed_and_nothing_else_does()
    {
        using var checkpoint = Checkpoint.Open(Golden.Data("bert", "mlm"));
        Parameters New(int seed) => Parameters.Of(checkpoint.Config, "mlm", HeadKind.QuestionAnswering, checkpoint, seed);
        using Parameters one = New(1), same = New(1), other = New(2);
        Assert.Equal(["qa_outputs.weight", "qa_outputs.bias"], one.Fresh);
        var head = one.Find("qa_outputs.weight")!;
        Assert.Equal(one.Of(head).ToArray(), same.Of(head).ToArray());
        Assert.NotEqual(one.Of(head).ToArray(), other.Of(head).ToArray());
        Assert.Contains("has no such head", Assert.Throws<TrainingException>(() => Parameters.Of(checkpoint.Config, "mlm", HeadKind.CausalLanguageModel, checkpoint, 1)).Message, StringComparison.Ordinal);
    }

    private static double Loss(ReadOnlySpan<float> logits, int target)
    {
        double sum = 0;
        foreach (var x in logits)
            sum += Math.Exp(x);
        return Math.Log(sum) - logits[target];
    }
}
