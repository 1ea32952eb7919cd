using AttentionServer.Engine;
using AttentionServer.Models;

namespace AttentionServer.Methods;

/// <summary>
/// A target as a user states it, in pairs: <c>class=1</c> · <c>pos=2,id=63</c> · <c>pos=2,word=are,versus=is</c> · <c>start=4</c> ·
/// <c>end=7</c> · <c>span=4-7</c> · <c>pos=2</c>. What it leaves open is what the model predicts itself.
/// </summary>
public sealed record TargetChoice
{
    private static readonly Dictionary<HeadKind, (string Key, string Example)[]> KeysOf = new()
    {
        [HeadKind.MaskedLanguageModel] = [("pos", "pos=2"), ("id", "id=63"), ("word", "word=are"), ("versus", "versus=is")],
        [HeadKind.CausalLanguageModel] = [("pos", "pos=2"), ("id", "id=63"), ("word", "word=are"), ("versus", "versus=is")],
        [HeadKind.QuestionAnswering] = [("start", "start=4"), ("end", "end=7"), ("span", "span=4-7")],
        [HeadKind.Classification] = [("class", "class=1"), ("versus", "versus=0")],
        [HeadKind.TokenClassification] = [("pos", "pos=2"), ("class", "class=1")],
        [HeadKind.ReplacedTokenDetection] = [("pos", "pos=2")],
    };

    /// <summary>Nothing stated: what the model predicts itself.</summary>
    public static TargetChoice Own { get; } = new();

    /// <summary>The place of a word or token.</summary>
    public int? Position { get; private init; }

    /// <summary>The word or class.</summary>
    public int? Choice { get; private init; }

    /// <summary>The word or class it is contrasted with.</summary>
    public int? Versus { get; private init; }

    /// <summary>The token an answer starts at.</summary>
    public int? Start { get; private init; }

    /// <summary>The token an answer ends at.</summary>
    public int? End { get; private init; }

    /// <summary>Reads a choice and checks that it makes sense for a model and a text of so many tokens.</summary>
    public static TargetChoice Parse(string text, Model model, int tokens)
    {
        if (model.Head is not { } head)
            throw Wrong(text, "the model is a bare encoder and predicts nothing: leave --target out");
        var choice = Own;
        var seen = new HashSet<string>();
        foreach (var pair in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = pair.Split('=', 2);
            if (parts.Length != 2 || !KeysOf[head].Any(k => k.Key == parts[0]))
                throw Wrong(text, $"a {head.Title()} head takes {string.Join(", ", KeysOf[head].Select(k => k.Example))}");
            if (!seen.Add(parts[0]))
                throw Wrong(text, $"{parts[0]} is given twice: give it once");
            int Number(string value, int limit) => int.TryParse(value, out var number) && number >= 0 && number < limit
                ? number
                : throw Wrong(text, $"{parts[0]} must be a number from 0 to {limit - 1}");
            choice = (parts[0], head) switch
            {
                ("pos", _) => choice with { Position = Number(parts[1], tokens) },
                ("id", _) => choice with { Choice = Number(parts[1], model.Config.VocabularySize) },
                ("word", _) => choice with { Choice = Word(text, parts[1], model) },
                ("class", _) => choice with { Choice = Number(parts[1], model.Config.Labels.Count) },
                ("versus", HeadKind.Classification) => choice with { Versus = Number(parts[1], model.Config.Labels.Count) },
                ("versus", _) => choice with { Versus = int.TryParse(parts[1], out _) ? Number(parts[1], model.Config.VocabularySize) : Word(text, parts[1], model) },
                ("start", _) => choice with { Start = Number(parts[1], tokens) },
                ("end", _) => choice with { End = Number(parts[1], tokens) },
                _ => Span(choice, parts[1].Split('-'), value => Number(value, tokens), text),
            };
        }

        if (seen.Contains("id") && seen.Contains("word"))
            throw Wrong(text, "id and word both say which word: give one of them");
        return choice;
    }

    /// <summary>The place whose word logits the target is about; null for heads that have few logits.</summary>
    public int[]? WordsAt(Model model, TokenInput input) =>
        model.Head is HeadKind.MaskedLanguageModel or HeadKind.CausalLanguageModel ? [Position ?? UsualRow(model.Head.Value, model, input)] : null;

    /// <summary>The target, with what is left open read from the logits of the whole text, or of words at <see cref="WordsAt"/>.</summary>
    public Target Resolve(Model model, TokenInput input, Tensor logits)
    {
        var head = model.Head ?? throw new MethodException($"target: {model.Name}: it is a bare encoder and predicts nothing: choose a model with a head");
        if (head == HeadKind.QuestionAnswering)
        {
            TargetTerm[] span = [.. Start is { } s ? [new TargetTerm(0, s, 1)] : Array.Empty<TargetTerm>(), .. End is { } e ? [new TargetTerm(1, e, 1)] : Array.Empty<TargetTerm>()];
            return new(head, span.Length > 0 ? span : [new(0, Best(logits.At(0)), 1)]);
        }

        var row = Position ?? UsualRow(head, model, input);
        var column = Choice ?? head switch
        {
            HeadKind.ReplacedTokenDetection => 0,
            HeadKind.Classification => Best(logits.Span),
            _ => Best(logits.At(logits.Shape[0] == input.Length ? row : 0)),
        };
        return new(head, Versus is { } other ? [new(row, column, 1), new(row, other, -1)] : [new(row, column, 1)]);
    }

    /// <summary>Where the model predicts something when nobody says where.</summary>
    private static int UsualRow(HeadKind head, Model model, TokenInput input)
    {
        var last = input.Length - 1;
        switch (head)
        {
            case HeadKind.CausalLanguageModel:
                return last;
            case HeadKind.MaskedLanguageModel:
                var mask = model.RolesIn(input).Blank;
                var masked = Array.FindIndex(input.Ids, id => id == mask);
                return masked >= 0 ? masked : Math.Min(1, last);
            case HeadKind.TokenClassification:
                return Math.Min(1, last);
            case HeadKind.ReplacedTokenDetection:
                return Math.Min(2, last);
            default:
                return 0;
        }
    }

    private static TargetChoice Span(TargetChoice choice, string[] ends, Func<string, int> number, string text)
    {
        if (ends.Length != 2 || number(ends[0]) > number(ends[1]))
            throw Wrong(text, "a span is written first-last, such as span=4-7");
        return choice with { Start = number(ends[0]), End = number(ends[1]) };
    }

    /// <summary>A word of the vocabulary; where words start with a mark for the space before them, with it.</summary>
    private static int Word(string text, string word, Model model)
    {
        var ids = new[] { " " + word, word }.Select(model.Tokenizer.EncodeToIds).FirstOrDefault(found => found.Count == 1);
        return ids?[0] ?? throw Wrong(text, $"'{word}' is no single token of {model.Name}: choose a word it has, or give an id");
    }

    private static int Best(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best])
                best = i;
        return best;
    }

    private static MethodException Wrong(string text, string why) => new($"--target {text}: command line: {why}") { IsBadArgument = true };
}
