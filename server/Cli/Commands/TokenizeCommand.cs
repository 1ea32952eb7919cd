using System.CommandLine;
using System.Text.Json;
using AttentionServer.Text;
using Spectre.Console;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention tokenize</c>: the tokens of texts with ids and exact source ranges.</summary>
internal static class TokenizeCommand
{
    private static readonly Argument<string?> Text = new("TEXT") { Arity = ArgumentArity.ZeroOrOne, Description = "The text" };
    private static readonly Option<string?> TokenizerPath = new("--tokenizer") { Description = "A model folder or a tokenizer.json", Required = true };
    private static readonly Option<string?> FilePath = new("--file") { Description = "Read the text from FILE, or from its lines FILE:from-to" };
    private static readonly Option<bool> StdinLines = new("--stdin-lines") { Description = "Read one JSON string, or [text, pair], from each line of standard input" };
    private static readonly Option<string?> Pair = new("--pair") { Description = "The second text of a pair" };
    private static readonly Option<bool> NoSpecial = new("--no-special") { Description = "Leave out special tokens" };

    public static Command Create()
    {
        var command = new Command("tokenize", "Show the tokens of a text") { Text, TokenizerPath, FilePath, StdinLines, Pair, NoSpecial };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var tokenizer = Tokenizer.Load(arguments.GetValue(TokenizerPath)!);
        var options = new EncodeOptions { AddSpecial = !arguments.GetValue(NoSpecial) };
        string? text = arguments.GetValue(Text), file = arguments.GetValue(FilePath);
        var stdin = arguments.GetValue(StdinLines);
        if ((text != null ? 1 : 0) + (file != null ? 1 : 0) + (stdin ? 1 : 0) != 1)
            throw new CliException("text: command line: give one of TEXT, --file or --stdin-lines");
        if (stdin)
        {
            if (!arguments.GetValue(GlobalOptions.Json))
                throw new CliException("--stdin-lines: command line: it answers in JSON lines; add --json");
            for (var (line, number) = (Console.In.ReadLine(), 1); line != null; line = Console.In.ReadLine(), number++)
            {
                var (first, second) = ParseLine(line, number);
                Console.Out.WriteLine(Json(tokenizer.Encode(first, second, options)));
            }

            return 0;
        }

        var encoding = tokenizer.Encode(text ?? TextFile.Read(file!), arguments.GetValue(Pair), options);
        if (arguments.GetValue(GlobalOptions.Json))
            Console.Out.WriteLine(Json(encoding));
        else
            Print(new Terminal(arguments), encoding);
        return 0;
    }

    private static (string Text, string? Pair) ParseLine(string line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.String)
                return (root.GetString()!, null);
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 2 && root.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String))
                return (root[0].GetString()!, root[1].GetString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Falls through to the one message that says what a line should be.
        }

        throw new CliException($"standard input: line {number}: give a JSON string, or an array of two");
    }

    private static string Json(Encoding encoding)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            void Array<T>(string name, IEnumerable<T> items, Action<T> write)
            {
                json.WriteStartArray(name);
                foreach (var item in items)
                    write(item);
                json.WriteEndArray();
            }

            json.WriteStartObject();
            Array("ids", encoding.Ids, json.WriteNumberValue);
            Array("tokens", encoding.Tokens, t => json.WriteStringValue(t.Text));
            Array("ranges", encoding.Tokens, t =>
            {
                json.WriteStartArray();
                json.WriteNumberValue(t.Range.Start);
                json.WriteNumberValue(t.Range.End);
                json.WriteEndArray();
            });
            Array("types", encoding.TypeIds, json.WriteNumberValue);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Print(Terminal terminal, Encoding encoding)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("[grey]#[/]", "[grey]id[/]", "[grey]token[/]", "[grey]from[/]", "[grey]source[/]");
        for (var i = 0; i < encoding.Tokens.Count; i++)
        {
            var token = encoding.Tokens[i];
            var source = token.Segment == Segment.Passage ? encoding.Pair! : encoding.Source;
            table.AddRow(
                new Markup($"[grey]{i}[/]"),
                new Spectre.Console.Text($"{token.Id}"),
                new Spectre.Console.Text(token.Text),
                new Markup(token.Special ? "" : $"[grey]{token.Range.Start}–{token.Range.End}[/]"),
                new Spectre.Console.Text(token.Special ? "" : source[token.Range.Start..token.Range.End].Replace("\n", "⏎", StringComparison.Ordinal)));
        }

        terminal.Out.Write(table);
        if (encoding.Truncation is { } cut)
            terminal.Note(cut.Sentence);
    }
}
