using System.CommandLine;
using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Models;
using AttentionServer.Server.Export;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention predict</c>: what the model says — a masked word, a class, an answer.</summary>
internal static class PredictCommand
{
    private const string QuestionAnswering = "attention-mini-qa";
    private static readonly TextOptions Source = new();
    private static readonly InterventionOptions Changes = new();
    private static readonly ReadingFlags Reading = new();
    private static readonly Option<int> Top = new("--top") { Description = "How many candidates to list", DefaultValueFactory = _ => 5 };

    public static Command Create()
    {
        var command = new Command("predict", "Fill in [MASK], classify a text, answer a question about a passage, or all questions of a data set");
        Source.AddTo(command);
        Changes.AddTo(command);
        command.Options.Add(Top);
        PredictData.AddTo(command);
        Reading.AddTo(command);
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var top = arguments.GetValue(Top);
        if (top < 1)
            throw new CliException($"--top {top}: command line: give a number from 1");
        if (PredictData.Asked(arguments))
        {
            if (Source.HasText(arguments) || Changes.Given(arguments))
                throw new CliException("--data: command line: the questions come from its files: leave texts and changes to the model out");
            return PredictData.Run(arguments, terminal, Reading, () => Source.OpenModel(arguments, QuestionAnswering), arguments.GetResult(Top) is { Implicit: false } ? top : null, cancellation);
        }

        using var model = terminal.While("Opening the model", () => Source.OpenModel(arguments));
        var encoding = Source.Encode(arguments, model);
        var request = new AnalysisRequest { Encoding = encoding, Methods = [], Candidates = top, Interventions = Changes.Read(arguments, model, encoding) };
        if (model.Head == null)
            throw new CliException($"predict: {model.Name}: it is a bare encoder without a head: choose a model that predicts something");
        if (model.Head == HeadKind.MaskedLanguageModel && model.RolesIn(TokenInput.Of(encoding)).Blank is { } mask && !encoding.Ids.Contains(mask))
            throw new CliException($"predict: {model.Name}: it fills in masked words and the text has none: put {model.TokenOf(mask)} where a word should be guessed");
        if (model.Head == HeadKind.QuestionAnswering && encoding.Pair == null)
            throw new CliException($"predict: {model.Name}: it answers questions about a passage: give the question as TEXT and the passage with --pair");

        var reads = model.Head == HeadKind.QuestionAnswering && !Source.HasIds(arguments);
        if (Reading.Given(arguments) && !reads)
            throw new CliException($"predict: {model.Name}: windows are for a question and its passage: leave --max-length and its like out");
        if (reads && (encoding.Truncation != null || Reading.Given(arguments)))
        {
            if (request.Interventions.Count > 0)
                throw new CliException($"predict: {model.Name}: a passage in windows is read without changes to the model: give a shorter passage, or leave the changes out");
            PredictWindows.Run(arguments, terminal, Reading, model, encoding, top, cancellation);
            return 0;
        }

        var analysis = terminal.While("Predicting", () => GlobalOptions.Store(arguments).GetOrCreate(model, request, cancellation));
        if (terminal.Json)
            Console.Out.WriteLine(JsonExport.Text(analysis));
        else
            Print(terminal, analysis.Metadata, top);
        return 0;
    }

    private static void Print(Terminal terminal, AnalysisMetadata metadata, int top)
    {
        foreach (var prediction in metadata.Predictions)
            Print(terminal, metadata.Model, prediction, top, []);
        Notes(terminal, metadata.Notes);
    }

    /// <summary>One prediction as bars, with notes below.</summary>
    public static void Print(Terminal terminal, string model, Prediction prediction, int top, IReadOnlyList<string> notes)
    {
        terminal.Out.MarkupLineInterpolated($"[grey]{model} · {prediction.Title}{(prediction.Token is { } t ? $" at token {t}" : "")}[/]");
        PredictionTable.Print(terminal.Out, prediction, top);
        Notes(terminal, notes);
    }

    private static void Notes(Terminal terminal, IReadOnlyList<string> notes)
    {
        foreach (var note in notes)
            terminal.Out.MarkupLineInterpolated($"[yellow]{note}[/]");
    }
}
