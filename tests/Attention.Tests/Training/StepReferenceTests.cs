using AttentionServer.Models;
using AttentionServer.Training;

namespace AttentionServer.Tests.Training;

/// <summary>
/// Steps against PyTorch's (models/training/make_golden.py wrote tests/golden/training): the same weights and batch, no dropout;
/// losses, gradient lengths, gradients, and the weights after four steps of clipping, AdamW and decay.
/// </summary>
public class StepReferenceTests
{
    private static readonly double[] Rates = [1e-3, 3e-3, 2e-3, 1e-3];

    private const string Config = """
        {"model_type": "bert", "vocab_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 8, "intermediate_size": 12,
         "max_position_embeddings": 12, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 0}
        """;

    [Theory, InlineData("mlm", HeadKind.MaskedLanguageModel), InlineData("qa", HeadKind.QuestionAnswering)]
    public void Steps_are_those_of_PyTorch(string file, HeadKind head)
    {
        using var expected = new Expected(Golden.Data("training", $"{file}.safetensors"));
        using var parameters = Parameters.Of(ModelConfig.Parse(Config, "test"), "test", head, null, 1);
        foreach (var parameter in parameters.All)
            expected.Floats($"before.{parameter.Name}").CopyTo(parameters.Of(parameter));
        using var runner = new StepRunner(parameters, head, TinyModels.Execution);
        var settings = new TrainingSettings { Decay = 0.1, Beta1 = 0.9, Beta2 = 0.98, Clip = 1 };
        using var optimiser = new AdamW(parameters, settings, 2);
        var batch = head == HeadKind.MaskedLanguageModel ? Words(expected) : Answers(expected);
        Span<float> losses = stackalloc float[Rates.Length], norms = stackalloc float[Rates.Length];
        for (var step = 0; step < Rates.Length; step++)
        {
            losses[step] = (float)(runner.Backward(batch, 1f / batch.Choices, 0, optimiser.Gradients, add: false, CancellationToken.None) / batch.Choices);
            if (step == 0)
                foreach (var parameter in parameters.All)
                    Close(expected.Floats($"gradient.{parameter.Name}"), optimiser.Gradients.Span(parameter.Offset, parameter.Count), $"gradient of {parameter.Name}");
            norms[step] = (float)optimiser.Step(step + 1, Rates[step]);
        }

        Close(expected.Floats("losses"), losses, "losses");
        Close(expected.Floats("norms"), norms, "gradient lengths");
        // Some gradients vanish by themselves (a bias of keys shifts all scores of a query alike, one of the last states all logits of
        // a span): what is left is rounding, which Adam scales up to whole steps.
        var vanishing = parameters.All.Where(p => Largest(expected.Floats($"gradient.{p.Name}")) < 1e-6).ToList();
        Assert.All(vanishing, p => Assert.EndsWith(".bias", p.Name, StringComparison.Ordinal));
        Assert.InRange(vanishing.Count, 0, 4);
        foreach (var parameter in parameters.All.Except(vanishing))
            Close(expected.Floats($"after.{parameter.Name}"), parameters.Of(parameter), parameter.Name);
    }

    // Of the largest number, or of 1e-2 where all are near zero: gradients of key biases are zero but for rounding.
    private static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        var largest = Math.Max(1e-2, Largest(expected));
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-4 * largest, $"{what}: number {i} is {actual[i]}, in PyTorch {expected[i]}");
    }

    private static double Largest(ReadOnlySpan<float> numbers)
    {
        var largest = 0f;
        foreach (var x in numbers)
            largest = Math.Max(largest, Math.Abs(x));
        return largest;
    }

    private static Batch Words(Expected given)
    {
        int[] ids = given.Integers("ids"), types = given.Integers("types"), where = given.Integers("where"), targets = given.Integers("targets");
        return new([.. Enumerable.Range(0, 2).Select(i => new TrainingText(ids[(i * 10)..((i + 1) * 10)], types[(i * 10)..((i + 1) * 10)], targets[(i * 3)..((i + 1) * 3)], where[(i * 3)..((i + 1) * 3)]))]);
    }

    private static Batch Answers(Expected given)
    {
        int[] ids = given.Integers("ids"), types = given.Integers("types"), lengths = given.Integers("lengths"), start = given.Integers("start"), end = given.Integers("end");
        return new([.. lengths.Select((n, i) => new TrainingText(ids[(i * 11)..((i * 11) + n)], types[(i * 11)..((i * 11) + n)], [start[i], end[i]], []))]);
    }
}
