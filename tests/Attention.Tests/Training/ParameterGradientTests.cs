using AttentionServer.Graphs;
using AttentionServer.Models;
using AttentionServer.Models.Architectures;
using AttentionServer.Tests.Graphs;
using AttentionServer.Training;

namespace AttentionServer.Tests.Training;

/// <summary>
/// The gradient of every parameter of every architecture and head: by the graph in 64 bits against differences of the loss along a
/// random direction in that parameter, and what the runtime makes of the graph against 64 bits, number by number.
/// </summary>
public class ParameterGradientTests
{
    public static TheoryData<string, HeadKind> Cases
    {
        get
        {
            var cases = new TheoryData<string, HeadKind>();
            foreach (var architecture in TinyModels.Architectures)
            {
                cases.Add(architecture, architecture == "gpt2" ? HeadKind.CausalLanguageModel : HeadKind.MaskedLanguageModel);
                cases.Add(architecture, HeadKind.QuestionAnswering);
                cases.Add(architecture, HeadKind.Classification);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_gradient_of_every_parameter_agrees_with_differences_and_with_the_runtime(string architecture, HeadKind head)
    {
        using var parameters = TinyModels.Parameters(architecture, head);
        using var runner = new StepRunner(parameters, head, TinyModels.Execution);
        var batch = TinyModels.Batch(head);
        var graph = runner.Compose(batch, backward: true);
        var given = Given(graph, parameters, batch, head);
        var exact = Exact(graph, parameters, batch, head, given);
        var (loss, gradients) = runner.Gradients(batch, CancellationToken.None);
        Assert.Equal(Loss(graph, given), loss, 1e-5);

        var random = new Random(7);
        foreach (var parameter in parameters.All)
        {
            var direction = Enumerable.Range(0, parameter.Count).Select(_ => random.NextDouble() - 0.5).ToArray();
            const double step = 1e-5;
            var difference = (Moved(step) - Moved(-step)) / (2 * step);
            var along = exact[parameter.Name].Zip(direction, (g, d) => g * d).Sum();
            Assert.True(Math.Abs(along - difference) < 1e-6 * Math.Max(0.01, Math.Abs(difference)), $"{parameter.Name}: {along} along a direction, {difference} by differences");

            var largest = Math.Max(1e-3, exact[parameter.Name].Max(Math.Abs));
            for (var i = 0; i < parameter.Count; i++)
                Assert.True(Math.Abs(gradients[parameter.Name][i] - exact[parameter.Name][i]) < 1e-4 * largest, $"{parameter.Name}: number {i} is {gradients[parameter.Name][i]} on the runtime and {exact[parameter.Name][i]}");

            double Moved(double by)
            {
                var moved = new Dictionary<string, Numbers>(given);
                var numbers = given[parameter.Name] with { Data = [.. given[parameter.Name].Data.Zip(direction, (w, d) => w + (by * d))] };
                moved[parameter.Name] = moved[GraphNames.Table(parameter.Name)] = numbers;
                return Loss(graph, moved);
            }
        }
    }

    [Fact]
    public void A_tied_table_is_one_parameter_and_shared_layers_are_too()
    {
        using var bert = TinyModels.Parameters("bert", HeadKind.MaskedLanguageModel);
        Assert.DoesNotContain(bert.All, p => p.Name.Contains("decoder.weight", StringComparison.Ordinal));
        using var albert = TinyModels.Parameters("albert", HeadKind.Classification);
        Assert.Single(albert.All, p => p.Name.EndsWith("attention.query.weight", StringComparison.Ordinal));
        Assert.All(bert.All, p => Assert.Equal(p.Shape.Length == 2, p.Decays));
    }

    [Fact]
    public void Gradients_of_two_batches_add_up_to_those_of_both_at_once()
    {
        using var parameters = TinyModels.Parameters("bert", HeadKind.QuestionAnswering);
        using var runner = new StepRunner(parameters, HeadKind.QuestionAnswering, TinyModels.Execution);
        var whole = TinyModels.Batch(HeadKind.QuestionAnswering);
        using Slab together = new(parameters.Size), apart = new(parameters.Size);
        runner.Backward(whole, 0.25f, 0, together, add: false, CancellationToken.None);
        runner.Backward(new([whole.Texts[0]]), 0.25f, 0, apart, add: false, CancellationToken.None);
        runner.Backward(new([whole.Texts[1]]), 0.25f, 0, apart, add: true, CancellationToken.None);
        foreach (var parameter in parameters.All)
            for (var i = 0; i < parameter.Count; i++)
                Assert.Equal(together.Span(parameter.Offset, parameter.Count)[i], apart.Span(parameter.Offset, parameter.Count)[i], 1e-5f);
    }

    [Fact]
    public void Dropped_numbers_follow_from_seed_and_batch_and_average_out()
    {
        using var parameters = TinyModels.Parameters("bert", HeadKind.Classification);
        var batch = TinyModels.Batch(HeadKind.Classification);
        double Loss(double dropout, int seed, long number)
        {
            using var runner = new StepRunner(parameters, HeadKind.Classification, TinyModels.Execution, dropout, seed);
            using var gradients = new Slab(parameters.Size);
            return runner.Backward(batch, 0.5f, number, gradients, add: false, CancellationToken.None);
        }

        Assert.Equal(Loss(0.3, 1, 5), Loss(0.3, 1, 5));
        Assert.NotEqual(Loss(0.3, 1, 5), Loss(0.3, 1, 6));
        Assert.NotEqual(Loss(0.3, 1, 5), Loss(0.3, 2, 5));
        var spec = new GraphSpec { Head = HeadKind.Classification, Padded = true };
        var inputs = new StepInputs(batch, spec, new Bert(), parameters.Config);
        new DropoutMasks(0.25, 1, parameters.Config, 2).AddTo(inputs, new([.. Enumerable.Repeat(batch.Texts[0], 40)]), spec, 0);
        foreach (var mask in inputs.All.Where(i => i.Name.StartsWith("dropped.", StringComparison.Ordinal)))
            Assert.InRange(((float[])mask.Values).Average(), 0.9, 1.1);
    }

    private static double Loss(GraphBuilder graph, Dictionary<string, Numbers> given) => new GraphInterpreter(graph).Run(graph.Outputs[GraphNames.RowLosses], given).Data.Average();

    /// <summary>Everything the graph is given, in 64 bits.</summary>
    private static Dictionary<string, Numbers> Given(GraphBuilder graph, Parameters parameters, Batch batch, HeadKind head)
    {
        var spec = new GraphSpec { Head = head, Padded = batch.Padded, PickedRows = head is HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel };
        var inputs = new StepInputs(batch, spec, ArchitectureRegistry.For(parameters), parameters.Config);
        var weights = new float[batch.Choices];
        Array.Fill(weights, 1f / batch.Choices);
        inputs.Add(GraphNames.TargetWeights, weights, batch.Choices, 1);
        var given = inputs.All.ToDictionary(
            i => i.Name,
            i => new Numbers(i.Values is long[] whole ? Array.ConvertAll(whole, n => (double)n) : Array.ConvertAll((float[])i.Values, n => (double)n), Array.ConvertAll(i.Dims, d => (int)d)));
        foreach (var parameter in parameters.All)
            given[parameter.Name] = given[GraphNames.Table(parameter.Name)] = new(Array.ConvertAll(parameters.Of(parameter).ToArray(), n => (double)n), Array.ConvertAll(parameter.Shape, d => (int)d));
        Assert.All(graph.Inputs, input => Assert.Contains(input.Name, given.Keys));
        return given;
    }

    /// <summary>The gradients by 64-bit loops; rows looked up in a table are added where they came from.</summary>
    private static Dictionary<string, double[]> Exact(GraphBuilder graph, Parameters parameters, Batch batch, HeadKind head, Dictionary<string, Numbers> given)
    {
        var interpreter = new GraphInterpreter(graph);
        return parameters.All.ToDictionary(p => p.Name, p =>
        {
            var sum = graph.Outputs.TryGetValue(GraphNames.WeightGradient(p.Name), out var dense) ? (double[])interpreter.Run(dense, given).Data.Clone() : new double[p.Count];
            if (!graph.Outputs.TryGetValue(GraphNames.RowGradient(p.Name), out var looked))
                return sum;
            var rows = interpreter.Run(looked, given).Data;
            var width = (int)p.Shape[1];
            var by = p.Name.Contains("token_type", StringComparison.Ordinal) ? GraphNames.TokenTypeIds : p.Name.Contains("position", StringComparison.Ordinal) ? GraphNames.PositionIds : GraphNames.InputIds;
            for (var i = 0; i < rows.Length; i++)
                sum[((int)given[by].Data[i / width] * width) + (i % width)] += rows[i];
            return sum;
        });
    }
}
