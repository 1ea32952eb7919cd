using System.CommandLine;
using AttentionServer.Engine;
using AttentionServer.Methods.Readings;

namespace AttentionServer.Cli.Commands;

/// <summary>How results are read: which layer, which tokens, words or sub-words, with special tokens or without.</summary>
internal sealed class ReadingOptions
{
    private static readonly Dictionary<string, SpecialRule> Rules = new() { ["keep"] = SpecialRule.Keep, ["drop"] = SpecialRule.Drop, ["renormalise"] = SpecialRule.Renormalise };

    private readonly Option<bool> _words = new("--words") { Description = "Read the tokens of a word as one" };
    private readonly Option<string> _special = new("--special") { Description = "keep, drop or renormalise: leave special tokens out, as they are or with rows summing to 1 again", DefaultValueFactory = _ => "keep" };
    private readonly Option<string?> _layer = new("--layer") { Description = "The layer, from 0 (layer 1 of pictures and tables), or max for the strongest of all; the last where it is left out" };
    private readonly Option<int[]> _tokens = new("--tokens") { Description = "Sum what these tokens draw, instead of the mean over all", AllowMultipleArgumentsPerToken = true };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _words, _special, _layer, _tokens })
            command.Options.Add(option);
    }

    /// <summary>True when something other than the usual reading is asked for.</summary>
    public bool IsGiven(ParseResult arguments) => new Option[] { _words, _special, _layer, _tokens }.Any(option => arguments.GetResult(option) is { Implicit: false });

    /// <summary>True when one layer is asked for, or the strongest of all.</summary>
    public bool NamesLayer(ParseResult arguments) => arguments.GetResult(_layer) is { Implicit: false };

    public MapReading Read(ParseResult arguments, Model model, int tokens)
    {
        var special = arguments.GetValue(_special)!;
        var layers = model.Config.Layers;
        var layer = arguments.GetValue(_layer);
        var number = layers - 1;
        if (layer is not (null or "max") && !(int.TryParse(layer, out number) && number >= 0 && number < layers))
            throw new CliException($"--layer {layer}: command line: {model.Name} has layers 0 to {layers - 1}; or use max");
        if (arguments.GetValue(_tokens)!.FirstOrDefault(t => t < 0 || t >= tokens, -1) is var wrong and not -1)
            throw new CliException($"--tokens {wrong}: command line: the text has tokens 0 to {tokens - 1}");
        return new()
        {
            Layer = layer == "max" ? null : number,
            Tokens = arguments.GetValue(_tokens)!,
            Words = arguments.GetValue(_words),
            Special = Rules.TryGetValue(special, out var rule) ? rule : throw new CliException($"--special {special}: command line: use {string.Join(", ", Rules.Keys)}"),
        };
    }
}
