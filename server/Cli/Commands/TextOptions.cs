using System.CommandLine;
using AttentionServer.Engine;
using AttentionServer.Models.Catalog;
using AttentionServer.Server;
using AttentionServer.Text;

namespace AttentionServer.Cli.Commands;

/// <summary>Which text and which model: the options that analyze and predict share.</summary>
internal sealed class TextOptions
{
    private readonly Argument<string?> _text = new("TEXT") { Description = "The text; or the question, with --pair", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _file = new("--file") { Description = "Read the text from FILE, or from its lines FILE:from-to" };
    private readonly Option<string?> _lines = new("--lines") { Description = "Analyze every line of FILE as a text of its own; with --output NAME-{n}.html" };
    private readonly Option<string?> _pair = new("--pair") { Description = "The second text of a pair (the passage)" };
    private readonly Option<string> _model = new("--model") { Description = "A bundled name, a folder in Hugging Face layout, or a cached Hub id", DefaultValueFactory = _ => ModelCatalog.DefaultModel };
    private readonly Option<string?> _ids = new("--ids") { Description = "Token ids instead of a text: \"2 5 8 3\"" };
    private readonly Option<string?> _zones = new("--zones") { Description = "The role of each id, a letter each: S special, Q question, P passage (\"SQQSPPS\")" };
    private readonly Option<string?> _segments = new("--segments") { Description = "The segment of each id: \"0 0 1 1\"" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_text);
        foreach (var option in new Option[] { _file, _pair, _model, _ids, _segments, _zones })
            command.Options.Add(option);
    }

    /// <summary>Offers to take every line of a file as a text.</summary>
    public void AddLinesTo(Command command) => command.Options.Add(_lines);

    /// <summary>Whether a text was given in one of the ways to give one.</summary>
    public bool HasText(ParseResult arguments) => new[] { arguments.GetValue(_text), arguments.GetValue(_file), arguments.GetValue(_ids), arguments.GetValue(_pair), arguments.GetValue(_segments), arguments.GetValue(_zones) }.Any(given => given != null);

    /// <summary>Whether token ids stand in for a text.</summary>
    public bool HasIds(ParseResult arguments) => arguments.GetValue(_ids) != null;

    /// <summary>The file whose lines are texts; null where there is one text.</summary>
    public string? Lines(ParseResult arguments) => arguments.GetValue(_lines);

    /// <summary>The lines that have words in them, each with its number from 1.</summary>
    public IEnumerable<(int Number, Encoding Encoding)> EncodeLines(ParseResult arguments, Model model)
    {
        if (arguments.GetValue(_text) != null || arguments.GetValue(_file) != null || arguments.GetValue(_ids) != null)
            throw new CliException("--lines: command line: the texts come from its file: leave TEXT, --file and --ids out");
        var pair = arguments.GetValue(_pair);
        return TextFile.Read(arguments.GetValue(_lines)!).Split('\n').Select((line, i) => (Number: i + 1, Text: line.Trim()))
            .Where(line => line.Text.Length > 0)
            .Select(line => (line.Number, model.Tokenizer.Encode(line.Text, pair, new EncodeOptions { MaxTokens = model.MaxTokens })));
    }

    /// <summary>Opens the model that was asked for, or else the usual one of a command.</summary>
    public Model OpenModel(ParseResult arguments, string usual = ModelCatalog.DefaultModel) =>
        ModelOpener.Open(arguments.GetResult(_model) is { Implicit: false } ? arguments.GetValue(_model)! : usual, GlobalOptions.Settings(arguments));

    public Encoding Encode(ParseResult arguments, Model model)
    {
        string? text = arguments.GetValue(_text), file = arguments.GetValue(_file), ids = arguments.GetValue(_ids), pair = arguments.GetValue(_pair);
        if (new[] { text, file, ids }.Count(s => s != null) != 1)
            throw new CliException("text: command line: give one of TEXT, --file or --ids");
        if (ids != null)
        {
            if (pair != null)
                throw new CliException("--pair: command line: --ids holds both texts already; leave --pair out");
            var numbers = Numbers("--ids", ids);
            var segments = arguments.GetValue(_segments) is { } list ? Numbers("--segments", list) : new int[numbers.Length];
            if (segments.Length != numbers.Length)
                throw new CliException($"--segments: command line: {segments.Length} segments for {numbers.Length} ids: give one for each");
            if (numbers.Length == 0)
                throw new CliException("--ids: command line: there is no id in it: give at least one");
            var zones = arguments.GetValue(_zones);
            if (zones != null && (zones.Length != numbers.Length || zones.Any(z => z is not (IdEncoding.Question or IdEncoding.Passage or IdEncoding.Scaffold))))
                throw new CliException($"--zones {zones}: command line: give one of S, Q and P for each of the {numbers.Length} ids");
            return IdEncoding.Of(numbers, segments, zones, model);
        }

        if (arguments.GetValue(_zones) != null)
            throw new CliException("--zones: command line: it goes with --ids; a text's zones come from --pair");
        if (arguments.GetValue(_segments) != null)
            throw new CliException("--segments: command line: it goes with --ids; a text's segments come from --pair");
        if (pair != null && string.IsNullOrWhiteSpace(pair))
            throw new CliException("--pair: command line: there is nothing but white space in it: give it some words, or leave it out");
        var source = text ?? TextFile.Read(file!);
        if (string.IsNullOrWhiteSpace(source))
            throw new CliException("text: command line: there is nothing but white space in it: give it some words");
        return model.Tokenizer.Encode(source, pair, new EncodeOptions { MaxTokens = model.MaxTokens });
    }

    private static int[] Numbers(string option, string list) =>
        [.. list.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(item => int.TryParse(item, out var number) && number >= 0
            ? number
            : throw new CliException($"{option} '{item}': command line: give whole numbers from 0, separated by spaces"))];
}
