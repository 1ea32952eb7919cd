using AttentionServer.Methods.Analyses;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Methods.Flow;

/// <summary>What the edges of a graph of tokens and layers carry.</summary>
public enum FlowEdges
{
    /// <summary>Mean attention Ā of each layer, as it is.</summary>
    Attention,

    /// <summary>The share of one output token that comes through an edge, if mixing were linear: rollout taken apart.</summary>
    Rollout,

    /// <summary>The part of the maximum flow from one output token to one input token that goes through an edge.</summary>
    Flow,
}

/// <summary>Which graph: from a token after so many layers back to the input, and for flow to one token of it.</summary>
public sealed record FlowChoice(FlowEdges Edges, int Layers, int Source, int Sink);

/// <summary>
/// The ways from an output token back to the input, layer by layer (Abnar and Zuidema 2020). Of rollout, an edge carries
/// (e_source M_L … M_{l+1})_i · M_l[i,j] with M = ½Ā + ½I, so that each layer's edges sum to 1. Of flow, an edge carries what of the
/// maximum flow goes through it, and the minimum cut, equal to the flow (Ford and Fulkerson 1956), is its bottleneck.
/// </summary>
public sealed class FlowGraph
{
    private FlowGraph(ContextMap edges, double total, IReadOnlyList<FlowEdge> cut) => (Edges, Total, Cut) = (edges, total, cut);

    /// <summary>What each edge carries: [L][T,T], from a token after a layer (row) to one before it (column).</summary>
    public ContextMap Edges { get; }

    /// <summary>How much flows; 1 of rollout.</summary>
    public double Total { get; }

    /// <summary>The bottleneck of a flow.</summary>
    public IReadOnlyList<FlowEdge> Cut { get; }

    /// <summary>The graph of mean attentions [L][T,T].</summary>
    public static FlowGraph Of(ContextMap attention, FlowChoice choice)
    {
        var (tokens, layers) = (attention.Tokens, choice.Layers);
        if (layers < 1 || layers > attention.Layers)
            throw new MethodException($"flow: layer {layers}: the model has {attention.Layers}: choose one of them");
        foreach (var token in new[] { choice.Source, choice.Sink })
            if (token < 0 || token >= tokens)
                throw new MethodException($"flow: token {token}: the text has tokens 0 to {tokens - 1}: choose one of them");
        var edges = new ContextMap(layers, tokens);
        attention.Scores.AsSpan(0, edges.Scores.Length).CopyTo(edges.Scores);
        if (choice.Edges == FlowEdges.Attention)
            return new(edges, 1, []);
        Rollout.WithResidual(edges);
        if (choice.Edges == FlowEdges.Rollout)
        {
            Weigh(edges, choice.Source);
            return new(edges, 1, []);
        }

        var network = new MaximumFlow(edges);
        var total = network.Between(layers, choice.Source, choice.Sink);
        var carried = new ContextMap(layers, tokens);
        for (var layer = 0; layer < layers; layer++)
            for (var to = 0; to < tokens; to++)
                for (var from = 0; from < tokens; from++)
                    carried.Layer(layer)[(to * tokens) + from] = (float)network.Through(layer, to, from);
        return new(carried, total, network.Cut(layers));
    }

    /// <summary>The graph of an analysis, kept like one: tensors <c>edges</c> [L,T,T], <c>cut</c> [n,4] (layer, to, from, capacity) and <c>total</c>.</summary>
    public static Analysis In(AnalysisStore store, Analysis analysis, FlowChoice choice) => store.GetOrCreate(
        ["flow graph 1", analysis.Id, $"{choice}"],
        path =>
        {
            var attention = new ContextMap(analysis.Metadata.Layers, analysis.Metadata.Tokens.Count);
            AnalysisReader.Layers(analysis, "attention_mean").CopyTo(attention.Scores, 0);
            var graph = Of(attention, choice);
            var metadata = analysis.Metadata with { Maps = [], Others = new Dictionary<string, string>(), Target = null, TargetPlaces = null, Predictions = [], Notes = [] };
            float[] cut = [.. graph.Cut.SelectMany(e => new[] { e.Layer, e.To, e.From, (float)e.Capacity })];
            AnalysisFile.Write(
                path,
                [
                    SafetensorsEntry.Of("edges", graph.Edges.Scores, graph.Edges.Layers, graph.Edges.Tokens, graph.Edges.Tokens),
                    SafetensorsEntry.Of("cut", cut, graph.Cut.Count, 4),
                    SafetensorsEntry.Of("total", [(float)graph.Total], 1),
                ],
                metadata);
            return metadata;
        });

    /// <summary>Each edge times what arrives at its upper end on the way down from the source, in place.</summary>
    private static void Weigh(ContextMap edges, int source)
    {
        var tokens = edges.Tokens;
        var arrived = new double[tokens];
        arrived[source] = 1;
        for (var layer = edges.Layers - 1; layer >= 0; layer--)
        {
            var matrix = edges.Layer(layer);
            var next = new double[tokens];
            for (var to = 0; to < tokens; to++)
                for (var from = 0; from < tokens; from++)
                {
                    ref var edge = ref matrix[(to * tokens) + from];
                    next[from] += arrived[to] * edge;
                    edge = (float)(arrived[to] * edge);
                }

            arrived = next;
        }
    }
}
