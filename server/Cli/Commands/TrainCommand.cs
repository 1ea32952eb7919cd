using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using AttentionServer.Cli.Training;
using AttentionServer.Server.Trainings;
using AttentionServer.Training;
using AttentionServer.Training.Objectives;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention train</c>: trains or fine-tunes a model here, without Python.</summary>
internal static class TrainCommand
{
    private static readonly TrainOptions Words = new(TrainingDefaults.Words);
    private static readonly TrainOptions Answers = new(TrainingDefaults.Answers);
    private static readonly TrainOptions Classes = new(TrainingDefaults.Classes);
    private static readonly Option<int> WordLength = new("--length") { Description = "Tokens of a row", DefaultValueFactory = _ => 128 };
    private static readonly Option<int> LongLength = new("--long-length") { Description = "Tokens of a row in the last part of the training", DefaultValueFactory = _ => 256 };
    private static readonly Option<double> LongPart = new("--long-part") { Description = "The share of the training with long rows", DefaultValueFactory = _ => 0.1 };
    private static readonly Option<double> ShortPart = new("--short-part") { Description = "The share of batches of short rows that end with a sentence", DefaultValueFactory = _ => 0.06 };
    private static readonly Option<double> MaskRate = new("--mask-rate") { Description = "The share of tokens that is hidden", DefaultValueFactory = _ => 0.15 };
    private static readonly Option<double> PlainMask = new("--plain-mask-until") { Description = "Up to this part of the training all hidden tokens are masked; 80/10/10 after it" };
    private static readonly Option<bool> WholeWords = new("--whole-words") { Description = "Hide words whole" };
    private static readonly Option<int> HoldOut = new("--hold-out") { Description = "Judge the model by the last N documents of the first file instead of --dev files" };
    private static readonly Option<bool> FromScratch = new("--from-scratch") { Description = "Take only the family and vocabulary of --model, and train from seeded numbers" };
    private static readonly Option<int?> Layers = new("--layers") { Description = "Layers, from scratch" };
    private static readonly Option<int?> Heads = new("--heads") { Description = "Heads of a layer, from scratch" };
    private static readonly Option<int?> Hidden = new("--hidden") { Description = "Width of hidden states, from scratch" };
    private static readonly Option<string?> Vocabulary = new("--vocab") { Description = "A vocab.txt of WordPieces, from scratch" };
    private static readonly Option<int> AnswerLength = new("--length") { Description = "Tokens of a window, question and all", DefaultValueFactory = _ => 384 };
    private static readonly Option<int> Stride = new("--stride") { Description = "Tokens that neighbouring windows share", DefaultValueFactory = _ => 128 };
    private static readonly Option<double> NoAnswer = new("--no-answer") { Description = "The share of windows without the answer that is kept", DefaultValueFactory = _ => 0.3 };
    private static readonly Option<int> ClassLength = new("--length") { Description = "The most tokens of a text", DefaultValueFactory = _ => 256 };
    private static readonly Argument<string> Begun = new("MODEL") { Description = "The folder of the model, or its name in the editor's Models view" };

    public static Command Create()
    {
        var mlm = With(new("mlm", "Guess hidden words (or the next word, for GPT-2), on plain text"), Words, RunWords, WordLength, LongLength, LongPart, ShortPart, MaskRate, PlainMask, WholeWords, HoldOut, FromScratch, Layers, Heads, Hidden, Vocabulary);
        var qa = With(new("qa", "Find answers in passages, on files in SQuAD's format"), Answers, RunAnswers, AnswerLength, Stride, NoAnswer);
        var classification = With(new("classification", "Tell classes of texts, on TSV (text, label) or JSONL"), Classes, RunClasses, ClassLength);
        var resume = new Command("resume", "Go on with a training that was stopped, here or in the editor") { Begun };
        resume.SetAction((arguments, cancellation) => Task.Run(() => RunAgain(arguments, cancellation), CancellationToken.None));
        return new("train", "Train or fine-tune a model") { mlm, qa, classification, resume };
    }

