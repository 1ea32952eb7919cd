using System.CommandLine;
using System.Text.Json;
using AttentionServer.Methods.Zones;
using AttentionServer.Models.Catalog;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Server;
using AttentionServer.Server.Export;
using AttentionServer.Server.Features;
using AttentionServer.Server.Protocol;
using AttentionServer.Studies.Executors;
using AttentionServer.Studies.Runs;
using AttentionServer.Studies.Statistics;
using AttentionServer.Studies.Zones;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention sweep zones</c>: attention zones masked one by one over data sets, resumable, with how sure the numbers are.</summary>
internal static class SweepCommand
{
    private static readonly Option<string[]> ModelNames = new("--model", "-m") { Description = "Models for question answering, seeds of one another; several times for several", DefaultValueFactory = _ => [ZonesFeature.DefaultModel] };
    private static readonly Option<string[]> Data = new("--data") { Description = "Files of questions: SQuAD JSON or JSON lines", Required = true, AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int?> Limit = new("--limit") { Description = "How many questions at most, from the first" };
    private static readonly Option<string?> Zones = new("--zones") { Description = $"Zones separated by commas: {string.Join(", ", Zone.All.Select(z => z.Id))}; the paper's five where left out" };
    private static readonly Option<string[]> Own = new("--zone") { Description = "A zone of your own, NAME=QUERIES<-KEYS (docs/ZONES.md)" };
    private static readonly Option<string?> Layers = new("--layers") { Description = "The layers, from 0: 0-3,5; all where left out" };
    private static readonly Option<string> Strengths = new("--strengths") { Description = "How strongly, from 0 to 1: 1, or 0.25,0.5,0.75,1 for dose and response", DefaultValueFactory = _ => "1" };
    private static readonly Option<string> Mode = new("--mask-mode") { Description = "score (before the softmax, rows share what is left) or probability (after it)", DefaultValueFactory = _ => "score" };
    private static readonly Option<string> Metric = new("--metric") { Description = "What the tables show: em, f1, probability, separated by commas", DefaultValueFactory = _ => "em,f1" };
    private static readonly Option<bool> SkipBad = new("--skip-bad") { Description = "Leave out malformed questions and count them" };
    private static readonly Option<string?> Folder = new("--run") { Description = "The folder of the run; goes on with it where it has been started" };
    private static readonly Option<bool> PlanOnly = new("--plan") { Description = "Say what it will compute and cost, and stop" };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "Write the report to FILE.html, or the table to .csv or .json" };
    private static readonly Option<string> ExecutorName = new("--executor") { Description = "local, or slurm: a job array on a cluster", DefaultValueFactory = _ => "local" };
    private static readonly Option<string?> Devices = new("--devices") { Description = "Worker processes, one for each of these devices: cuda:0,cuda:1 or cpu,cpu" };
    private static readonly Option<string[]> SlurmArguments = new("--slurm-arg") { Description = "A further argument for sbatch, as it is: --slurm-arg=--partition=gpu" };
    private static readonly Option<int> Tasks = new("--tasks") { Description = "Tasks of the job array at most", DefaultValueFactory = _ => 8 };
    private static readonly Argument<string> First = new("RUN") { Description = "The folder of a sweep" };
    private static readonly Argument<string> Second = new("OTHER") { Description = "The folder of another: other models, or other data" };

    public static Command Create()
    {
        var zones = new Command("zones", "Mask attention zones of questions and passages, one layer at a time: what do scores hang on?");
        foreach (var option in new Option[] { ModelNames, Data, Limit, Zones, Own, Layers, Strengths, Mode, Metric, SkipBad, Folder, PlanOnly, Output, ExecutorName, Devices, SlurmArguments, Tasks })
            zones.Options.Add(option);
        zones.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        var compare = new Command("compare", "How alike two sweeps order the same cells: does what one found hold for another model or data set?") { First, Second };
        compare.SetAction(Compare);
        return new Command("sweep", "Studies that change the model over whole data sets") { zones, compare };
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var metrics = ListOptions.Names(arguments.GetValue(Metric)!);
        if (metrics.Length == 0 || metrics.Any(m => !SweepMeasures.All.Contains(m)))
            throw new CliException($"--metric {metrics.FirstOrDefault(m => !SweepMeasures.All.Contains(m))}: command line: use {string.Join(", ", SweepMeasures.All)}");
        var executor = ExecutorOf(arguments);
        var (manifest, skipped) = terminal.While("Reading models and data", () => ZoneSweep.Start(RequestOf(arguments), cancellation));
        var sweep = ZoneSweep.Of(manifest);
        var folder = arguments.GetValue(Folder) ?? ZoneSweep.FolderFor(manifest);
        terminal.Note(manifest.Title);
        if (skipped > 0)
            terminal.Note($"{skipped} malformed questions are left out");
        if (arguments.GetValue(PlanOnly))
        {
            var cost = terminal.While("Measuring", () => ZoneSweepCost.Of(sweep, GlobalOptions.Settings(arguments), cancellation));
            terminal.Out.WriteLine($"{sweep.Cells().Count} cells × {sweep.Models.Count} models × {sweep.Questions} questions: {cost}");
            terminal.Out.WriteLine($"Run: {folder}");
            return 0;
        }

        var run = OpenOrExtend(folder, manifest, arguments, cancellation);
        terminal.Note($"Run: {run.Path}");
        var options = new ExecutorOptions { Settings = GlobalOptions.Settings(arguments), WorkerCommand = [WorkerProgram(), "runs", "work"] };
        try
        {
            executor.Execute(run, StudyRegistry.Default.Of(run), options, new Line(terminal), cancellation);
        }
        catch (OperationCanceledException)
        {
            terminal.Live("");
            terminal.Note($"Stopped: what is finished is kept; the same command goes on, or 'attention runs show {run.Path}' tells how far it is");
            throw;
        }

        terminal.Live("");
        var report = terminal.While("Judging", () => RunsFeature.ReportOf(run, cancellation));
        if (arguments.GetValue(Output) is { } output)
        {
            SweepExport.Write(output, run, StudyRegistry.Default, examples: false, cancellation);
            terminal.Note($"Written: {output}");
        }

        if (terminal.Json)
            Console.Out.WriteLine(JsonSerializer.Serialize(report, ProtocolJson.Default.SweepReport));
        else
            SweepTable.Print(terminal.Out, report, metrics);
        return 0;
    }

