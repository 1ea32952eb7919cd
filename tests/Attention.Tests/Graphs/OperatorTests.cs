using AttentionServer.Graphs;

namespace AttentionServer.Tests.Graphs;

/// <summary>Every operator is run and compared with a plain loop over the same numbers.</summary>
public class OperatorTests
{
    private static readonly Random Seeded = new(7);

    public static TheoryData<string> ElementwiseNames => [.. Elementwise.Keys];

    private static readonly Dictionary<string, (Func<GraphBuilder, Value, Value> Build, Func<double, double> Expect)> Elementwise = new()
    {
        ["Tanh"] = ((g, x) => g.Tanh(x), Math.Tanh),
        ["Sigmoid"] = ((g, x) => g.Sigmoid(x), x => 1 / (1 + Math.Exp(-x))),
        ["Relu"] = ((g, x) => g.Relu(x), x => Math.Max(0, x)),
        ["Gelu"] = ((g, x) => g.Gelu(x), x => x * NormalDistribution(x)),
        ["GeluTanh"] = ((g, x) => g.GeluTanh(x), x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))))),
    };

    public static TheoryData<string> BinaryNames => [.. Binary.Keys];

    private static readonly Dictionary<string, (Func<GraphBuilder, Value, Value, Value> Build, Func<double, double, double> Expect)> Binary = new()
    {
        ["Add"] = ((g, a, b) => g.Add(a, b), (a, b) => a + b),
        ["Subtract"] = ((g, a, b) => g.Subtract(a, b), (a, b) => a - b),
        ["Multiply"] = ((g, a, b) => g.Multiply(a, b), (a, b) => a * b),
        ["Divide"] = ((g, a, b) => g.Divide(a, b), (a, b) => a / b),
    };

    [Theory, MemberData(nameof(ElementwiseNames))]
    public void Elementwise_operators_agree_with_their_formula(string name)
    {
        var (build, expect) = Elementwise[name];
        var x = Numbers(24);
        var graph = new GraphBuilder();
        graph.Output("y", build(graph, graph.Input("x", ElementType.Float, "n", 6)));
        Near(x.Select(v => expect(v)), GraphRunner.Run(graph, new() { ["x"] = (x, [4, 6]) }));
    }

    [Theory, MemberData(nameof(BinaryNames))]
    public void Binary_operators_broadcast(string name)
    {
        var (build, expect) = Binary[name];
        float[] a = Numbers(12), b = [1.5f, -2f, 3f];
        var graph = new GraphBuilder();
        graph.Output("y", build(graph, graph.Input("a", ElementType.Float, "n", 2, 3), graph.Input("b", ElementType.Float, 3)));
        Near(a.Select((v, i) => expect(v, b[i % 3])), GraphRunner.Run(graph, new() { ["a"] = (a, [2, 2, 3]), ["b"] = (b, [3]) }));
    }

    [Fact]
    public void Softmax_rows_are_exponentials_over_their_sum()
    {
        var x = Numbers(8);
        var graph = new GraphBuilder();
        graph.Output("y", graph.Softmax(graph.Input("x", ElementType.Float, "n", 4)));
        var expected = x.Chunk(4).SelectMany(row => row.Select(v => Math.Exp(v) / row.Sum(u => Math.Exp(u))));
        Near(expected, GraphRunner.Run(graph, new() { ["x"] = (x, [2, 4]) }));
    }

    [Fact]
    public void LayerNorm_uses_the_biased_variance_and_epsilon_inside_the_root()
    {
        float[] x = Numbers(10), scale = Numbers(5), bias = Numbers(5);
        var graph = new GraphBuilder();
        graph.Output("y", graph.LayerNorm(graph.Input("x", ElementType.Float, "n", 5), graph.Weight("scale", 5), graph.Weight("bias", 5), 0.1f));
        var expected = x.Chunk(5).SelectMany(row =>
        {
            double mean = row.Average(), variance = row.Average(v => (v - mean) * (v - mean));
            return row.Select((v, i) => ((v - mean) / Math.Sqrt(variance + 0.1) * scale[i]) + bias[i]);
        });
        Near(expected, GraphRunner.Run(graph, new() { ["x"] = (x, [2, 5]) }, new() { ["scale"] = scale, ["bias"] = bias }));
    }

    [Fact]
    public void MatMul_broadcasts_leading_axes()
    {
        float[] a = Numbers(2 * 3 * 4), b = Numbers(4 * 5);
        var graph = new GraphBuilder();
        graph.Output("y", graph.MatMul(graph.Input("a", ElementType.Float, "B", 3, 4), graph.Input("b", ElementType.Float, 4, 5)));
        var expected = from row in Enumerable.Range(0, 6) from column in Enumerable.Range(0, 5) select Enumerable.Range(0, 4).Sum(k => (double)a[(row * 4) + k] * b[(k * 5) + column]);
        Near(expected, GraphRunner.Run(graph, new() { ["a"] = (a, [2, 3, 4]), ["b"] = (b, [4, 5]) }));
    }

    [Fact]
    public void Linear_takes_the_weight_as_PyTorch_stores_it()
    {
        float[] x = Numbers(2 * 3), weight = Numbers(4 * 3), bias = Numbers(4);
        var graph = new GraphBuilder();
        graph.Output("y", graph.Linear(graph.Input("x", ElementType.Float, "n", 3), graph.Weight("w", 4, 3), graph.Weight("b", 4)));
        var expected = from row in Enumerable.Range(0, 2) from o in Enumerable.Range(0, 4) select bias[o] + Enumerable.Range(0, 3).Sum(k => (double)x[(row * 3) + k] * weight[(o * 3) + k]);
        Near(expected, GraphRunner.Run(graph, new() { ["x"] = (x, [2, 3]) }, new() { ["w"] = weight, ["b"] = bias }));
    }

    [Fact]
    public void Reshape_finds_two_unknown_dimensions_when_it_runs()
    {
        var x = Numbers(2 * 3 * 4);
        var graph = new GraphBuilder();
        var input = graph.Input("x", ElementType.Float, "B", "T", 4);
        var rows = graph.Reshape(input, (Dim)"B" * "T", 4);
        graph.Output("y", graph.Transpose(graph.Reshape(rows, "B", "T", 2, 2), 0, 2, 1, 3));
        using var result = GraphRunner.RunAll(graph, new() { ["x"] = (x, [2, 3, 4]) });
        Assert.Equal([2, 2, 3, 2], result.Dims("y"));
        var expected = from b in Enumerable.Range(0, 2) from h in Enumerable.Range(0, 2) from t in Enumerable.Range(0, 3) from d in Enumerable.Range(0, 2) select (double)x[(((b * 3) + t) * 4) + (h * 2) + d];
        Near(expected, result.Floats("y").ToArray());
    }

    [Fact]
    public void Slice_gather_concat_and_cast_move_the_right_elements()
    {
        var table = Numbers(5 * 2);
        var graph = new GraphBuilder();
        var ids = graph.Input("ids", ElementType.Float, "T");
        var positions = graph.Slice(graph.Weight("table", 5, 2), 0, 0, "T");
        var picked = graph.Gather(positions, graph.Cast(ids, ElementType.Int64));
        graph.Output("y", graph.Concat(1, picked, graph.Slice(positions, 1, 1, 2)));
        var y = GraphRunner.Run(graph, new() { ["ids"] = ([2, 0, 1], [3]) }, new() { ["table"] = table });
        Near([table[4], table[5], table[1], table[0], table[1], table[3], table[2], table[3], table[5]], y);
    }

    [Fact]
    public void One_value_can_be_returned_under_two_names()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", ElementType.Float, 2);
        var y = graph.Tanh(x);
        graph.Output("first", y);
        graph.Output("second", y);
        graph.Output("unchanged", x);
        using var result = GraphRunner.RunAll(graph, new() { ["x"] = ([1, 2], [2]) });
        Assert.Equal(result.Floats("first").ToArray(), result.Floats("second").ToArray());
        Assert.Equal([1f, 2f], result.Floats("unchanged").ToArray());
    }

    [Fact]
    public void Two_graphs_share_the_memory_of_a_weight()
    {
        float[] first = [1, 2, 3], second = [10, 20, 30];
        foreach (var weight in new[] { first, second })
        {
            var graph = new GraphBuilder();
            graph.Output("y", graph.Add(graph.Input("x", ElementType.Float, 3), graph.Weight("w", 3)));
            Assert.Equal(weight, GraphRunner.Run(graph, new() { ["x"] = ([0, 0, 0], [3]) }, new() { ["w"] = weight }));
        }
    }

    private static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((Seeded.NextDouble() * 4) - 2))];

    private static double NormalDistribution(double x)
    {
        // Φ by Simpson's rule over the density: slow, plain and independent of any erf.
        const int steps = 2000;
        double sum = 0, width = x / steps;
        for (var i = 0; i <= steps; i++)
            sum += Math.Exp(-0.5 * Math.Pow(i * width, 2)) * (i is 0 or steps ? 1 : i % 2 == 1 ? 4 : 2);
        return 0.5 + (sum * width / 3 / Math.Sqrt(2 * Math.PI));
    }

    private static void Near(IEnumerable<double> expected, float[] actual)
    {
        var list = expected.ToArray();
        Assert.Equal(list.Length, actual.Length);
        for (var i = 0; i < list.Length; i++)
            Assert.Equal(list[i], actual[i], 1e-5);
    }
}
