using System.CommandLine;
using System.Text.Json;
using AttentionServer.Models.Hub;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention models download</c>: from the Hub into the cache that Hugging Face's tools share.</summary>
internal static class DownloadCommand
{
    private static readonly Argument<string> Name = new("MODEL") { Description = "owner/name or owner/name@revision" };
    private static readonly Option<string?> Revision = new("--revision") { Description = "A branch, tag or commit" };

    public static Command Create()
    {
        var command = new Command("download", "Fetch a model from the Hugging Face Hub; goes on where it stopped") { Name, Revision };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var name = arguments.GetValue(Name)!;
        if (arguments.GetValue(Revision) is { } revision)
            name = name.Contains('@', StringComparison.Ordinal) ? throw new CliException("--revision: command line: the name has a revision already: give one of them") : $"{name}@{revision}";
        var model = await new HubDownload(HubSettings.FromEnvironment()).RunAsync(name, new Line(terminal), cancellation).ConfigureAwait(false);
        terminal.Live("");
        if (terminal.Json)
            Console.Out.WriteLine(Json(model));
        else
            terminal.Out.WriteLine(model.Bytes == 0 ? $"{model.Id} is in the cache: {model.Folder}" : $"{model.Id}: {model.Bytes / 1e6:0.0} MB fetched: {model.Folder}");
        return 0;
    }

    private static string Json(DownloadedModel model)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("model", model.Id);
            json.WriteString("folder", model.Folder);
            json.WriteString("commit", model.Commit);
            json.WriteNumber("bytes", model.Bytes);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    // Unlike Progress<T>, on the thread that fetches: a line must not come after the last one.
    private sealed class Line(Terminal terminal) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => terminal.Live($"{value}");
    }
}