    private static int Compare(ParseResult arguments)
    {
        var options = new InferenceOptions();
        var reports = new[] { First, Second }.Select(f => ZoneSweepReport.Of(RunFolder.Open(arguments.GetValue(f)!), options)).ToList();
        new Terminal(arguments).Out.WriteLine(SweepSummaries.Compared(ZoneSweepReport.Compare(reports[0], reports[1], options)));
        return 0;
    }

    /// <summary>A run that is there goes on, and grows where more is asked for; what it was started with must be what it was.</summary>
    private static RunFolder OpenOrExtend(string folder, RunManifest manifest, ParseResult arguments, CancellationToken cancellation)
    {
        if (!RunFolder.Exists(folder))
            return RunFolder.Create(folder, manifest);
        var run = RunFolder.Open(folder);
        if (run.Manifest.DifferenceFrom(manifest) == null)
            return run;
        // Slices stay as they were cut, or what is finished would not be part of the larger sweep.
        run.Extend(run.Manifest.Study == ZoneSweep.Study ? ZoneSweep.Start(RequestOf(arguments) with { Slice = ZoneSweep.Of(run.Manifest).Slice }, cancellation).Manifest : manifest);
        return run;
    }

    private static ZoneSweepRequest RequestOf(ParseResult arguments)
    {
        var models = arguments.GetValue(ModelNames)!;
        var mode = MaskModes.FromId(arguments.GetValue(Mode)!) ?? throw new CliException($"--mask-mode {arguments.GetValue(Mode)}: command line: use score or probability");
        var own = arguments.GetValue(Own) ?? [];
        string[] named = arguments.GetValue(Zones) is { } list ? ListOptions.Names(list) : own.Length > 0 ? [] : [.. Zone.Paper.Select(z => z.Id)];
        var request = new ZoneSweepRequest
        {
            Models = models,
            Files = arguments.GetValue(Data)!,
            Limit = arguments.GetValue(Limit),
            Zones = [.. named, .. own],
            Strengths = ListOptions.Strengths(arguments.GetValue(Strengths)!),
            Mode = mode,
            SkipBad = arguments.GetValue(SkipBad),
        };
        if (request.Zones.Count == 0)
            throw new CliException("--zones: command line: name at least one zone");
        if (request.Strengths.Count == 0)
            throw new CliException("--strengths: command line: name at least one");
        if (arguments.GetValue(Layers) is not { } layers)
            return request;
        using var checkpoint = Checkpoint.Open(new ModelCatalog().Resolve(models[0]).Folder);
        return request with { Layers = ListOptions.Layers(layers, models[0], checkpoint.Config.Layers) };
    }

    private static IExecutor ExecutorOf(ParseResult arguments) => (arguments.GetValue(ExecutorName), arguments.GetValue(Devices)) switch
    {
        ("local", null) => new LocalExecutor(),
        ("local", { } devices) => new ProcessExecutor(ListOptions.Names(devices)),
        ("slurm", null) => new SlurmExecutor(new() { Tasks = arguments.GetValue(Tasks), Arguments = arguments.GetValue(SlurmArguments) ?? [] }),
        ("slurm", _) => throw new CliException("--devices: command line: tasks of Slurm use the device that they are given: leave it out, or use --slurm-arg=--gres=gpu:1"),
        var (name, _) => throw new CliException($"--executor {name}: command line: use local or slurm"),
    };

    private static string WorkerProgram() => Environment.ProcessPath ?? "attention";

    private sealed class Line(Terminal terminal) : IProgress<RunProgress>
    {
        private const int Width = 24;

        public void Report(RunProgress value)
        {
            var full = (int)(Width * value.Share);
            terminal.Live($"{new string('█', full)}{new string('░', Width - full)} {value}");
        }
    }
}
