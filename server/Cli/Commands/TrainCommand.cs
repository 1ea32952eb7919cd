using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using AttentionServer.Cli.Training;
using AttentionServer.Models;
using AttentionServer.Training;
using AttentionServer.Training.Objectives;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention train</c>: trains or fine-tunes a model here, without Python.</summary>
internal static class TrainCommand
{
    private static readonly TrainOptions Words = new(rate: 1e-3, RateShape.Cosine, batchTokens: 2048);
    private static readonly TrainOptions Answers = new(rate: 5e-4, RateShape.Linear, batchTokens: 4096);
    private static readonly TrainOptions Classes = new(rate: 3e-4, RateShape.Linear, batchTokens: 2048);
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

    public static Command Create()
    {
        var mlm = With(new("mlm", "Guess hidden words (or the next word, for GPT-2), on plain text"), Words, RunWords, WordLength, LongLength, LongPart, ShortPart, MaskRate, PlainMask, WholeWords, HoldOut, FromScratch, Layers, Heads, Hidden, Vocabulary);
        var qa = With(new("qa", "Find answers in passages, on files in SQuAD's format"), Answers, RunAnswers, AnswerLength, Stride, NoAnswer);
        var classification = With(new("classification", "Tell classes of texts, on TSV (text, label) or JSONL"), Classes, RunClasses, ClassLength);
        return new("train", "Train or fine-tune a model") { mlm, qa, classification };
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
        var terminal = new Terminal(arguments);
        var (data, dev, settings) = (Words.Data(arguments), Words.Dev(arguments), Words.Settings(arguments));
        Words.CheckOutput(arguments);
        using var start = Start(arguments);
        var (train, held) = dev.Length > 0 ? (TextFiles.Lines(data), TextFiles.Lines(dev)) : TextFiles.HoldOut(data, arguments.GetValue(HoldOut));
        var report = Encoded(terminal);
        var text = TokenStream.Of(train, start.Tokenizer, report, cancellation);
        var judged = held.Any() ? TokenStream.Of(held, start.Tokenizer, null, cancellation) : null;
        terminal.Live("");
        terminal.Note($"{text.Count:N0} tokens{(judged == null ? "" : $", {judged.Count:N0} held out")}");
        using var parameters = start.Parameters(LanguageModelling.HeadOf(start.Architecture), null, settings.Seed);
        var objective = new LanguageModelling(text, judged, start.Tokenizer, parameters, LanguageSettings(arguments), settings.Seed);
        if (arguments.GetValue(FromScratch))
            objective.Begin(parameters);
        return Train(arguments, Words, terminal, start, parameters, objective, null, settings, cancellation);
    }

    private static int RunAnswers(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var (data, dev, settings) = (Answers.Data(arguments), Answers.Dev(arguments), Answers.Settings(arguments));
        Answers.CheckOutput(arguments);
        using var start = StartingModel.Open(Answers.Model(arguments));
        var own = new AnswerSettings
        {
            Length = arguments.GetValue(AnswerLength),
            Stride = arguments.GetValue(Stride),
            NoAnswer = arguments.GetValue(NoAnswer),
            BatchTokens = Answers.BatchTokens(arguments),
        };
        using var parameters = start.Parameters(HeadKind.QuestionAnswering, null, settings.Seed);
        var most = start.Architecture.MaxTokens(parameters.Config);
        var objective = terminal.While("Reading questions", () => new AnswerFinding(QuestionFiles.Read(data, terminal), QuestionFiles.Read(dev, terminal), start.Tokenizer, most, own, settings.Seed, cancellation));
        terminal.Note($"{objective.Windowed:N0} windows");
        return Train(arguments, Answers, terminal, start, parameters, objective, null, settings, cancellation);
    }

