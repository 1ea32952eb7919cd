using System.CommandLine;
using System.Runtime.InteropServices;
using AttentionServer.Engine;
using AttentionServer.Models.Catalog;
using AttentionServer.Server;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention doctor</c>: what this machine offers, and what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Show what this machine offers: engine, devices, caches, models");
        command.SetAction(Run);
        return command;
    }

    private enum State
    {
        Good,
        Absent,
        Bad,
    }

    private sealed record Finding(string Key, string What, string Value, State State = State.Good);

    private static int Run(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var findings = Findings(arguments).ToList();
        if (terminal.Json)
            Console.Out.WriteLine(Json(findings));
        else
        {
            var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
            foreach (var finding in findings)
                grid.AddRow(new Markup($"{Mark(finding.State)} [grey]{Markup.Escape(finding.What)}[/]"), new Spectre.Console.Text(finding.Value));
            terminal.Out.Write(grid);
        }

        return findings.TrueForAll(f => f.State != State.Bad) ? 0 : 1;
    }

    private static string Mark(State state) => state switch
    {
        State.Good => "[green]✓[/]",
        State.Absent => "[grey]–[/]",
        _ => "[yellow]![/]",
    };

    private static IEnumerable<Finding> Findings(ParseResult arguments)
    {
        yield return new("runtime", ".NET", RuntimeInformation.FrameworkDescription + ", " + RuntimeInformation.RuntimeIdentifier);
        yield return new("engine", "ONNX Runtime", DeviceChoice.EngineVersion);
        yield return new("providers", "Providers", string.Join(", ", DeviceChoice.Providers));
        var settings = GlobalOptions.Settings(arguments);
        var device = DeviceChoice.For(settings);
        yield return new("device", "Device", $"{device.Name} ({device.Reason})");
        // A device that is not there is nothing to mend.
        foreach (var finding in DeviceChoice.Findings(settings))
            yield return new($"device:{finding.Id}", $"Device {finding.Title}", finding.Reason, finding.Found ? State.Good : State.Absent);
        yield return new("memory", "Memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 20):N0} MB");
        var store = GlobalOptions.Store(arguments);
        yield return new("cache", "Cache", $"{store.Folder} ({Size(store.Folder)})");
        var catalog = new ModelCatalog();
        yield return new("hub", "Hugging Face cache", $"{catalog.HubFolder} ({Size(catalog.HubFolder)})");
        var page = Installation.Find("out", "media", "page.html");
        yield return new("page", "Page for exports", page ?? "not installed: run 'npm run build'", page != null ? State.Good : State.Bad);
        var models = catalog.List();
        foreach (var model in models)
            yield return new($"model:{model.Name}", $"Model {model.Name}", model.Problem ?? model.Summary, model.Problem == null ? State.Good : State.Bad);
        if (!models.Any(m => m.Name == ModelCatalog.DefaultModel))
            yield return new("model", "Bundled model", $"{ModelCatalog.DefaultModel} is missing: install again", State.Bad);
    }

    private static string Size(string folder)
    {
        if (!Directory.Exists(folder))
            return "not there yet";
        // Snapshots of the Hub are links to the files they share, which must count once.
        var everything = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var files = new DirectoryInfo(folder).EnumerateFiles("*", everything).Select(f => f.Length).ToList();
        return $"{files.Sum() / 1e6:N0} MB in {files.Count:N0} file{(files.Count == 1 ? "" : "s")}";
    }

    private static string Json(List<Finding> findings)
    {
        using var stream = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartObject();
            foreach (var finding in findings)
            {
                json.WriteStartObject(finding.Key);
                json.WriteString("value", finding.Value);
                json.WriteBoolean("good", finding.State != State.Bad);
                if (finding.Key.StartsWith("device:", StringComparison.Ordinal))
                    json.WriteBoolean("found", finding.State == State.Good);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
