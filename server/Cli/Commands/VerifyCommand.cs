using System.CommandLine;
using System.Text.Json;
using AttentionServer.Methods.Fidelity;
using AttentionServer.Models;
using AttentionServer.Server;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention models verify</c>: how exactly a model agrees with its references, with itself padded, and with half the bytes.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string> Name = new("MODEL") { Description = "A bundled name, a folder or a cached Hub id; or a folder of golden models" };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "Write the page FILE.md" };

    public static Command Create()
    {
        var command = new Command("verify", "Check that a model's weights are whole and its numbers right") { Name, Output };
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var name = arguments.GetValue(Name)!;
        var output = arguments.GetValue(Output);
        if (output != null && Path.GetExtension(output) != ".md")
            throw new CliException($"--output {output}: command line: the name must end in .md");

        var golden = Directory.Exists(name) && !File.Exists(Path.Combine(name, "config.json")) ? GoldenModel.Under(name) : [];
        var models = (golden.Count > 0 ? golden : [name]).Select(each => terminal.While($"Verifying {each}", () => Verify(each, arguments, cancellation))).ToList();
        if (output != null)
            File.WriteAllText(output, FidelityPage.Write(models));
        if (terminal.Json)
            Console.Out.WriteLine(Json(models));
        else
            foreach (var model in models)
                Print(terminal, model);
        return models.SelectMany(m => m.Agreements).All(a => a.Holds) ? 0 : 1;
    }

    private static VerifiedModel Verify(string name, ParseResult arguments, CancellationToken cancellation)
    {
        using var model = ModelOpener.Open(name, GlobalOptions.Settings(arguments));
        SelfCheck.Weights(model.Checkpoint);
        var folder = model.Checkpoint.Folder;
        var references = GoldenModel.HasReferences(folder) ? GoldenModel.Compare(model, folder, cancellation) : [];
        var texts = SelfCheck.Texts(model);
        var title = references.Count > 0 ? $"{Path.GetFileName(Path.GetDirectoryName(folder))}/{Path.GetFileName(folder)}" : model.Name;
        return new(title, model.Architecture.Title, model.Head?.Title() ?? "encoder", [.. references, SelfCheck.Padding(model, texts, cancellation), SelfCheck.Half(model, texts[1], cancellation)]);
    }

    private static void Print(Terminal terminal, VerifiedModel model)
    {
        terminal.Out.MarkupLineInterpolated($"{model.Name} [grey]{model.Family}, {model.Head}, every weight a number[/]");
        foreach (var agreement in model.Agreements)
            terminal.Out.MarkupLineInterpolated($"  {agreement.Difference,8:0.0e-0} [grey]of at most {agreement.Limit:0e-0}[/]  {agreement.What}{(agreement.Holds ? "" : "  ✗")}");
    }

    private static string Json(IReadOnlyList<VerifiedModel> models)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var model in models)
            {
                json.WriteStartObject();
                json.WriteString("model", model.Name);
                json.WriteString("architecture", model.Family);
                json.WriteString("head", model.Head);
                json.WriteStartArray("agreements");
                foreach (var agreement in model.Agreements)
                {
                    json.WriteStartObject();
                    json.WriteString("what", agreement.What);
                    json.WriteNumber("difference", double.IsFinite(agreement.Difference) ? agreement.Difference : double.MaxValue);
                    json.WriteNumber("limit", agreement.Limit);
                    json.WriteBoolean("holds", agreement.Holds);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
