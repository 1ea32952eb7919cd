using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using AttentionServer.Server.Export;
using AttentionServer.Studies.Runs;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention runs</c>: studies that were started, of any kind: how far they are, their tables, and the worker that goes on with one.</summary>
internal static class RunsCommand
{
    private static readonly Argument<string> Folder = new("DIR") { Description = "The folder of a run" };
    private static readonly Option<string?> In = new("--in") { Description = "A folder of runs, instead of the usual one" };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "The file to write: .csv, .html or .json" };
    private static readonly Option<bool> Examples = new("--examples") { Description = "Every example of every cell instead of means; .csv only" };
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask" };
    private static readonly Argument<string[]> Others = new("FROM") { Description = "Folders of the same run, as other machines left them", Arity = ArgumentArity.OneOrMore };

    public static Command Create()
    {
        var list = new Command("list", "The runs there are, and how far they are") { In };
        list.SetAction(List);
        var show = new Command("show", "What a run is, how far it is, and its table") { Folder };
        show.SetAction(Show);
        var export = new Command("export", "Write the finished cells of a run to a file") { Folder, Output, Examples };
        export.SetAction(Export);
        var delete = new Command("delete", "Delete a run with all its cells") { Folder, Yes };
        delete.SetAction(Delete);
        var merge = new Command("merge", "Take over finished cells of the same run from other folders") { Folder, Others };
        merge.SetAction(Merge);
        return new Command("runs", "Studies that were started: progress, tables, export") { list, show, export, delete, merge, RunsWorkCommand.Create() };
    }

    private static int List(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var folder = arguments.GetValue(In) ?? RunCatalog.DefaultFolder;
        var runs = RunCatalog.List(folder, StudyRegistry.Default);
        if (terminal.Json)
        {
            Console.Out.WriteLine(new JsonArray([.. runs.Select(Json)]).ToJsonString(new() { WriteIndented = true }));
            return 0;
        }

        if (runs.Count == 0)
            terminal.Note($"No runs in {folder}");
        var grid = new Grid().AddColumn().AddColumn().AddColumn().AddColumn();
        foreach (var run in runs)
            grid.AddRow(new Spectre.Console.Text(run.Path), new Spectre.Console.Text(run.Manifest?.Title ?? ""), new Markup($"[grey]{run.Manifest?.Created.LocalDateTime:yyyy-MM-dd HH:mm}[/]"), new Spectre.Console.Text(Progress(run)));
        terminal.Out.Write(grid);
        return 0;
    }

    private static int Show(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var run = RunFolder.Open(arguments.GetValue(Folder)!);
        var study = StudyRegistry.Default.TryFind(run.Manifest.Study);
        var summary = RunCatalog.Describe(run, StudyRegistry.Default);
        var table = RunTable.Of(run, study);
        if (terminal.Json)
        {
            var json = Json(summary);
            json["table"] = new JsonArray([.. table.Rows.Select(row => new JsonObject(
            [
                .. table.Dimensions.Zip(row.Dimensions, (name, value) => KeyValuePair.Create(name, (JsonNode?)value)),
                KeyValuePair.Create("examples", (JsonNode?)row.Examples),
                .. table.Measures.Zip(row.Means, (name, mean) => KeyValuePair.Create(name, double.IsFinite(mean) ? (JsonNode?)mean : null)),
            ]))]);
            Console.Out.WriteLine(json.ToJsonString(new() { WriteIndented = true }));
            return 0;
        }

        terminal.Out.WriteLine(run.Manifest.Title);
        var grid = new Grid().AddColumn().AddColumn();
        foreach (var (what, value) in new[] { ("folder", run.Path), ("study", run.Manifest.Study), ("started", $"{run.Manifest.Created.LocalDateTime:yyyy-MM-dd HH:mm}"), ("progress", Progress(summary)) }
            .Concat(run.Manifest.Fingerprints.Select(f => (f.Key, f.Value)))
            .Concat(run.Manifest.Jobs.Select(j => ("job", string.Create(CultureInfo.InvariantCulture, $"{j.Executor} {j.Id}, {j.Cells} cells, {j.Submitted.LocalDateTime:yyyy-MM-dd HH:mm}")))))
            grid.AddRow(new Spectre.Console.Text(what), new Spectre.Console.Text(value));
        terminal.Out.Write(grid);
        if (table.Rows.Count == 0)
            return 0;
        var cells = new Table().Border(TableBorder.None);
        foreach (var name in table.Dimensions)
            cells.AddColumn(Markup.Escape(name));
        foreach (var name in table.Measures.Prepend("examples"))
            cells.AddColumn(new TableColumn(Markup.Escape(name)).RightAligned());
        foreach (var row in table.Rows)
            cells.AddRow([.. row.Dimensions.Select(Markup.Escape), $"{row.Examples}", .. row.Means.Select(m => double.IsFinite(m) ? m.ToString("0.####", CultureInfo.InvariantCulture) : "–")]);
        terminal.Out.WriteLine();
        terminal.Out.Write(cells);
        return 0;
    }

    private static int Export(ParseResult arguments)
    {
        var path = arguments.GetValue(Output) ?? throw new CliException("runs export: command line: name the file with --output");
        if (arguments.GetValue(Examples) && !path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            throw new CliException($"--examples: {path}: only .csv holds every example: use a .csv file, or leave --examples out");
        var run = RunFolder.Open(arguments.GetValue(Folder)!);
        SweepExport.Write(path, run, StudyRegistry.Default, arguments.GetValue(Examples), CancellationToken.None);
        new Terminal(arguments).Note($"Written: {path}");
        return 0;
    }

    private static int Delete(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var run = RunFolder.Open(arguments.GetValue(Folder)!);
        var cells = run.CountFiles();
        if (!arguments.GetValue(Yes))
        {
            if (Console.IsInputRedirected)
                throw new CliException($"runs delete {run.Path}: command line: its {cells} finished cells would be gone for good: add --yes");
            if (!terminal.Out.Confirm($"Delete {Markup.Escape(run.Manifest.Title)} with {cells} finished cells ({Markup.Escape(run.Path)})?", defaultValue: false))
                return 0;
        }

        run.Delete();
        if (terminal.Json)
            Console.Out.WriteLine(new JsonObject { ["path"] = run.Path, ["cells"] = cells }.ToJsonString());
        else
            terminal.Out.WriteLine($"{run.Path}: {cells} cells deleted");
        return 0;
    }

    private static int Merge(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var run = RunFolder.Open(arguments.GetValue(Folder)!);
        var (taken, damaged) = (0, 0);
        foreach (var other in arguments.GetValue(Others)!)
        {
            var (more, bad) = run.Merge(RunFolder.Open(other));
            (taken, damaged) = (taken + more, damaged + bad);
        }

        if (terminal.Json)
            Console.Out.WriteLine(new JsonObject { ["path"] = run.Path, ["taken"] = taken, ["damaged"] = damaged }.ToJsonString());
        else
            terminal.Out.WriteLine($"{run.Path}: {taken} cells taken over{(damaged > 0 ? $", {damaged} damaged ones left out" : "")}");
        return 0;
    }

    private static string Progress(RunSummary run) =>
        $"{run.Progress?.ToString() ?? $"{run.Cells} cells"}{(run.Working > 0 ? ", under way" : "")}{(run.Problem is { } problem ? $" ({problem})" : "")}";

    private static JsonObject Json(RunSummary run) => new()
    {
        ["path"] = run.Path,
        ["study"] = run.Manifest?.Study,
        ["title"] = run.Manifest?.Title,
        ["created"] = run.Manifest?.Created.ToString("O", CultureInfo.InvariantCulture),
        ["cells"] = run.Cells,
        ["done"] = run.Progress?.Done,
        ["total"] = run.Progress?.Total,
        ["secondsLeft"] = run.Progress?.Left?.TotalSeconds,
        ["working"] = run.Working,
        ["problem"] = run.Problem,
        ["jobs"] = new JsonArray([.. (run.Manifest?.Jobs ?? []).Select(j => new JsonObject { ["executor"] = j.Executor, ["id"] = j.Id, ["cells"] = j.Cells })]),
    };
}
