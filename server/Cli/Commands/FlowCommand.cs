using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Flow;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention flow</c>: the maximum flow of attention between an output token and an input token, and its bottleneck.</summary>
internal static class FlowCommand
{
    private const int Strongest = 8;

    private static readonly TextOptions Source = new();
    private static readonly InterventionOptions Changes = new();
    private static readonly Option<int> OutputToken = new("--token") { Description = "The output token, counted from 0", Required = true };
    private static readonly Option<int> InputToken = new("--input") { Description = "The input token, counted from 0", Required = true };
    private static readonly Option<int?> Layers = new("--layers") { Description = "So many layers from the input; all by default" };
    private static readonly Option<FlowEdges> Edges = new("--edges") { Description = "What edges carry: flow, rollout or attention", DefaultValueFactory = _ => FlowEdges.Flow };

    public static Command Create()
    {
        var command = new Command("flow", "Follow attention from an output token back to an input token");
        Source.AddTo(command);
        Changes.AddTo(command);
        foreach (var option in new Option[] { OutputToken, InputToken, Layers, Edges })
            command.Options.Add(option);
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        using var model = terminal.While("Opening the model", () => Source.OpenModel(arguments));
        var encoding = Source.Encode(arguments, model);
        var choice = new FlowChoice(arguments.GetValue(Edges), arguments.GetValue(Layers) ?? model.Config.Layers, arguments.GetValue(OutputToken), arguments.GetValue(InputToken));
        var request = new AnalysisRequest { Encoding = encoding, Methods = [MethodRegistry.Find("attention_mean")], Interventions = Changes.Read(arguments, model, encoding) };
        var analysis = GlobalOptions.Store(arguments).GetOrCreate(model, request, cancellation);
        var attention = new ContextMap(model.Config.Layers, encoding.Tokens.Count);
        AnalysisReader.Layers(analysis, "attention_mean").CopyTo(attention.Scores, 0);
        var graph = FlowGraph.Of(attention, choice);
        if (terminal.Json)
            Console.Out.WriteLine(Json(graph, choice, analysis.Metadata).ToJsonString(new() { WriteIndented = true }));
        else
            Print(terminal, graph, choice, analysis.Metadata);
        return 0;
    }

    private static JsonObject Json(FlowGraph graph, FlowChoice choice, AnalysisMetadata metadata) => new()
    {
        ["model"] = metadata.Model,
        ["text"] = metadata.Text,
        ["edges"] = $"{choice.Edges}".ToLowerInvariant(),
        ["layers"] = choice.Layers,
        ["token"] = choice.Source,
        ["input"] = choice.Sink,
        ["total"] = graph.Total,
        ["cut"] = new JsonArray([.. graph.Cut.Select(Edge)]),
        ["carried"] = new JsonArray([.. Carried(graph).Select(Edge)]),
    };

    private static JsonObject Edge(FlowEdge edge) => new JsonObject { ["layer"] = edge.Layer + 1, ["to"] = edge.To, ["from"] = edge.From, ["amount"] = edge.Capacity };

    /// <summary>The edges that carry something, layer by layer from the top, the strongest first.</summary>
    private static IEnumerable<FlowEdge> Carried(FlowGraph graph)
    {
        var tokens = graph.Edges.Tokens;
        for (var layer = graph.Edges.Layers - 1; layer >= 0; layer--)
        {
            var matrix = graph.Edges.Layer(layer).ToArray();
            foreach (var at in Enumerable.Range(0, matrix.Length).Where(at => matrix[at] > 0).OrderByDescending(at => matrix[at]))
                yield return new(layer, at / tokens, at % tokens, matrix[at]);
        }
    }

    private static void Print(Terminal terminal, FlowGraph graph, FlowChoice choice, AnalysisMetadata metadata)
    {
        string Name(int token) => metadata.Tokens[token].Text;
        var what = choice.Edges switch
        {
            FlowEdges.Flow => string.Create(CultureInfo.InvariantCulture, $"at most {graph.Total:0.0000} can flow from {Name(choice.Source)} after layer {choice.Layers} to {Name(choice.Sink)}"),
            FlowEdges.Rollout => $"where {Name(choice.Source)} after layer {choice.Layers} comes from, if mixing were linear",
            _ => "mean attention of each layer",
        };
        terminal.Out.MarkupLineInterpolated($"[grey]{metadata.Model} · {what} · {metadata.Device}[/]");
        terminal.Out.WriteLine();
        var table = new Table().Border(TableBorder.None).AddColumns("layer", "token", "draws on", "carried", "");
        foreach (var layer in Carried(graph).GroupBy(e => e.Layer))
            foreach (var edge in layer.Take(Strongest))
            {
                var full = graph.Cut.Any(e => e.Layer == edge.Layer && e.To == edge.To && e.From == edge.From);
                table.AddRow(new Markup($"{edge.Layer + 1}"), new Markup(Markup.Escape(Name(edge.To))), new Markup(Markup.Escape(Name(edge.From))), new Markup(edge.Capacity.ToString("0.0000", CultureInfo.InvariantCulture)), new Markup(full ? "[yellow]bottleneck[/]" : ""));
            }

        terminal.Out.Write(table);
        if (graph.Cut.Count > 0)
        {
            terminal.Out.WriteLine();
            terminal.Out.MarkupLineInterpolated($"[grey]The bottleneck (minimum cut): {graph.Cut.Count} edges, all full; in layers {string.Join(", ", graph.Cut.Select(e => e.Layer + 1).Distinct().Order())}.[/]");
        }

        foreach (var note in metadata.Notes)
            terminal.Out.MarkupLineInterpolated($"[yellow]{note}[/]");
    }
}
