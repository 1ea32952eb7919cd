using System.Text.Json;
using AttentionServer.Text;

namespace AttentionServer.Studies.Reading;

/// <summary>Something about one piece of data is wrong: where inside the file, and how to mend it.</summary>
internal sealed class MalformedException(string path, string problem, string wayOut) : Exception(problem)
{
    public string Path => path;

    public string WayOut => wayOut;
}

/// <summary>Makes questions of JSON, in SQuAD's format or one by one, and says what keeps an object from being one.</summary>
internal sealed class QuestionParser(string file)
{
    private const string NoAnswerWayOut = "give an answer, or say \"is_impossible\": true";

    /// <summary>One question of a paragraph.</summary>
    public Question OfParagraph(JsonElement item, string passage, string path)
    {
        JsonFields.Expect(item, JsonValueKind.Object, path, "a question");
        return Make(item, passage, path, textsAllowed: false);
    }

    /// <summary>A question that brings its passage along.</summary>
    public Question OfLine(JsonElement item, string path)
    {
        JsonFields.Expect(item, JsonValueKind.Object, path, "a question");
        return Make(item, JsonFields.Text(item, "context", path), path, textsAllowed: true);
    }

    private Question Make(JsonElement item, string passage, string path, bool textsAllowed)
    {
        var id = JsonFields.Text(item, "id", path);
        var text = JsonFields.Text(item, "question", path);
        var impossible = JsonFields.Find(item, "is_impossible", path) is { } said
            ? said.ValueKind is JsonValueKind.True or JsonValueKind.False ? said.GetBoolean() : throw new MalformedException($"{path}.is_impossible", $"\"is_impossible\" is {JsonKinds.Name(said.ValueKind)} and not true or false", "write true or false")
            : (bool?)null;
        var given = JsonFields.Need(item, "answers", path);
        var at = $"{path}.answers";
        var answers = given.ValueKind switch
        {
            JsonValueKind.Array => List(given, passage, at, textsAllowed),
            JsonValueKind.Object => Columns(given, passage, at),
            _ => throw new MalformedException(at, $"\"answers\" is {JsonKinds.Name(given.ValueKind)} and not an array", "write an array of {\"text\", \"answer_start\"}"),
        };
        if (impossible == true && answers.Count > 0)
            throw new MalformedException(at, "an answer is given to a question that is said to be impossible", "leave the answers out, or say \"is_impossible\": false");
        if (answers.Count == 0 && impossible != true)
        {
            // Two empty columns are how the datasets library writes a question of SQuAD 2.0 without an answer.
            if (given.ValueKind == JsonValueKind.Object && impossible == null)
                impossible = true;
            else
                throw new MalformedException(at, "the question has no answer", NoAnswerWayOut);
        }

        return new(id, text, passage, answers, impossible == true, new(file, path));
    }

    private static List<GoldAnswer> List(JsonElement array, string passage, string path, bool textsAllowed)
    {
        var answers = new List<GoldAnswer>();
        foreach (var item in array.EnumerateArray())
        {
            var at = $"{path}[{answers.Count}]";
            if (textsAllowed && item.ValueKind == JsonValueKind.String)
            {
                answers.Add(Find(JsonFields.TextOf(item, at, "an answer"), passage, at));
                continue;
            }

            JsonFields.Expect(item, JsonValueKind.Object, at, "an answer");
            answers.Add(Placed(JsonFields.Text(item, "text", at), JsonFields.Need(item, "answer_start", at), passage, at, $"{at}.answer_start"));
        }

        return answers;
    }

    /// <summary>{"text": […], "answer_start": […]}, as the datasets library writes answers.</summary>
    private static List<GoldAnswer> Columns(JsonElement columns, string passage, string path)
    {
        JsonElement texts = JsonFields.Need(columns, "text", path), starts = JsonFields.Need(columns, "answer_start", path);
        JsonFields.Expect(texts, JsonValueKind.Array, $"{path}.text", "the column of texts");
        JsonFields.Expect(starts, JsonValueKind.Array, $"{path}.answer_start", "the column of places");
        if (texts.GetArrayLength() != starts.GetArrayLength())
            throw new MalformedException(path, $"there are {texts.GetArrayLength()} texts and {starts.GetArrayLength()} places of answers", "give each answer both");
        return [.. texts.EnumerateArray().Select((text, i) => Placed(JsonFields.TextOf(text, $"{path}.text[{i}]", "an answer"), starts[i], passage, $"{path}.text[{i}]", $"{path}.answer_start[{i}]"))];
    }

    private static GoldAnswer Find(string text, string passage, string path)
    {
        var at = passage.IndexOf(text, StringComparison.Ordinal);
        return at >= 0 ? new(text, new TextRange(at, at + text.Length)) : throw NotThere(text, path);
    }

    private static GoldAnswer Placed(string text, JsonElement place, string passage, string path, string placePath)
    {
        if (place.ValueKind != JsonValueKind.Number)
            throw new MalformedException(placePath, $"\"answer_start\" is {JsonKinds.Name(place.ValueKind)} and not a number", "write the answer's first character, counted from 0");
        if (!place.TryGetInt32(out var said))
            throw new MalformedException(placePath, $"\"answer_start\" is {Shown(place.GetRawText())} and not a whole number", "write the answer's first character, counted from 0");
        var first = passage.IndexOf(text, StringComparison.Ordinal);
        if (first < 0)
            throw NotThere(text, path);
        if (said < 0 || said >= passage.Length)
            throw new MalformedException(placePath, $"\"answer_start\" {said} is outside the passage of {passage.Length} characters", Correct(passage, first));
        // SQuAD counts code points; where that does not fit, files made by other tools count UTF-16 units.
        foreach (var at in new[] { Unit(passage, said), said })
            if (at + text.Length <= passage.Length && passage.AsSpan(at, text.Length).SequenceEqual(text))
                return new(text, new TextRange(at, at + text.Length));
        throw new MalformedException(placePath, $"\"answer_start\" is {said}, where the answer \"{Shown(text)}\" does not stand", Correct(passage, first));
    }

    private static string Correct(string passage, int first)
    {
        var points = 0;
        for (var i = 0; i < first; i++)
            points += char.IsLowSurrogate(passage[i]) ? 0 : 1;
        return $"the answer first stands at {points}";
    }

    private static MalformedException NotThere(string text, string path) =>
        new(path, $"the answer \"{Shown(text)}\" does not stand in the passage", "write it as the passage does, or leave the question out");

    /// <summary>The UTF-16 unit that a code point begins at.</summary>
    private static int Unit(string text, int points)
    {
        var unit = 0;
        for (; points > 0 && unit < text.Length; points--)
            unit += char.IsHighSurrogate(text[unit]) && unit + 1 < text.Length ? 2 : 1;
        return unit;
    }

    private static string Shown(string text) => (text.Length <= 40 ? text : $"{text[..(char.IsHighSurrogate(text[38]) ? 38 : 39)]}…").ReplaceLineEndings("⏎");
}
