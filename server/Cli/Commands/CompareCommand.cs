using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using AttentionServer.Engine.Interventions;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Compare;
using AttentionServer.Server;
using AttentionServer.Server.Export;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention compare</c>: one text in two models, or in one before and after an intervention, or two texts in one model.</summary>
internal static class CompareCommand
{
    private static readonly Argument<string> First = new("TEXT") { Description = "The text; or the question, with --pair" };
    private static readonly Option<string[]> Models = new("--model") { Description = "The models: one or two" };
    private static readonly Option<string?> Other = new("--with-text") { Description = "Another text, instead of another model" };
    private static readonly Option<string?> Pair = new("--pair") { Description = "The second text of a pair (the passage)" };
    private static readonly Option<string> Methods = new("--method") { Description = "Method ids separated by commas", DefaultValueFactory = _ => "attention_mean,rollout,globenc,alti_rollout,vz_rollout" };
    private static readonly Option<string?> Edit = new("--edit") { Description = "Change the forward pass of the second as FILE.json says (docs/INTERVENTIONS.md)" };
    private static readonly Option<int> Top = new("--top") { Description = "How many of the cells that moved most to list", DefaultValueFactory = _ => 3 };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "FILE.csv with every aligned cell, or FILE.json" };

    public static Command Create()
    {
        var command = new Command("compare", "Compare two models, two texts, or a model before and after an intervention");
        command.Arguments.Add(First);
        foreach (var option in new Option[] { Models, Other, Pair, Methods, Edit, Top, Output })
            command.Options.Add(option);
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var names = arguments.GetValue(Models) is { Length: > 0 } given ? given : [AttentionServer.Models.Catalog.ModelCatalog.DefaultModel];
        var (text, other, edit) = (arguments.GetValue(First)!, arguments.GetValue(Other), arguments.GetValue(Edit));
        if (names.Length > 2)
            throw new CliException($"--model: command line: {names.Length} models are given: compare two");
        if (names.Length == 1 && other == null && edit == null)
            throw new CliException("compare: command line: there is one of everything: give --model twice, --with-text, or --edit");
        var output = arguments.GetValue(Output);
        if (output != null && Path.GetExtension(output) is not (".csv" or ".json"))
            throw new CliException($"--output {output}: command line: the ending names no format: use .csv or .json");
        var methods = MethodRegistry.Parse(arguments.GetValue(Methods)!);
        if (methods.FirstOrDefault(m => MapComparison.ProblemWith(m) != null) is { } wrong)
            throw new CliException($"--method {wrong.Id}: command line: {MapComparison.ProblemWith(wrong)}: choose methods about tokens");

        var first = Analyze(names[0], text, null);
        var second = Analyze(names[^1], other ?? text, edit);
        var shared = methods.Where(m => Has(first, m) && Has(second, m)).ToList();
        foreach (var left in methods.Except(shared))
            terminal.Note($"{left.Id} is not defined for {(Has(first, left) ? second : first).Metadata.Model}: left out");
        var alignment = TokenAlignment.Of(first.Metadata, second.Metadata);
        var comparisons = shared.Select(m => MapComparison.Of(m, first, second, alignment)).ToList();
        if (output is { } csv && csv.EndsWith(".csv", StringComparison.Ordinal))
            WriteCells(csv, comparisons, first, second, alignment);
        else if (output != null)
            AtomicFile.Write(output, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Json(first, second, alignment, comparisons).ToJsonString(new() { WriteIndented = true }))));
        if (terminal.Json)
            Console.Out.WriteLine(Json(first, second, alignment, comparisons).ToJsonString(new() { WriteIndented = true }));
        else if (output == null)
            Print(terminal, first, second, alignment, comparisons, arguments.GetValue(Top));
        return 0;

        Analysis Analyze(string name, string source, string? edit)
        {
            using var model = terminal.While($"Opening {name}", () => ModelOpener.Open(name, GlobalOptions.Settings(arguments)));
            var encoding = model.Tokenizer.Encode(source, arguments.GetValue(Pair), new Text.EncodeOptions { MaxTokens = model.MaxTokens });
            var request = new AnalysisRequest
            {
                Encoding = encoding,
                Methods = [.. methods.Where(m => m.ProblemWith(model) == null)],
                Interventions = edit == null ? [] : InterventionFile.Read(edit, model),
            };
            return terminal.While($"Analyzing with {name}", () => GlobalOptions.Store(arguments).GetOrCreate(model, request, cancellation));
        }
    }

    private static bool Has(Analysis analysis, Method method) => analysis.Metadata.Maps.Contains(method.Id) || analysis.Metadata.Others.Values.Contains(method.Id);

    private static void Print(Terminal terminal, Analysis first, Analysis second, TokenAlignment alignment, List<MapComparison> comparisons, int top)
    {
        terminal.Out.MarkupLineInterpolated($"[grey]{Name(first, second)} with {Name(second, first)} · {alignment.First.Groups.Count} tokens in common[/]");
        foreach (var comparison in comparisons)
        {
            terminal.Out.WriteLine();
            terminal.Out.MarkupLineInterpolated($"[bold]{comparison.Method.Title}[/]");
            var table = new Table().Border(TableBorder.None);
            foreach (var title in new[] { "layer", "rank correlation", "mean difference", "moved most" })
                table.AddColumn(new TableColumn(new Markup($"[grey]{title}[/]")));
            foreach (var layer in comparison.Layers)
            {
                var moved = layer.Moved.Take(top).Select(c => comparison.Method.Axes == ScoreAxes.Tokens
                    ? $"{alignment.First.Groups[c.To].Text} {Signed(c.Second - c.First)}"
                    : $"{alignment.First.Groups[c.To].Text} ← {alignment.First.Groups[c.From].Text} {Signed(c.Second - c.First)}");
                table.AddRow(
                    new Spectre.Console.Text(layer.First is { } a ? a == layer.Second ? $"{a + 1}" : $"{a + 1} / {layer.Second + 1}" : "–"),
                    new Spectre.Console.Text(double.IsNaN(layer.Correlation) ? "–" : layer.Correlation.ToString("0.000", CultureInfo.InvariantCulture)),
                    new Spectre.Console.Text(layer.Difference.ToString("0.0000", CultureInfo.InvariantCulture)),
                    new Spectre.Console.Text(string.Join(" · ", moved)));
            }

            terminal.Out.Write(table);
        }

        foreach (var note in first.Metadata.Notes.Concat(second.Metadata.Notes).Distinct())
            terminal.Out.MarkupLineInterpolated($"[yellow]{note}[/]");
    }

    private static string Name(Analysis one, Analysis other) =>
        one.Metadata.Model != other.Metadata.Model ? one.Metadata.Model
        : one.Metadata.Text != other.Metadata.Text ? $"'{one.Metadata.Text}'"
        : one.Metadata.Interventions == null ? one.Metadata.Model : $"{one.Metadata.Model}, changed";

    private static string Signed(double difference) => difference.ToString("+0.000;−0.000", CultureInfo.InvariantCulture);

    private static JsonObject Json(Analysis first, Analysis second, TokenAlignment alignment, List<MapComparison> comparisons) => new()
    {
        ["first"] = Side(first),
        ["second"] = Side(second),
        ["tokens"] = new JsonArray([.. alignment.First.Groups.Zip(alignment.Second.Groups, (a, b) => new JsonObject { ["text"] = a.Text, ["first"] = Numbers(a.Tokens), ["second"] = Numbers(b.Tokens) })]),
        ["methods"] = new JsonArray([.. comparisons.Select(c => new JsonObject
        {
            ["method"] = c.Method.Id,
            ["layers"] = new JsonArray([.. c.Layers.Select(l => new JsonObject
            {
                ["first"] = l.First,
                ["second"] = l.Second,
                ["correlation"] = double.IsNaN(l.Correlation) ? null : l.Correlation,
                ["difference"] = l.Difference,
                ["moved"] = new JsonArray([.. l.Moved.Select(m => new JsonObject { ["to"] = m.To, ["from"] = m.From, ["first"] = m.First, ["second"] = m.Second })]),
            })]),
        })]),
    };

    private static JsonObject Side(Analysis analysis) => new()
    {
        ["model"] = analysis.Metadata.Model,
        ["text"] = analysis.Metadata.Text,
        ["layers"] = analysis.Metadata.Layers,
        ["changed"] = analysis.Metadata.Interventions != null,
    };

    private static JsonArray Numbers(IEnumerable<int> numbers) => new([.. numbers.Select(n => JsonValue.Create(n))]);

    private static void WriteCells(string path, List<MapComparison> comparisons, Analysis first, Analysis second, TokenAlignment alignment) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        writer.Write("method,layer,other_layer,to,to_token,from,from_token,first,second\n");
        foreach (var comparison in comparisons)
            foreach (var cell in comparison.Cells(first, second, alignment))
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{comparison.Method.Id},{cell.Layer + 1},{cell.OtherLayer + 1},{cell.Cell.To},{CsvExport.Quote(alignment.First.Groups[cell.Cell.To].Text)},{cell.Cell.From},{CsvExport.Quote(alignment.First.Groups[cell.Cell.From].Text)},{cell.Cell.First:R},{cell.Cell.Second:R}\n"));
    });
}
