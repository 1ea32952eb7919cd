using System.CommandLine;
using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Readings;
using AttentionServer.Server;
using AttentionServer.Server.Export;
using AttentionServer.Server.Protocol;
using AttentionServer.Text;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention analyze</c>: one text, one analysis, in the terminal or as a file.</summary>
internal static class AnalyzeCommand
{
    /// <summary>Stands for the number of the line in names of files.</summary>
    private const string Number = "{n}";

    private static readonly TextOptions Source = new();
    private static readonly InterventionOptions Changes = new();
    private static readonly ReadingOptions Readings = new();
    private static readonly Option<string> Methods = new("--method") { Description = "Method ids separated by commas, or all", DefaultValueFactory = _ => "attention_mean" };
    private static readonly Option<string?> With = new("--with") { Description = "Tensors to keep in the file: attentions,qkv,hidden,logits or all" };
    private static readonly Option<string?> Head = new("--head") { Description = "The head the model is expected to have (mlm, qa, cls, tokens)" };
    private static readonly Option<string?> TargetOption = new("--target") { Description = "What the prediction is about: pos=2 · pos=2,id=63 · class=1 · start=4" };
    private static readonly Option<int> Top = new("--top") { Description = "How many tokens and predictions to list", DefaultValueFactory = _ => 5 };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "FILE.safetensors, .html, .json, .csv, .svg or .png instead of the terminal" };
    private static readonly Option<string> Shown = new("--picture") { Description = "What a .svg or .png shows: map, lines or model (every head)", DefaultValueFactory = _ => "map" };
    private static readonly Option<int?> HeadShown = new("--head-number") { Description = "The head that a .svg or .png shows, from 0 (head 1 of pictures); the method where it is left out" };

    public static Command Create()
    {
        var command = new Command("analyze", "Show how a model mixes the tokens of a text");
        Source.AddTo(command);
        Source.AddLinesTo(command);
        Changes.AddTo(command);
        Readings.AddTo(command);
        foreach (var option in new Option[] { Methods, With, Head, TargetOption, Top, Output, Shown, HeadShown })
            command.Options.Add(option);
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var methods = MethodRegistry.Parse(arguments.GetValue(Methods)!);
        if (methods.Count == 0)
            throw new CliException("--method: command line: name at least one method, or all");
        var output = arguments.GetValue(Output);
        var format = output == null ? null : ExportFormats.OfPath(output);
        if (arguments.GetValue(Top) < 1)
            throw new CliException($"--top {arguments.GetValue(Top)}: command line: give a number from 1");
        if (arguments.GetValue(Shown) is var picture && !Figure.Pictures.Contains(picture))
            throw new CliException($"--picture {picture}: command line: use {string.Join(", ", Figure.Pictures)}");
        if (!ExportFormats.Pictures.Contains(format ?? ""))
            foreach (var option in new Option[] { HeadShown, Shown })
                if (arguments.GetResult(option) is { Implicit: false })
                    throw new CliException($"{option.Name}: command line: it says what a picture shows: add --output NAME.svg or NAME.png, or leave it out");
        var severally = Source.Lines(arguments) != null;
        if (severally && output?.Contains(Number, StringComparison.Ordinal) != true)
            throw new CliException($"--lines: command line: name a file for each with --output, as in page-{Number}.html");
        _ = TracePartsOf(arguments, format);

        using var model = terminal.While("Opening the model", () => Source.OpenModel(arguments));
        if (arguments.GetValue(Head) is { } head && HeadKinds(model) != head)
            throw new CliException($"--head {head}: {model.Name}: its head is {HeadKinds(model) ?? "none"}: choose a model with that head");
        if (arguments.GetValue(Methods) == "all")
            methods = MethodRegistry.DefinedFor(model);
        if (!severally)
        {
            Analyze(terminal, arguments, model, Source.Encode(arguments, model), methods, output, format, cancellation);
            return 0;
        }

        foreach (var (number, encoding) in Source.EncodeLines(arguments, model))
            Analyze(terminal, arguments, model, encoding, methods, output!.Replace(Number, $"{number}", StringComparison.Ordinal), format, cancellation);
        return 0;
    }

    private static void Analyze(Terminal terminal, ParseResult arguments, Model model, Encoding encoding, IReadOnlyList<Method> methods, string? output, string? format, CancellationToken cancellation)
    {
        var top = arguments.GetValue(Top);
        var reading = Readings.Read(arguments, model, encoding.Ids.Length);
        if (format is "safetensors" or "html" && Readings.IsGiven(arguments))
            terminal.Note($"{output}: it holds every layer and token; --words, --special, --layer and --tokens are for the terminal, pictures, .json and .csv");
        var target = arguments.GetValue(TargetOption) is { } text ? TargetChoice.Parse(text, model, encoding.Ids.Length) : TargetChoice.Own;
        var request = new AnalysisRequest
        {
            Encoding = encoding,
            Methods = methods,
            Parts = TracePartsOf(arguments, format),
            Overviews = format == "html",
            Candidates = Math.Max(top, 5),
            WordAt = target.Position,
            Target = target,
            Interventions = Changes.Read(arguments, model, encoding),
        };
        if (output != null && Path.GetDirectoryName(Path.GetFullPath(output)) is { } folder)
            Directory.CreateDirectory(folder);
        if (format == "safetensors")
        {
            var metadata = terminal.While("Analyzing", () => Analyzer.Write(Path.GetFullPath(output!), model, request, cancellation));
            Report(terminal, new Analysis("", Path.GetFullPath(output!), metadata), output!);
            return;
        }

        var analysis = terminal.While("Analyzing", () => GlobalOptions.Store(arguments).GetOrCreate(model, request, cancellation));
        if (output == null && terminal.Json)
            Console.Out.WriteLine(JsonExport.Text(analysis, reading: reading));
        else if (output == null)
            Print(terminal, analysis, methods, reading, top);
        else
        {
            if (ExportFormats.Pictures.Contains(format!))
                Figure.Write(format!, output, analysis, arguments.GetValue(Shown)!, ChoiceOf(arguments, analysis, methods[0], reading), cancellation);
            else
                ExportFormats.Write(format!, output, analysis, null, reading: reading, everyLayer: !Readings.NamesLayer(arguments));
            Report(terminal, analysis, output);
        }
    }

    /// <summary>What a picture is of: the first method, or one head of the attention.</summary>
    private static MapChoice ChoiceOf(ParseResult arguments, Analysis analysis, Method method, MapReading reading)
    {
        var head = arguments.GetValue(HeadShown);
        if (head is { } number && (number < 0 || number >= analysis.Metadata.Heads))
            throw new CliException($"--head-number {number}: command line: {analysis.Metadata.Model} has heads 0 to {analysis.Metadata.Heads - 1} in each layer");
        var everyHead = head != null || arguments.GetValue(Shown) == "model";
        return new()
        {
            Map = everyHead ? Summaries.PerHeadMap : method.Id,
            Layer = reading.Layer,
            Head = head,
            Words = reading.Words ? true : null,
            Special = reading.Special == SpecialRule.Keep ? null : $"{reading.Special}".ToLowerInvariant(),
        };
    }

    private static string? HeadKinds(Model model) => model.Head is { } head ? AttentionServer.Models.HeadKinds.Id(head) : null;

    private static TraceParts TracePartsOf(ParseResult arguments, string? format)
    {
        // A page without the heads would be a poor page; elsewhere only what is asked for is kept.
        var parts = format == "html" || ExportFormats.Pictures.Contains(format ?? "") ? TraceParts.Attentions : TraceParts.None;
        foreach (var name in (arguments.GetValue(With) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            parts |= name switch
            {
                "attentions" => TraceParts.Attentions,
                "qkv" => TraceParts.QueriesKeysValues,
                "hidden" => TraceParts.HiddenStates,
                "logits" => TraceParts.Logits,
                "all" => TraceParts.All,
                _ => throw new CliException($"--with {name}: command line: use attentions, qkv, hidden, logits or all"),
            };
        return parts;
    }

    private static void Report(Terminal terminal, Analysis analysis, string output)
    {
        if (terminal.Json)
            Console.Out.WriteLine(JsonExport.Text(analysis, output));
        else
            terminal.Note($"{analysis.Metadata.Model}, {analysis.Metadata.Tokens.Count} tokens: {output}");
    }

    private static void Print(Terminal terminal, Analysis analysis, IReadOnlyList<Method> methods, MapReading reading, int top)
    {
        var metadata = analysis.Metadata;
        var drawn = methods.Where(m => m.Axes is ScoreAxes.Map or ScoreAxes.TokenPairs or ScoreAxes.Tokens or ScoreAxes.LayerTokens).DefaultIfEmpty(methods[0]).ToList();
        terminal.Out.WriteLine();
        terminal.Out.Write(HeatText.Of(metadata, AnalysisReader.Importance(analysis, drawn[0].Id, reading)));
        terminal.Out.WriteLine();
        terminal.Out.WriteLine();
        foreach (var method in drawn)
            Strongest(terminal, analysis, method, reading, top);
        if (methods.Except(drawn).ToList() is { Count: > 0 } others)
            terminal.Note($"in files only, because they are not about single tokens: {string.Join(", ", others.Select(m => m.Id))}");
        foreach (var prediction in metadata.Predictions)
        {
            terminal.Out.MarkupLineInterpolated($"[grey]{prediction.Title}{(prediction.Token is { } t ? $" at token {t}" : "")}[/]");
            PredictionTable.Print(terminal.Out, prediction, top);
            terminal.Out.WriteLine();
        }

        foreach (var note in metadata.Notes)
            terminal.Out.MarkupLineInterpolated($"[yellow]{note}[/]");
    }

    /// <summary>A method's strongest tokens.</summary>
    private static void Strongest(Terminal terminal, Analysis analysis, Method method, MapReading reading, int top)
    {
        var metadata = analysis.Metadata;
        var importance = AnalysisReader.Importance(analysis, method.Id, reading);
        terminal.Out.MarkupLineInterpolated($"[grey]{metadata.Model} · {method.Title}{Where(method, reading, metadata)} · {metadata.Device}[/]");
        terminal.Out.WriteLine();

        var order = Enumerable.Range(0, importance.Values.Length).Where(i => importance.Ranks[i] > 0).OrderBy(i => importance.Ranks[i]).Take(top).ToList();
        var table = new Table().Border(TableBorder.None).HideHeaders();
        foreach (var _ in Enumerable.Range(0, 4))
            table.AddColumn("");
        var strongest = order.Count > 0 ? importance.Values[order[0]] : 1;
        foreach (var i in order)
            table.AddRow(
                new Markup($"[grey]{importance.Ranks[i],3}[/]"),
                new Spectre.Console.Text(importance.Groups.Groups[i].Text),
                new Spectre.Console.Text($"{importance.Values[i]:0.000}"),
                new Markup($"[teal]{Bar(importance.Values[i] / strongest, 24)}[/]"));
        terminal.Out.Write(table);
        terminal.Out.WriteLine();
    }

    private static string Where(Method method, MapReading reading, AnalysisMetadata metadata)
    {
        var layer = reading.Layer is not { } one ? ", strongest of all layers" : one == metadata.Layers - 1 ? $", last layer ({metadata.Layers} of {metadata.Layers}, --layer {one})" : $", layer {one + 1} of {metadata.Layers} (--layer {one})";
        var rows = reading.Tokens.Count > 0 ? $" · rows of {string.Join(" + ", reading.Tokens.Select(t => metadata.Tokens[t].Text))}" : " · mean over all rows";
        return method.Axes switch
        {
            ScoreAxes.Map or ScoreAxes.HeadMaps => layer + rows,
            ScoreAxes.TokenPairs => rows,
            ScoreAxes.LayerTokens or ScoreAxes.HeadTokens => layer,
            _ => "",
        };
    }

    internal static string Bar(double share, int width)
    {
        const string eighths = " ▏▎▍▌▋▊▉";
        var units = (int)Math.Round(Math.Clamp(share, 0, 1) * width * 8);
        return new string('█', units / 8) + (units % 8 > 0 ? eighths[units % 8] : "");
    }
}
