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

    private static int Run(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var findings = Findings(arguments).ToList();
        if (terminal.Json)
            Console.Out.WriteLine(Json(findings));
        else
        {
            var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(3)).AddColumn();
            foreach (var (_, what, value, good) in findings)
                grid.AddRow(new Markup($"{(good ? "[green]✓[/]" : "[yellow]![/]")} [grey]{Markup.Escape(what)}[/]"), new Spectre.Console.Text(value));
            terminal.Out.Write(grid);
        }

        return findings.TrueForAll(f => f.Good) ? 0 : 1;
    }

    private static IEnumerable<(string Key, string What, string Value, bool Good)> Findings(ParseResult arguments)
    {
        yield return ("runtime", ".NET", RuntimeInformation.FrameworkDescription + ", " + RuntimeInformation.RuntimeIdentifier, true);
        yield return ("engine", "ONNX Runtime", DeviceChoice.EngineVersion, true);
        yield return ("providers", "Providers", string.Join(", ", DeviceChoice.Providers), true);
        var device = DeviceChoice.For(GlobalOptions.Settings(arguments));
        yield return ("device", "Device", $"{device.Name} ({device.Reason})", true);
        yield return ("memory", "Memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 20):N0} MB", true);
        yield return ("cache", "Cache", GlobalOptions.Store(arguments).Folder, true);
        var page = Installation.Find("out", "media", "page.html");
        yield return ("page", "Page for exports", page ?? "not installed: run 'npm run build'", page != null);
        var models = new ModelCatalog().List();
        foreach (var model in models)
            yield return ($"model:{model.Name}", $"Model {model.Name}", model.Problem ?? model.Summary, model.Problem == null);
        if (!models.Any(m => m.Name == ModelCatalog.DefaultModel))
            yield return ("model", "Bundled model", $"{ModelCatalog.DefaultModel} is missing: install again", false);
    }

    private static string Json(List<(string Key, string What, string Value, bool Good)> findings)
    {
        using var stream = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartObject();
            foreach (var (key, _, value, good) in findings)
            {
                json.WriteStartObject(key);
                json.WriteString("value", value);
                json.WriteBoolean("good", good);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
