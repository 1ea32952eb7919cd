using AttentionServer.Graphs;
using AttentionServer.Graphs.Gradients;
using AttentionServer.Models.Architectures;

namespace AttentionServer.Tests.Graphs;

/// <summary>
/// Every gradient rule against finite differences in 64 bits, over random shapes with and without broadcasting; and what
/// ONNX Runtime makes of the appended nodes against what the interpreter does.
/// </summary>
public class GradientTests
{
    private const int Rounds = 12;

    private sealed record Case(string Name, Func<Random, Builder, Value> Build);

    private static readonly Case[] All =
    [
        new("Add", (r, b) => Broadcast(r, b, b.Graph.Add)),
        new("Sub", (r, b) => Broadcast(r, b, b.Graph.Subtract)),
        new("Mul", (r, b) => Broadcast(r, b, b.Graph.Multiply)),
        new("Div", (r, b) => Broadcast(r, b, (x, y) => b.Graph.Divide(x, b.Graph.Add(b.Graph.Multiply(y, y), b.Graph.Scalar(1))))),
        new("Neg", (r, b) => b.Graph.Negate(b.Input(r))),
        new("Exp", (r, b) => b.Graph.Exp(b.Input(r))),
        new("Log", (r, b) => b.Graph.Log(b.Graph.Exp(b.Input(r)))),
        new("Sqrt", (r, b) => b.Graph.Sqrt(b.Graph.Exp(b.Input(r)))),
        new("Erf", (r, b) => b.Graph.Erf(b.Input(r))),
        new("Tanh", (r, b) => b.Graph.Tanh(b.Input(r))),
        new("Sigmoid", (r, b) => b.Graph.Sigmoid(b.Input(r))),
        new("Relu", (r, b) => b.Graph.Relu(b.Input(r))),
        new("Gelu", (r, b) => b.Graph.Gelu(b.Input(r))),
        new("Gelu", (r, b) => b.Graph.GeluTanh(b.Input(r))),
        new("Identity", (r, b) =>
        {
            var x = b.Input(r);
            b.Graph.Output("kept", x);
            return b.Graph.Multiply(b.Graph.Outputs["kept"], x);
        }),
        new("Cast", (r, b) => b.Graph.Cast(b.Input(r), ElementType.Float)),
        new("Softmax", (r, b) => b.Graph.Softmax(b.Input(r))),
        new("LayerNormalization", (r, b) =>
        {
            var x = b.Input(r, Dims(r, 2));
            return b.Graph.LayerNorm(x, b.Input(r, x.Shape[-1]), b.Input(r, x.Shape[-1]), 1e-5f);
        }),
        new("MatMul", (r, b) =>
        {
            Dim m = r.Next(1, 4), k = r.Next(1, 4), n = r.Next(1, 4), h = r.Next(1, 3);
            var repeated = r.Next(3);
            return b.Graph.MatMul(b.Input(r, repeated == 1 ? 1L : h, m, k), repeated == 2 ? b.Input(r, k, n) : b.Input(r, h, k, n));
        }),
        new("Gemm", (r, b) =>
        {
            Dim rows = r.Next(1, 5), inner = r.Next(1, 4), outer = r.Next(1, 4);
            var inputsFirst = r.Next(2) == 0;
            return b.Graph.Linear(b.Input(r, rows, inner), inputsFirst ? b.Input(r, inner, outer) : b.Input(r, outer, inner), r.Next(2) == 0 ? null : b.Input(r, outer), inputsFirst);
        }),
        new("Reshape", (r, b) => b.Graph.Reshape(b.Input(r, 2, 3, "T"), 3, (Dim)2 * "T")),
        new("Transpose", (r, b) => b.Graph.Transpose(b.Input(r, 2, "T", 4), [.. Enumerable.Range(0, 3).OrderBy(_ => r.Next())])),
        new("Expand", (r, b) => b.Graph.ExpandLike(b.Input(r, 1, 3), b.Input(r, 2, "T", 3))),
        new("ReduceSum", (r, b) => b.Graph.ReduceSum(b.Input(r, 2, "T", 4), r.Next(3), 0)),
        new("ReduceMean", (r, b) => b.Graph.ReduceMean(b.Input(r, "T", 4), -1)),
        new("Gather", (r, b) => b.Graph.Gather(b.Input(r, 5, 3), b.Indices(r, 5, 2, "T"))),
        new("Slice", (r, b) => b.Graph.Slice(b.Input(r, "T", 6, 2), 1, r.Next(3), 3 + r.Next(3))),
        new("Slice", (r, b) =>
        {
            var longer = b.Input(r, 9, 2);
            _ = b.Input(r, "T", 2);
            return b.Graph.Slice(longer, 0, 0, "T");
        }),
        new("Slice", (r, b) => b.Graph.Slice(b.Input(r, 2, "T", 3), 1, 0, 1)),
        new("Concat", (r, b) => b.Graph.Concat(1, b.Input(r, "T", 2), b.Input(r, "T", 3))),
        new("used twice", (r, b) =>
        {
            var x = b.Input(r, 3, 3);
            return b.Graph.Add(b.Graph.Multiply(x, x), b.Graph.MatMul(x, b.Graph.Transpose(b.Graph.Tanh(x), 1, 0)));
        }),
    ];