    private static Command With(Command command, TrainOptions options, Func<ParseResult, CancellationToken, int> run, params Option[] own)
    {
        options.AddTo(command);
        foreach (var option in own)
            command.Options.Add(option);
        command.SetAction((arguments, cancellation) => Task.Run(() => run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int RunWords(ParseResult arguments, CancellationToken cancellation)
    {
        var request = Words.Request(arguments) with { Words = LanguageSettings(arguments), HoldOut = arguments.GetValue(HoldOut), Scratch = Scratch(arguments) };
        return Train(new(arguments), request, Words.Output(arguments), Words.Resume(arguments), cancellation);
    }

    private static int RunAnswers(ParseResult arguments, CancellationToken cancellation)
    {
        var answers = new AnswerSettings { Length = arguments.GetValue(AnswerLength), Stride = arguments.GetValue(Stride), NoAnswer = arguments.GetValue(NoAnswer) };
        return Train(new(arguments), Answers.Request(arguments) with { Answers = answers }, Answers.Output(arguments), Answers.Resume(arguments), cancellation);
    }

    private static int RunClasses(ParseResult arguments, CancellationToken cancellation) =>
        Train(new(arguments), Classes.Request(arguments) with { ClassLength = arguments.GetValue(ClassLength) }, Classes.Output(arguments), Classes.Resume(arguments), cancellation);

    private static int RunAgain(ParseResult arguments, CancellationToken cancellation)
    {
        var name = arguments.GetValue(Begun)!;
        // A folder where one stands, or the name of a model in the editor's Models view.
        var folder = Directory.Exists(name) ? Path.GetFullPath(name) : TrainingFolder.Of(name);
        return Train(new(arguments), TrainingRequest.Of(folder), folder, resume: true, cancellation);
    }

    private static int Train(Terminal terminal, TrainingRequest request, string output, bool resume, CancellationToken cancellation)
    {
        using var job = TrainingJob.Open(request, output, resume, terminal.Live, Note, cancellation);
        var screen = new TrainingScreen(terminal, request.Settings.Minutes);
        TrainingResult result;
        try
        {
            result = job.Run(screen.Report, cancellation);
        }
        catch (OperationCanceledException)
        {
            screen.End();
            throw new Interruption($"interrupted: {output}: its state after step {job.Step} is saved: go on with '{CommandName.Typed} train resume {output}'");
        }

        screen.End();
        if (terminal.Json)
            Console.Out.WriteLine(Json(output, job.Parameters, result).ToJsonString(new() { WriteIndented = true }));
        else
            Print(terminal, output, request, result);
        return 0;

        void Note(string text)
        {
            terminal.Live("");
            terminal.Note(text);
        }
    }

    private static ScratchShape? Scratch(ParseResult arguments)
    {
        var shape = new ScratchShape(arguments.GetValue(Vocabulary), arguments.GetValue(Layers), arguments.GetValue(Heads), arguments.GetValue(Hidden));
        if (shape.Vocabulary is { } vocabulary && !File.Exists(vocabulary))
            throw new CliException($"--vocab {vocabulary}: command line: there is no such file: give a vocab.txt with one token a line");
        if (arguments.GetValue(FromScratch))
            return shape with { Vocabulary = shape.Vocabulary is { } file ? Path.GetFullPath(file) : null };
        return shape == new ScratchShape(null, null, null, null) ? null
            : throw new CliException("--layers, --heads, --hidden, --vocab: command line: the model has its own: add --from-scratch to begin with another shape");
    }

    private static LanguageSettings LanguageSettings(ParseResult arguments) => new()
    {
        Length = Math.Max(1, arguments.GetValue(WordLength)),
        LongLength = Math.Max(1, arguments.GetValue(LongLength)),
        LongPart = Share(arguments, LongPart),
        ShortPart = Share(arguments, ShortPart),
        MaskRate = Share(arguments, MaskRate),
        PlainMaskUntil = Share(arguments, PlainMask),
        WholeWords = arguments.GetValue(WholeWords),
    };

    private static double Share(ParseResult arguments, Option<double> option) => arguments.GetValue(option) is >= 0 and <= 1 and var share
        ? share
        : throw new CliException($"{option.Name}: command line: give a number from 0 to 1");

    private static void Print(Terminal terminal, string output, TrainingRequest request, TrainingResult result)
    {
        var dev = result.DevLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $"; kept: step {result.KeptStep}, dev loss {loss:0.000}, right {100 * result.DevAccuracy:0.0} %{(result.StoppedEarly ? ", stopped early" : "")}") : "";
        var (text, more) = request.Objective == "qa" ? ("A QUESTION", " --pair \"A PASSAGE\"") : request.Objective == "mlm" ? ("A text with a [MASK] in it.", "") : ("A TEXT", "");
        terminal.Out.MarkupLineInterpolated($"{output} [grey]{result.Steps} steps, {result.Tokens:N0} tokens in {result.Seconds:0} s, loss {result.Loss.ToString("0.000", CultureInfo.InvariantCulture)}{dev}[/]");
        terminal.Note($"try it: {CommandName.Typed} predict \"{text}\"{more} --model {(output.Contains('/', StringComparison.Ordinal) ? output : $"./{output}")}");
    }

    private static JsonObject Json(string output, Parameters parameters, TrainingResult result) => new()
    {
        ["output"] = output,
        ["parameters"] = parameters.Count,
        ["steps"] = result.Steps,
        ["tokens"] = result.Tokens,
        ["seconds"] = result.Seconds,
        ["loss"] = double.IsFinite(result.Loss) ? result.Loss : null,
        ["devLoss"] = result.DevLoss,
        ["devAccuracy"] = result.DevAccuracy,
        ["keptStep"] = result.KeptStep,
        ["stoppedEarly"] = result.StoppedEarly,
    };
}
