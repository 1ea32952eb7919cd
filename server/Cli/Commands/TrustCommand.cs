using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Compare;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention trust</c>: how well methods agree with blank-out, and with each other, about one prediction.</summary>
internal static class TrustCommand
{
    private static readonly TextOptions Source = new();
    private static readonly InterventionOptions Changes = new();
    private static readonly Option<string?> Methods = new("--method") { Description = "Method ids separated by commas, instead of one of each family" };
    private static readonly Option<string?> TargetOption = new("--target") { Description = "What the prediction is about: pos=2 · pos=2,id=63 · class=1 · start=4" };

    public static Command Create()
    {
        var command = new Command("trust", "Tell which methods agree with blank-out on a text");
        Source.AddTo(command);
        Changes.AddTo(command);
        command.Options.Add(Methods);
        command.Options.Add(TargetOption);
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        using var model = terminal.While("Opening the model", () => Source.OpenModel(arguments));
        var encoding = Source.Encode(arguments, model);
        var methods = arguments.GetValue(Methods) is { } ids ? Named(ids) : TrustMatrix.UsualFor(model);
        var request = new AnalysisRequest
        {
            Encoding = encoding,
            Methods = methods,
            Target = arguments.GetValue(TargetOption) is { } text ? TargetChoice.Parse(text, model, encoding.Ids.Length) : TargetChoice.Own,
            Interventions = Changes.Read(arguments, model, encoding),
        };
        var analysis = terminal.While("Comparing methods", () => GlobalOptions.Store(arguments).GetOrCreate(model, request, cancellation));
        var matrix = TrustMatrix.Of(analysis);
        if (terminal.Json)
            Console.Out.WriteLine(Json(matrix, analysis).ToJsonString(new() { WriteIndented = true }));
        else
            Print(terminal, matrix, analysis.Metadata);
        return 0;
    }

    private static IReadOnlyList<Method> Named(string ids)
    {
        var blank = MethodRegistry.Find("blank_prob_drop");
        var methods = MethodRegistry.Parse(ids);
        if (methods.FirstOrDefault(m => TrustMatrix.ProblemWith(m) != null) is { } wrong)
            throw new CliException($"--method {wrong.Id}: command line: {TrustMatrix.ProblemWith(wrong)}: choose methods that do, or leave --method out");
        return methods.Contains(blank) ? methods : [blank, .. methods];
    }

    private static JsonObject Json(TrustMatrix matrix, Analysis analysis) => new()
    {
        ["model"] = analysis.Metadata.Model,
        ["text"] = analysis.Metadata.Text,
        ["target"] = matrix.Target,
        ["tokens"] = new JsonArray([.. matrix.Tokens.Select(t => JsonValue.Create(t))]),
        ["byChance"] = matrix.ByChance,
        ["methods"] = new JsonArray([.. matrix.Methods.Select((m, i) => new JsonObject
        {
            ["id"] = m.Method.Id,
            ["title"] = m.Method.Title,
            ["importances"] = new JsonArray([.. m.Importances.Select(x => JsonValue.Create(x))]),
            ["correlations"] = new JsonArray([.. matrix.Correlations[i].Select(c => double.IsNaN(c) ? null : JsonValue.Create(c))]),
        })]),
    };

    private static void Print(Terminal terminal, TrustMatrix matrix, AnalysisMetadata metadata)
    {
        terminal.Out.MarkupLineInterpolated($"[grey]{metadata.Model} · rank correlation of token importances for {matrix.Target}, {matrix.Tokens.Count} tokens · {metadata.Device}[/]");
        terminal.Out.WriteLine();
        var table = new Table().Border(TableBorder.None);
        table.AddColumn("");
        foreach (var number in Enumerable.Range(1, matrix.Methods.Count))
            table.AddColumn(new TableColumn(number.ToString(CultureInfo.InvariantCulture)).RightAligned());
        for (var i = 0; i < matrix.Methods.Count; i++)
            table.AddRow([new Markup($"[grey]{i + 1,2}[/] {Markup.Escape(matrix.Methods[i].Method.Title)}"), .. matrix.Correlations[i].Select(c => Cell(c, matrix.ByChance))]);
        terminal.Out.Write(table);
        terminal.Out.WriteLine();
        terminal.Out.MarkupLineInterpolated($"[grey]Correlations below {matrix.ByChance:0.00} are what chance gives for {matrix.Tokens.Count} tokens. A high one says that methods order tokens alike, not that they are right.[/]");
        foreach (var note in metadata.Notes)
            terminal.Out.MarkupLineInterpolated($"[yellow]{note}[/]");
    }

    private static Markup Cell(double correlation, double byChance)
    {
        var text = double.IsNaN(correlation) ? "–" : correlation.ToString("0.00", CultureInfo.InvariantCulture);
        return new(Math.Abs(correlation) >= byChance ? text : $"[grey]{text}[/]");
    }
}
