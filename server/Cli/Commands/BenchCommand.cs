using System.CommandLine;
using System.Globalization;
using AttentionServer.Cli.Bench;
using AttentionServer.Engine;
using AttentionServer.Models.Catalog;
using AttentionServer.Server;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention bench</c>: how fast this machine runs a model, and how near that is to what it can multiply.</summary>
internal static class BenchCommand
{
    private static readonly Option<string> Model = new("--model") { Description = "A model, or random:bert-base or random:bert-mini", DefaultValueFactory = _ => ModelCatalog.DefaultModel };
    private static readonly Option<int> Length = new("--length") { Description = "Tokens of each text", DefaultValueFactory = _ => 128 };
    private static readonly Option<int> Batch = new("--batch") { Description = "Texts at once", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Repeats = new("--repeats") { Description = "How often each is timed", DefaultValueFactory = _ => 9 };
    private static readonly Option<string> Methods = new("--method") { Description = "forward, attention_mean, rollout, …, separated by commas", DefaultValueFactory = _ => "forward" };

    public static Command Create()
    {
        var command = new Command("bench", "Time a model on this machine") { Model, Length, Batch, Repeats, Methods };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        int length = Positive(arguments, Length), batch = Positive(arguments, Batch), repeats = Positive(arguments, Repeats);
        var settings = GlobalOptions.Settings(arguments);
        var work = new BenchWork(length, batch);
        var methods = arguments.GetValue(Methods)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var method in methods)
            BenchWork.Check(method);

        using var model = terminal.While("Opening the model", () => RandomModel.TryCreate(arguments.GetValue(Model)!, settings) ?? ModelOpener.Open(arguments.GetValue(Model)!, settings));
        var peak = terminal.While("Measuring the matrix product", () => GemmPeak.Measure(model.Device, cancellation));
        var results = methods.Select(method => terminal.While($"Timing {method}", () => work.Time(method, model, repeats, cancellation))).ToList();
        if (terminal.Json)
            Console.Out.WriteLine(Json(peak, results));
        else
            Print(terminal, model, work, peak, results);
        return 0;
    }

    private static int Positive(ParseResult arguments, Option<int> option) => arguments.GetValue(option) is > 0 and var value
        ? value
        : throw new CliException($"{option.Name}: command line: give a number from 1");

    private static void Print(Terminal terminal, Model model, BenchWork work, double peak, List<BenchResult> results)
    {
        terminal.Out.MarkupLineInterpolated($"[grey]{model.Name} on {model.Device.Name}, {work.Batch} × {work.Length} tokens; matrix products reach {peak:0} GFLOP/s here[/]");
        var table = new Table().Border(TableBorder.None).AddColumns("method", "median", "spread", "GFLOP/s", "of peak", "peak memory");
        foreach (var r in results)
            table.AddRow(r.Method, $"{r.Seconds * 1000:0.0} ms", $"±{r.Spread * 1000:0.0} ms", $"{r.Gflops:0}", $"{100 * r.Gflops / peak:0} %", $"{r.PeakMemoryMB:0} MB");
        terminal.Out.Write(table);
    }

    private static string Json(double peak, List<BenchResult> results) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"gemmPeakGflops": {{peak:0.0}}, "methods": [{{string.Join(", ", results.Select(r => string.Create(CultureInfo.InvariantCulture,
            $$"""{"method": "{{r.Method}}", "seconds": {{r.Seconds:0.000000}}, "spread": {{r.Spread:0.000000}}, "gflops": {{r.Gflops:0.0}}, "peakMemoryMB": {{r.PeakMemoryMB:0.0}}}""")))}}]}
        """);
}
