using AttentionServer.Methods;
using AttentionServer.Methods.Flow;

namespace AttentionServer.Tests.Methods;

/// <summary>The ways from an output token back to the input.</summary>
public class FlowGraphTests
{
    private const int Tokens = 6;
    private const int Layers = 3;

    [Fact]
    public void Rollout_taken_apart_puts_rollout_together()
    {
        var attention = Random(7);
        var rollout = RolloutOf(attention);
        for (var source = 0; source < Tokens; source++)
        {
            var edges = FlowGraph.Of(attention, new(FlowEdges.Rollout, Layers, source, 0)).Edges;
            for (var layer = 0; layer < Layers; layer++)
                Assert.Equal(1, edges.Layer(layer).ToArray().Sum(x => (double)x), 1e-5);
            for (var input = 0; input < Tokens; input++)
                Assert.Equal(rollout[(source * Tokens) + input], Enumerable.Range(0, Tokens).Sum(to => (double)edges.Layer(0)[(to * Tokens) + input]), 1e-5);
        }
    }

    [Fact]
    public void What_flows_into_a_token_flows_out_and_the_cut_is_as_wide_as_the_flow()
    {
        var attention = Random(3);
        for (var layers = 1; layers <= Layers; layers++)
            for (var source = 0; source < Tokens; source++)
                for (var sink = 0; sink < Tokens; sink++)
                {
                    var graph = FlowGraph.Of(attention, new(FlowEdges.Flow, layers, source, sink));
                    var edges = graph.Edges;
                    Assert.Equal(graph.Total, Enumerable.Range(0, Tokens).Sum(from => (double)edges.Layer(layers - 1)[(source * Tokens) + from]), 1e-5);
                    Assert.Equal(graph.Total, Enumerable.Range(0, Tokens).Sum(to => (double)edges.Layer(0)[(to * Tokens) + sink]), 1e-5);
                    for (var layer = 1; layer < layers; layer++)
                        for (var token = 0; token < Tokens; token++)
                            Assert.Equal(
                                Enumerable.Range(0, Tokens).Sum(to => (double)edges.Layer(layer)[(to * Tokens) + token]),
                                Enumerable.Range(0, Tokens).Sum(from => (double)edges.Layer(layer - 1)[(token * Tokens) + from]),
                                1e-5);
                    Assert.Equal(graph.Total, graph.Cut.Sum(e => e.Capacity), 1e-5);
                    Assert.All(graph.Cut, e => Assert.Equal(e.Capacity, edges.Layer(e.Layer)[(e.To * Tokens) + e.From], 1e-5));
                }
    }

    [Fact]
    public void Attention_stays_as_it_is() =>
        Assert.Equal(Random(5).Scores, FlowGraph.Of(Random(5), new(FlowEdges.Attention, Layers, 0, 0)).Edges.Scores);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(4, 0, 0)]
    [InlineData(3, 6, 0)]
    [InlineData(3, 0, -1)]
    public void Places_outside_are_refused(int layers, int source, int sink) =>
        Assert.Throws<MethodException>(() => FlowGraph.Of(Random(1), new(FlowEdges.Flow, layers, source, sink)));

    private static ContextMap Random(int seed)
    {
        var (random, map) = (new Random(seed), new ContextMap(Layers, Tokens));
        for (var i = 0; i < map.Scores.Length; i++)
            map.Scores[i] = (float)Math.Pow(random.NextDouble(), 3);
        for (var layer = 0; layer < Layers; layer++)
            Matrices.NormaliseRows(map.Layer(layer), Tokens);
        return map;
    }

    /// <summary>(½A₃ + ½I)(½A₂ + ½I)(½A₁ + ½I), in 64 bits.</summary>
    private static double[] RolloutOf(ContextMap attention)
    {
        double[] Mixed(int layer) => [.. attention.Layer(layer).ToArray().Select((x, at) => (x / 2.0) + (at / Tokens == at % Tokens ? 0.5 : 0))];
        var product = Mixed(0);
        for (var layer = 1; layer < Layers; layer++)
        {
            var (above, below) = (Mixed(layer), product);
            product = [.. Enumerable.Range(0, Tokens * Tokens).Select(at => Enumerable.Range(0, Tokens).Sum(k => above[(at / Tokens * Tokens) + k] * below[(k * Tokens) + (at % Tokens)]))];
        }

        return product;
    }
}
