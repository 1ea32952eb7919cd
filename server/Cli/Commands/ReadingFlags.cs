using System.CommandLine;
using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Studies.Reading;

namespace AttentionServer.Cli.Commands;

/// <summary>How passages are cut into windows, and which answers are looked for in them.</summary>
internal sealed class ReadingFlags
{
    private readonly Option<int?> _maxLength = new("--max-length") { Description = "The most tokens of a window of question and passage (384, or what the model has positions for)" };
    private readonly Option<int?> _docStride = new("--doc-stride") { Description = "How many tokens further each window of a long passage begins (128)" };
    private readonly Option<int?> _maxQuestion = new("--max-question") { Description = "The most tokens of the question (64)" };
    private readonly Option<int> _longest = new("--longest-answer") { Description = "The most tokens of an answer", DefaultValueFactory = _ => SpanSearch.LongestAnswer };
    private readonly Option<double> _threshold = new("--no-answer-threshold") { Description = "'No answer' wins when it scores more than this above the best answer" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _maxLength, _docStride, _maxQuestion, _longest, _threshold })
            command.Options.Add(option);
    }

    /// <summary>Whether one of them was given.</summary>
    public bool Given(ParseResult arguments) => new Option[] { _maxLength, _docStride, _maxQuestion, _longest, _threshold }.Any(o => arguments.GetResult(o) is { Implicit: false });

    public double Threshold(ParseResult arguments) => arguments.GetValue(_threshold) is var threshold && double.IsNaN(threshold)
        ? throw new CliException("--no-answer-threshold: command line: give a number")
        : threshold;

    public Reader Reader(ParseResult arguments, Model model, int candidates, bool mayHaveNone)
    {
        var usual = WindowOptions.For(model);
        int length = FromOne(arguments, _maxLength) ?? usual.MaxLength, longest = arguments.GetValue(_longest);
        if (longest < 1)
            throw new CliException($"--longest-answer {longest}: command line: give a number from 1");
        if (length > model.MaxTokens)
            throw new CliException($"--max-length {length}: command line: {model.Name} has positions for {model.MaxTokens}: give that or less");
        var windows = new WindowOptions
        {
            MaxLength = length,
            DocStride = FromOne(arguments, _docStride) ?? Math.Clamp(length / 3, 1, usual.DocStride),
            MaxQuestion = FromOne(arguments, _maxQuestion) ?? Math.Clamp(length / 3, 1, usual.MaxQuestion),
        };
        return new(model, windows, new() { LongestAnswer = longest, Candidates = candidates, MayHaveNone = mayHaveNone, NoAnswerThreshold = Threshold(arguments) });
    }

    private static int? FromOne(ParseResult arguments, Option<int?> option) => arguments.GetValue(option) is { } value and < 1
        ? throw new CliException($"{option.Name} {value}: command line: give a number from 1")
        : arguments.GetValue(option);
}
