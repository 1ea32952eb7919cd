using System.CommandLine;
using AttentionServer.Models.Catalog;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention models</c>: which models there are and what one of them is.</summary>
internal static class ModelsCommand
{
    private static readonly Argument<string> Name = new("MODEL") { Description = "A bundled name, that of a model trained here, a folder or a cached Hub id" };

    public static Command Create()
    {
        var list = new Command("list", "The bundled models, those trained here, and the cached ones");
        list.SetAction(List);
        var info = new Command("info", "What a model is") { Name };
        info.SetAction(Info);
        return new Command("models", "The models at hand") { list, info, DownloadCommand.Create(), DeleteCommand.Create(), VerifyCommand.Create(), ExportOnnxCommand.Create() };
    }

    private static int List(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var models = new ModelCatalog().List();
        if (terminal.Json)
        {
            Console.Out.WriteLine(Json(models));
            return 0;
        }

        var grid = new Grid().AddColumn().AddColumn().AddColumn();
        foreach (var model in models)
            grid.AddRow(new Spectre.Console.Text(model.Name), new Markup($"[grey]{model.Source}[/]"), new Spectre.Console.Text(model.Problem ?? model.Summary));
        terminal.Out.Write(grid);
        return 0;
    }

    private static int Info(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var model = new ModelCatalog().Resolve(arguments.GetValue(Name)!);
        if (terminal.Json)
        {
            Console.Out.WriteLine(Json([model]));
            return 0;
        }

        var grid = new Grid().AddColumn().AddColumn();
        foreach (var (what, value) in new[] { ("name", model.Name), ("from", model.Source), ("folder", model.Folder), ("is", model.Problem ?? model.Summary), ("stored as", model.StoredAs), ("card", model.Card ?? "none") })
            grid.AddRow(new Markup($"[grey]{what}[/]"), new Spectre.Console.Text(value));
        terminal.Out.Write(grid);
        return model.Problem == null ? 0 : 1;
    }

    private static string Json(IReadOnlyList<ModelInfo> models)
    {
        using var stream = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var model in models)
            {
                json.WriteStartObject();
                json.WriteString("name", model.Name);
                json.WriteString("source", model.Source);
                json.WriteString("folder", model.Folder);
                json.WriteString("architecture", model.Architecture);
                json.WriteNumber("layers", model.Layers);
                json.WriteNumber("heads", model.Heads);
                json.WriteNumber("hidden", model.Hidden);
                json.WriteNumber("parameters", model.Parameters);
                json.WriteNumber("bytes", model.Bytes);
                if (model.Problem != null)
                    json.WriteString("problem", model.Problem);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