    private static int RunClasses(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var (data, dev, settings) = (LabelledFiles.Read(Classes.Data(arguments)), LabelledFiles.Read(Classes.Dev(arguments)), Classes.Settings(arguments));
        Classes.CheckOutput(arguments);
        using var start = StartingModel.Open(Classes.Model(arguments));
        var labels = TextClassification.LabelsOf([.. data, .. dev]);
        if (labels.All(start.Labels.Contains))
            labels = start.Labels;
        using var parameters = start.Parameters(HeadKind.Classification, labels, settings.Seed);
        var length = Math.Min(arguments.GetValue(ClassLength), start.Architecture.MaxTokens(parameters.Config));
        var objective = terminal.While("Reading texts", () => new TextClassification(data, dev, start.Tokenizer, labels, length, Classes.BatchTokens(arguments), settings.Seed, cancellation));
        return Train(arguments, Classes, terminal, start, parameters, objective, labels, settings, cancellation);
    }

    private static int Train(
        ParseResult arguments, TrainOptions options, Terminal terminal, StartingModel start, Parameters parameters, IObjective objective, IReadOnlyList<string>? labels, TrainingSettings settings, CancellationToken cancellation)
    {
        var output = options.Output(arguments);
        var folder = new ModelFolder(output, start.Config(objective.Head, labels), start.TokenizerFolder, settings.Half);
        // Training on other devices would copy all weights in each step; it has to be asked for.
        var execution = GlobalOptions.Settings(arguments);
        execution = execution with { Device = execution.Device == "auto" ? "cpu" : execution.Device };
        using var trainer = new Trainer(parameters, objective, settings, execution, output, folder, options.Resume(arguments));
        if (parameters.Fresh.Count > 0 && parameters.Fresh.Count < parameters.All.Count)
            terminal.Note($"new: {string.Join(", ", parameters.Fresh)}");
        terminal.Note($"{parameters.Count / 1e6:0.00} M parameters on {trainer.Device.Name}, {trainer.StateBytes / 1e6:0} MB for them, their gradients and Adam's means{(trainer.Resumed ? $"; going on after step {trainer.Step}" : "")}");
        var screen = new TrainingScreen(terminal);
        TrainingResult result;
        try
        {
            result = trainer.Run(screen.Report, cancellation);
        }
        catch (OperationCanceledException)
        {
            screen.End();
            terminal.Note($"the state after step {trainer.Step} is in {output}: the same command with --resume goes on from there");
            throw;
        }

        screen.End();
        if (terminal.Json)
            Console.Out.WriteLine(Json(output, parameters, result).ToJsonString(new() { WriteIndented = true }));
        else
            Print(terminal, output, result);
        return 0;
    }

    private static StartingModel Start(ParseResult arguments)
    {
        var (layers, heads, hidden, vocabulary) = (arguments.GetValue(Layers), arguments.GetValue(Heads), arguments.GetValue(Hidden), arguments.GetValue(Vocabulary));
        if (arguments.GetValue(FromScratch))
            return StartingModel.FromScratch(Words.Model(arguments), vocabulary, layers, heads, hidden, Words.Output(arguments));
        if (layers != null || heads != null || hidden != null || vocabulary != null)
            throw new CliException("--layers, --heads, --hidden, --vocab: command line: the model has its own: add --from-scratch to begin with another shape");
        return StartingModel.Open(Words.Model(arguments));
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
        BatchTokens = Words.BatchTokens(arguments),
    };

    private static double Share(ParseResult arguments, Option<double> option) => arguments.GetValue(option) is >= 0 and <= 1 and var share
        ? share
        : throw new CliException($"{option.Name}: command line: give a number from 0 to 1");

    private static Action<long> Encoded(Terminal terminal) => tokens => terminal.Live($"Reading the text: {tokens:N0} tokens");

    private static void Print(Terminal terminal, string output, TrainingResult result)
    {
        var dev = result.DevLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $"; kept: step {result.KeptStep}, dev loss {loss:0.000}, right {100 * result.DevAccuracy:0.0} %{(result.StoppedEarly ? ", stopped early" : "")}") : "";
        terminal.Out.MarkupLineInterpolated($"{output} [grey]{result.Steps} steps, {result.Tokens:N0} tokens in {result.Seconds:0} s, loss {result.Loss.ToString("0.000", CultureInfo.InvariantCulture)}{dev}[/]");
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
