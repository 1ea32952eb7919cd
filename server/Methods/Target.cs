using AttentionServer.Models;

namespace AttentionServer.Methods;

/// <summary>
/// What a prediction, and everything that explains one, is about: a class, a word at a place, an answer's start or end.
/// Written as pairs: <c>class=1</c>, <c>pos=2,id=63</c>, <c>start=4</c>, <c>end=7</c>, <c>pos=2</c>.
/// </summary>
public sealed record Target
{
    private static readonly Dictionary<HeadKind, string[]> KeysOf = new()
    {
        [HeadKind.MaskedLanguageModel] = ["pos", "id"],
        [HeadKind.CausalLanguageModel] = ["pos", "id"],
        [HeadKind.QuestionAnswering] = ["start", "end"],
        [HeadKind.Classification] = ["class"],
        [HeadKind.TokenClassification] = ["pos", "class"],
        [HeadKind.ReplacedTokenDetection] = ["pos"],
    };

    private readonly Dictionary<string, int> _numbers;

    private Target(Dictionary<string, int> numbers) => _numbers = numbers;

    /// <summary>The place of a word or token.</summary>
    public int? Position => _numbers.TryGetValue("pos", out var position) ? position : null;

    /// <summary>Reads a target and checks that it makes sense for a head and a text.</summary>
    public static Target Parse(string text, HeadKind? head, ModelConfig config, int tokens)
    {
        if (head is not { } kind)
            throw Wrong(text, "the model is a bare encoder and predicts nothing: leave --target out");
        var numbers = new Dictionary<string, int>();
        foreach (var pair in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = pair.Split('=');
            if (parts.Length != 2 || !KeysOf[kind].Contains(parts[0]))
                throw Wrong(text, $"a {kind.Title()} head takes {string.Join(", ", KeysOf[kind].Select(k => $"{k}=number"))}");
            var limit = parts[0] switch
            {
                "id" => config.VocabularySize,
                "class" => config.Labels.Count,
                _ => tokens,
            };
            if (!int.TryParse(parts[1], out var number) || number < 0 || number >= limit)
                throw Wrong(text, $"{parts[0]} must be a number from 0 to {limit - 1}");
            if (!numbers.TryAdd(parts[0], number))
                throw Wrong(text, $"{parts[0]} is given twice: give it once");
        }

        return new(numbers);
    }

    private static MethodException Wrong(string text, string why) => new($"--target {text}: command line: {why}");
}
