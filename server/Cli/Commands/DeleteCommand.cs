using System.CommandLine;
using AttentionServer.Models.Catalog;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention models delete</c>: a model that was trained here, or one in the Hugging Face cache.</summary>
internal static class DeleteCommand
{
    private static readonly Argument<string> Name = new("MODEL") { Description = "The name of a model that was trained here, or the Hub id of a cached one" };
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask" };

    public static Command Create()
    {
        var command = new Command("delete", "Remove a model that was trained here, or one from the Hugging Face cache with all its revisions") { Name, Yes };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var terminal = new Terminal(arguments);
        var (name, catalog) = (arguments.GetValue(Name)!, new ModelCatalog());
        var bytes = catalog.BytesOf(name);
        if (bytes > 0 && !arguments.GetValue(Yes))
        {
            if (Console.IsInputRedirected)
                throw new CliException($"models delete {name}: command line: it frees {bytes / 1e6:0.0} MB{(catalog.IsTrained(name) ? "" : " that other tools may use")}: add --yes");
            if (!terminal.Out.Confirm($"Delete {Markup.Escape(name)}{(catalog.IsTrained(name) ? "" : " from the Hugging Face cache")} ({bytes / 1e6:0.0} MB)?", defaultValue: false))
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
