using AttentionServer.Methods;
using AttentionServer.Methods.Flow;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Methods;

/// <summary>Attention flow against a plain Edmonds–Karp on the same network.</summary>
public class FlowTests
{
    [Fact]
    public void Flows_are_maximal_in_any_layered_network()
    {
        // Small whole numbers: ties and empty edges in plenty, and sums that are exact.
        var networks = Gen.Choose(1, 4).SelectMany(layers => Gen.Choose(1, 6).SelectMany(tokens =>
            Gen.Choose(-3, 5).ListOf(layers * tokens * tokens).Select(list => (layers, tokens, Capacities: list.Select(c => (float)Math.Max(0, c)).ToArray()))));
        Prop.ForAll(Arb.From(networks), network =>
        {
            var (layers, tokens, capacities) = network;
            var map = new ContextMap(layers, tokens);
            capacities.CopyTo(map.Scores, 0);
            var flow = new MaximumFlow(map);
            for (var top = 1; top <= layers; top++)
                for (var source = 0; source < tokens; source++)
                    for (var sink = 0; sink < tokens; sink++)
                        Assert.Equal(EdmondsKarp(map, top, source, sink), flow.Between(top, source, sink), 1e-9);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Layers_end_in_what_the_whole_model_lets_through()
    {
        using var model = RandomModels.Open("\"model_type\": \"bert\", \"num_attention_heads\": 3, \"hidden_size\": 24, \"num_hidden_layers\": 3, \"intermediate_size\": 40");
        using var run = RandomModels.Run(model, RandomModels.Text(9), "flow_layers,flow");
        Assert.Equal(run.Of("flow").Values.ToArray(), run.Of("flow_layers").ToMap().Layer(2).ToArray());
    }

    /// <summary>Shortest augmenting paths on the whole graph (Edmonds and Karp 1972).</summary>
    private static double EdmondsKarp(ContextMap map, int top, int source, int sink)
    {
        var tokens = map.Tokens;
        var left = new Dictionary<(int From, int To), double>();
        int Node(int layer, int token) => (layer * tokens) + token;
        for (var layer = 1; layer <= top; layer++)
            for (var i = 0; i < tokens; i++)
                for (var j = 0; j < tokens; j++)
                {
                    left[(Node(layer, i), Node(layer - 1, j))] = map.Layer(layer - 1)[(i * tokens) + j];
                    left[(Node(layer - 1, j), Node(layer, i))] = 0;
                }

        var (start, end, flow) = (Node(top, source), Node(0, sink), 0.0);
        while (true)
        {
            var before = new Dictionary<int, int> { [start] = start };
            var queue = new Queue<int>([start]);
            while (queue.TryDequeue(out var node) && !before.ContainsKey(end))
                foreach (var (edge, capacity) in left)
                    if (edge.From == node && capacity > 1e-12 && before.TryAdd(edge.To, node))
                        queue.Enqueue(edge.To);
            if (!before.ContainsKey(end))
                return flow;
            var path = new List<(int, int)>();
            for (var node = end; node != start; node = before[node])
                path.Add((before[node], node));
            var least = path.Min(edge => left[edge]);
            foreach (var (from, to) in path)
            {
                left[(from, to)] -= least;
                left[(to, from)] += least;
            }

            flow += least;
        }
    }
}
