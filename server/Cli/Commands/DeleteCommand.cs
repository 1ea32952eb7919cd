using System.CommandLine;
using AttentionServer.Models.Catalog;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention models delete</c>: out of the Hugging Face cache.</summary>
internal static class DeleteCommand
{
    private static readonly Argument<string> Name = new("MODEL") { Description = "The Hub id of a cached model" };
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask" };

    public static Command Create()
    {
        var command = new Command("delete", "Remove a model from the Hugging Face cache, all its revisions") { Name, Yes };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var (name, catalog) = (arguments.GetValue(Name)!, new ModelCatalog());
        var bytes = catalog.BytesInCache(name);
        if (bytes > 0 && !arguments.GetValue(Yes))
        {
            if (Console.IsInputRedirected)
                throw new CliException($"models delete {name}: command line: it frees {bytes / 1e6:0.0} MB that other tools may use: add --yes");
            if (!terminal.Out.Confirm($"Delete {Markup.Escape(name)} from the Hugging Face cache ({bytes / 1e6:0.0} MB)?", defaultValue: false))
                return 0;
        }

        bytes = catalog.Delete(name);
        if (terminal.Json)
            Console.Out.WriteLine($$"""{"model": "{{System.Text.Json.JsonEncodedText.Encode(name)}}", "bytes": {{bytes}}}""");
        else
            terminal.Out.WriteLine($"{name}: {bytes / 1e6:0.0} MB freed");
        return 0;
    }
}