    public static IEnumerable<object[]> Cases => Enumerable.Range(0, All.Length).Select(i => new object[] { i, All[i].Name });

    [Theory, MemberData(nameof(Cases))]
    public void A_rule_agrees_with_finite_differences_and_with_the_runtime(int which, string name)
    {
        Assert.NotEmpty(name);
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random((which * 1000) + round);
            var builder = new Builder(random.Next(1, 4));
            var y = All[which].Build(random, builder);
            var seed = builder.Seed(random, y);
            var before = builder.Run(y).Data;
            var gradients = Gradient.Of(builder.Graph, y, seed, builder.Differentiable(y));
            foreach (var (one, other) in before.Zip(builder.Run(y).Data))
                Assert.True(Math.Abs(one - other) < 1e-6 * Math.Max(1, Math.Abs(one)), $"{name}, round {round}: {one} became {other} when its way forward was spelled out");
            foreach (var (x, gradient) in builder.Differentiable(y).Zip(gradients))
            {
                var exact = builder.Run(gradient).Data;
                var differences = builder.Differences(y, seed, x);
                var scale = Math.Max(1, differences.Max(Math.Abs));
                for (var i = 0; i < exact.Length; i++)
                    Assert.True(Math.Abs(exact[i] - differences[i]) < 1e-6 * scale, $"{name}, round {round}: d/d{x} number {i} is {exact[i]} and by differences {differences[i]}");
                var run = builder.RunOnRuntime(gradient);
                Assert.Equal(exact.Length, run.Length);
                for (var i = 0; i < exact.Length; i++)
                    Assert.True(Math.Abs(exact[i] - run[i]) < 1e-5 * scale, $"{name}, round {round}: d/d{x} number {i} is {exact[i]} and on the runtime {run[i]}");
            }
        }
    }

    [Fact]
    public void Every_operator_that_models_are_composed_of_has_a_rule_or_a_reason()
    {
        var composed = GoldenModels.All.SelectMany(m =>
        {
            using var model = GoldenModels.Open(m.Architecture, m.Head);
            return ArchitectureRegistry.For(model.Checkpoint).Compose(model.Checkpoint, new() { Head = model.Head, Attentions = true }).Nodes.Select(n => n.Operator).ToList();
        }).Distinct();
        Assert.DoesNotContain(composed, op => !GradientRules.Operators.Contains(op) && !GradientRules.NotDifferentiable.ContainsKey(op));
        Assert.DoesNotContain(GradientRules.Operators, op => !All.Any(c => c.Name == op));
    }

    [Fact]
    public void What_does_not_depend_on_a_value_and_what_has_no_rule_are_said()
    {
        var graph = new GraphBuilder();
        var (x, other) = (graph.Input("x", ElementType.Float, 2), graph.Input("other", ElementType.Float, 2));
        var y = graph.Tanh(x);
        Assert.Contains("does not depend on other", Assert.Throws<GraphException>(() => Gradient.Of(graph, y, x, [other])).Message, StringComparison.Ordinal);
        Assert.Contains("Sign has no gradient rule: a step", Assert.Throws<GraphException>(() => Gradient.Of(graph, graph.Sign(x), x, [x])).Message, StringComparison.Ordinal);
        Assert.Contains("must have the shape", Assert.Throws<GraphException>(() => Gradient.Of(graph, y, graph.Scalar(1), [x])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_lies_between_is_differentiated()
    {
        var graph = new GraphBuilder();
        var (x, w) = (graph.Input("x", ElementType.Float, 2, 3), graph.Input("w", ElementType.Float, 4, 3));
        var before = graph.Sign(x);
        var y = graph.Linear(graph.Add(graph.Tanh(before), w is null ? x : x), w!, null);
        _ = graph.Exp(y);
        var count = graph.Nodes.Count;
        Gradient.Of(graph, y, graph.Input("seed", ElementType.Float, 2, 4), [w!]);
        // gᵀx alone.
        Assert.Equal(["Gemm"], graph.Nodes.Skip(count).Select(n => n.Operator));
    }

    private static Dim[] Dims(Random random, int rank) => [.. Enumerable.Range(0, rank).Select(_ => (Dim)random.Next(1, 5))];

    private static Value Broadcast(Random random, Builder builder, Func<Value, Value, Value> op)
    {
        Dim[] whole = [2, "T", 3];
        Dim[] part = [.. whole.Select(d => random.Next(3) == 0 ? (Dim)1L : d).Skip(random.Next(3))];
        Value a = builder.Input(random, whole), b = builder.Input(random, part);
        return random.Next(2) == 0 ? op(a, b) : op(b, a);
    }

    /// <summary>A graph with random inputs, their numbers, and two ways to run it.</summary>
    private sealed class Builder(int length)
    {
        private readonly Dictionary<string, Numbers> _given = [];
        private readonly List<Value> _inputs = [];

        public GraphBuilder Graph { get; } = new();

        public Value Input(Random random, params Dim[] shape)
        {
            if (shape.Length == 0)
                shape = Dims(random, random.Next(1, 4));
            var value = Graph.Input($"x{_given.Count}", ElementType.Float, shape);
            var dims = Sizes(value);
            // Representable in 32 bits, and away from the corner of Relu.
            _given[value.Name] = new([.. Enumerable.Range(0, Numbers.Size(dims)).Select(_ => (double)(float)((0.1 + (1.5 * random.NextDouble())) * (random.Next(2) == 0 ? 1 : -1)))], dims);
            _inputs.Add(value);
            return value;
        }

        public Value Indices(Random random, int below, params Dim[] shape)
        {
            var value = Graph.Input($"x{_given.Count}", ElementType.Int64, shape);
            var dims = Sizes(value);
            _given[value.Name] = new([.. Enumerable.Range(0, Numbers.Size(dims)).Select(_ => (double)random.Next(below))], dims);
            return value;
        }

        public Value Seed(Random random, Value like)
        {
            var seed = Input(random, [.. like.Shape]);
            _inputs.Remove(seed);
            return seed;
        }

        public List<Value> Differentiable(Value of)
        {
            var reached = new HashSet<string> { of.Name };
            foreach (var node in Graph.Nodes.Reverse().Where(n => n.Operator != "Shape" && reached.Contains(n.Outputs[0].Name)))
                reached.UnionWith(node.Inputs.Select(i => i.Name));
            return [.. _inputs.Where(i => reached.Contains(i.Name))];
        }

        public Numbers Run(Value wanted) => new GraphInterpreter(Graph).Run(wanted, _given);

        public double[] Differences(Value y, Value seed, Value x)
        {
            const double step = 1e-5;
            double Loss(int at, double change)
            {
                var moved = (double[])_given[x.Name].Data.Clone();
                moved[at] += change;
                var result = new GraphInterpreter(Graph).Run(y, new Dictionary<string, Numbers>(_given) { [x.Name] = _given[x.Name] with { Data = moved } });
                return result.Data.Zip(_given[seed.Name].Data, (a, b) => a * b).Sum();
            }

            return [.. Enumerable.Range(0, _given[x.Name].Data.Length).Select(i => (Loss(i, step) - Loss(i, -step)) / (2 * step))];
        }

        public float[] RunOnRuntime(Value wanted)
        {
            var name = $"result {Graph.Outputs.Count}";
            Graph.Output(name, wanted);
            return GraphRunner.RunTyped(Graph, name, Graph.Inputs.Select(i => (i.Name, _given[i.Name].Data, Array.ConvertAll(_given[i.Name].Shape, d => (long)d), i.Type)));
        }

        private int[] Sizes(Value value) => [.. value.Shape.Select(d => (int)(d.IsKnown ? d.Factor : d.Factor * length))];
    }
}
