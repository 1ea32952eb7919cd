using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using AttentionServer.Engine;
using AttentionServer.Server.Export;
using AttentionServer.Studies.Reading;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention predict --data</c>: answers all questions of a data set and scores the answers by SQuAD's official measure.</summary>
internal static class PredictData
{
    private const int UsualCandidates = 20;

    private static readonly Option<string[]> Data = new("--data") { Description = "Answer all questions of files in SQuAD's format, or with one JSON question a line (.jsonl)", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int?> Limit = new("--limit") { Description = "Only the first N questions" };
    private static readonly Option<bool> SkipBad = new("--skip-bad") { Description = "Leave malformed questions out and count them" };
    private static readonly Option<string?> Output = new("--output") { Description = "Write the answers to FILE, in the format of SQuAD's official measure" };
    private static readonly Option<string?> Candidates = new("--n-best") { Description = "Write the best candidates of each question with places and probabilities to FILE; --top says how many (20)" };
    private static readonly Option<string?> NoAnswerScores = new("--no-answer-scores") { Description = "Write how much more 'no answer' scores than the best answer to FILE, in the official format" };
    private static readonly Option<string?> Score = new("--score") { Description = "Score the answers in FILE (official format) instead of running a model" };

    public static void AddTo(Command command)
    {
        foreach (var option in new Option[] { Data, Limit, SkipBad, Output, Candidates, NoAnswerScores, Score })
            command.Options.Add(option);
    }

    /// <summary>Whether a data set is asked about, and not one text.</summary>
    public static bool Asked(ParseResult arguments)
    {
        if (arguments.GetValue(Data) is { Length: > 0 })
            return true;
        if (new Option[] { Limit, SkipBad, Output, Candidates, NoAnswerScores, Score }.FirstOrDefault(o => arguments.GetResult(o) is { Implicit: false }) is { } alone)
            throw new CliException($"{alone.Name}: command line: it goes with --data");
        return false;
    }

    public static int Run(ParseResult arguments, Terminal terminal, ReadingFlags flags, Func<Model> open, int? top, CancellationToken cancellation)
    {
        var files = arguments.GetValue(Data)!;
        if (arguments.GetValue(Limit) is { } limit and < 1)
            throw new CliException($"--limit {limit}: command line: give a number from 1");
        var skipped = arguments.GetValue(SkipBad) ? new SkippedQuestions() : null;
        var questions = terminal.While("Reading the questions", () =>
            QuestionData.Read(files, skipped, cancellation).Take(arguments.GetValue(Limit) ?? int.MaxValue).ToList());
        if (questions.Count == 0)
            throw new ReadingException($"no question is left, {skipped?.Count} are malformed: {string.Join(", ", files)}: correct them, the first of which says: {skipped?.Reasons[0]}");
        if (arguments.GetValue(Score) is { } path)
            return ScoreFile(arguments, terminal, questions, skipped, path);

        using var model = terminal.While("Opening the model", open);
        var mayHaveNone = ReadingReport.RulesFor(questions) == ScoringRules.Squad2;
        var reader = flags.Reader(arguments, model, top ?? UsualCandidates, mayHaveNone);
        var clock = Stopwatch.StartNew();
        var answers = reader.Answer(questions, new Bar(terminal, clock), cancellation).ToList();
        terminal.Live("");
        var seconds = clock.Elapsed.TotalSeconds;
        foreach (var (option, write) in new (Option<string?>, Action<Stream>)[]
        {
            (Output, s => PredictionFiles.WriteAnswers(s, answers)),
            (Candidates, s => PredictionFiles.WriteCandidates(s, answers)),
            (NoAnswerScores, s => PredictionFiles.WriteNoAnswerScores(s, answers)),
        })
            if (arguments.GetValue(option) is { } file)
                AtomicFile.Write(file, write);

        // Best pieces and scores, so that the report can say which threshold would have been best.
        var report = ReadingReport.Of(
            questions,
            answers.ToDictionary(a => a.Question.Id, a => a.Best?.Text ?? ""),
            mayHaveNone ? answers.Where(a => a.NoAnswerScore != null).ToDictionary(a => a.Question.Id, a => a.NoAnswerScore!.Value) : null,
            reader.AnswerOptions.NoAnswerThreshold);
        Show(terminal, model.Name, files, report, skipped, arguments, json =>
        {
            json.WriteNumber("goldProbability", answers.Average(a => a.GoldProbability ?? 0));
            json.WriteNumber("windows", answers.Sum(a => a.Windows));
            json.WriteNumber("maxLength", reader.WindowOptions.MaxLength);
            json.WriteNumber("docStride", reader.WindowOptions.DocStride);
            json.WriteNumber("seconds", seconds);
            json.WriteString("device", model.Device.Name);
        });
        terminal.Note($"{answers.Sum(a => a.Windows):N0} windows of up to {reader.WindowOptions.MaxLength} tokens in {Duration(seconds)}");
        return 0;
    }

    private static int ScoreFile(ParseResult arguments, Terminal terminal, List<Question> questions, SkippedQuestions? skipped, string path)
    {
        if (new Option[] { Output, Candidates, NoAnswerScores }.FirstOrDefault(o => arguments.GetResult(o) is { Implicit: false }) is { } writes)
            throw new CliException($"{writes.Name}: command line: --score runs no model: leave one of the two out");
        var report = ReadingReport.Of(questions, PredictionFiles.ReadAnswers(path));
        Show(terminal, Path.GetFileNameWithoutExtension(path), arguments.GetValue(Data)!, report, skipped, arguments, _ => { });
        return 0;
    }

    private static void Show(Terminal terminal, string who, string[] files, ReadingReport report, SkippedQuestions? skipped, ParseResult arguments, Action<Utf8JsonWriter> more)
    {
        if (terminal.Json)
        {
            using var stream = new MemoryStream();
            using (var json = new Utf8JsonWriter(stream, new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
                Write(json, who, files, report, skipped, more);
            Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
            return;
        }

        terminal.Out.MarkupLineInterpolated($"[grey]{who} · {string.Join(", ", files.Select(Path.GetFileName))}[/]");
        var table = new Table().Border(TableBorder.None).AddColumn("");
        foreach (var title in new[] { "questions", "exact match", "F1" })
            table.AddColumn(new TableColumn($"[grey]{title}[/]").RightAligned());
        foreach (var (title, means) in new[] { ("all", report.All), ("with an answer", report.HasAnswer), ("without", report.NoAnswer) })
            if (means != null)
                table.AddRow(new Markup($"[grey]{title}[/]"), new Spectre.Console.Text($"{means.Total:N0}"), new Spectre.Console.Text($"{means.ExactMatch:0.00}"), new Spectre.Console.Text($"{means.F1:0.00}"));
        terminal.Out.Write(table);
        if (report.BestExactMatch is { } exact && report.BestF1 is { } f1)
            terminal.Out.MarkupLineInterpolated($"[grey]best in hindsight: exact match {exact.Score:0.00} with --no-answer-threshold {exact.Threshold:0.###}, F1 {f1.Score:0.00} with {f1.Threshold:0.###}[/]");
        if (report.Missing > 0)
            terminal.Out.MarkupLineInterpolated($"[yellow]{report.Missing} questions have no answer in the file and score 0.[/]");
        if (skipped is { Count: > 0 })
        {
            terminal.Out.MarkupLineInterpolated($"[yellow]{skipped.Count} malformed {(skipped.Count == 1 ? "question was" : "questions were")} left out:[/]");
            foreach (var reason in skipped.Reasons)
                terminal.Out.MarkupLineInterpolated($"[yellow]  {reason}[/]");
        }

        if (arguments.GetValue(Output) is { } output)
            terminal.Note($"Answers are in {output}");
    }

    private static void Write(Utf8JsonWriter json, string who, string[] files, ReadingReport report, SkippedQuestions? skipped, Action<Utf8JsonWriter> more)
    {
        json.WriteStartObject();
        json.WriteString("model", who);
        json.WriteStartArray("data");
        foreach (var file in files)
            json.WriteStringValue(file);
        json.WriteEndArray();
        Means(json, report.All);
        foreach (var (name, means) in new[] { ("hasAnswer", report.HasAnswer), ("noAnswer", report.NoAnswer) })
        {
            if (means == null)
                continue;
            json.WriteStartObject(name);
            Means(json, means);
            json.WriteEndObject();
        }

        foreach (var (name, best) in new[] { ("bestExactMatch", report.BestExactMatch), ("bestF1", report.BestF1) })
        {
            if (best is not { } found)
                continue;
            json.WriteStartObject(name);
            json.WriteNumber("score", found.Score);
            json.WriteNumber("threshold", found.Threshold);
            json.WriteEndObject();
        }

        json.WriteNumber("missing", report.Missing);
        json.WriteStartObject("skipped");
        json.WriteNumber("count", skipped?.Count ?? 0);
        json.WriteStartArray("reasons");
        foreach (var reason in skipped?.Reasons ?? [])
            json.WriteStringValue(reason);
        json.WriteEndArray();
        json.WriteEndObject();
        more(json);
        json.WriteEndObject();
    }

    private static void Means(Utf8JsonWriter json, ReadingMeans means)
    {
        json.WriteNumber("questions", means.Total);
        json.WriteNumber("exactMatch", means.ExactMatch);
        json.WriteNumber("f1", means.F1);
    }

    private static string Duration(double seconds) => seconds < 90 ? $"{seconds:0} s" : $"{seconds / 60:0} min";

    private sealed class Bar(Terminal terminal, Stopwatch clock) : IProgress<ReadingProgress>
    {
        private long _shown = long.MinValue / 2;

        public void Report(ReadingProgress value)
        {
            var now = clock.ElapsedMilliseconds;
            if (now - _shown < 100)
                return;
            _shown = now;
            var left = value.Share > 0.01 ? $" · {Duration(clock.Elapsed.TotalSeconds * (1 - value.Share) / value.Share)} left" : "";
            var count = (int)(value.Share * value.Questions);
            terminal.Live($"Answering {AnalyzeCommand.Bar(value.Share, 24),-24} {count:N0} of {value.Questions:N0} questions{left}");
        }
    }
}
