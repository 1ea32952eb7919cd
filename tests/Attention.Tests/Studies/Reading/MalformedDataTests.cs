using System.Text;
using AttentionServer.Studies.Reading;

namespace AttentionServer.Tests.Studies.Reading;

/// <summary>Every way in which a file of questions can be wrong: the file, the path inside it, what is wrong, and the way out in one sentence.</summary>
public sealed class MalformedDataTests : IDisposable
{
    private const string Good = """{"id": "g", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("attention-data-").FullName;

    /// <summary>Files that cannot be read at all: kind, content (hex after "x'"), and what the message says.</summary>
    public static TheoryData<string, string, string, string> Files => new()
    {
        { "empty file", "", "", "it is empty" },
        { "byte order mark alone", "x'EFBBBF", "", "it is empty" },
        { "white space alone", " \n\t\n", "", "nothing but white space" },
        { "UTF-16 with its mark", "x'FFFE7B002200", "", "its text is UTF-16: " },
        { "UTF-16 without", "x'7B00220064006100", "", "its text is UTF-16" },
        { "UTF-16, big end first", "x'FEFF007B0022", "", "its text is UTF-16" },
        { "UTF-32", "x'7B00000022000000", "", "its text is UTF-32" },
        { "Latin-1", "x'7B2264617461223A0A5B22636166E9225D7D", "line 2, column 6", "not UTF-8 (byte 0xE9)" },
        { "UTF-8 cut in a character", "x'7B2264617461223A5B22C3", "line 1, column 11", "not UTF-8 (byte 0xC3)" },
        { "zero byte", "x'7B2264617461223A205B005D7D", "line 1, column 11", "zero byte" },
        { "no JSON", "data: none", "line 1, column 1", "it is not JSON" },
        { "missing comma", "{\"data\": [\n  {\"paragraphs\": []}\n  {\"paragraphs\": []}]}", "line 3, column 3", "it is not JSON" },
        { "comma too many", "{\"data\": [{\"paragraphs\": []},]}", "line 1, column 30", "it is not JSON" },
        { "column after other scripts", "{\"é漢😀\": 1 2}", "line 1, column 12", "it is not JSON" },
        { "cut off", "{\"data\": [{\"paragraphs\": [{\"context\": \"Ann", "line 1", "ends before it is complete" },
        { "cut off between articles", "{\"data\": [{\"paragraphs\": []}", "line 1", "ends before it is complete" },
        { "something after the end", "{\"data\": [{\"paragraphs\": []}]}\n{}", "line 2, column 1", "follows the end" },
        { "nested too deep", "{\"data\": " + new string('[', 80) + new string(']', 80) + "}", "line 1", "more than 64 deep" },
        { "an array at the top", "[{\"question\": \"Who?\"}]", "", "it holds an array and not an object with \"data\"" },
        { "a text at the top", "\"questions\"", "", "it holds a text" },
        { "no data", "{\"version\": \"1.1\", \"articles\": []}", "", "\"data\" is missing" },
        { "data of a wrong type", "{\"data\": {\"paragraphs\": []}}", ", data:", "\"data\" is an object and not an array" },
        { "data twice", "{\"data\": [], \"data\": []}", "", "\"data\" twice" },
        { "no question", "{\"data\": []}", "", "there is no question in it" },
        { "articles without questions", "{\"data\": [{\"paragraphs\": [{\"context\": \"Ann\", \"qas\": []}]}]}", "", "there is no question in it" },
    };

    /// <summary>Parts that are wrong in a file that can be read: kind, article, path, message, questions lost.</summary>
    public static TheoryData<string, string, string, string, int> Parts => new()
    {
        { "article no object", "7", "data[1]", "an article is a number and not an object", 1 },
        { "paragraphs missing", """{"title": "x"}""", "data[1]", "\"paragraphs\" is missing", 1 },
        { "paragraphs of a wrong type", """{"paragraphs": "x"}""", "data[1].paragraphs", "\"paragraphs\" is a text and not an array", 1 },
        { "paragraphs twice", """{"paragraphs": [], "paragraphs": []}""", "data[1].paragraphs", "there twice", 1 },
        { "paragraph no object", """{"paragraphs": [null]}""", "data[1].paragraphs[0]", "a paragraph is null", 1 },
        { "context missing", """{"paragraphs": [{"qas": [1, 2, 3]}]}""", "data[1].paragraphs[0]", "\"context\" is missing", 3 },
        { "context of a wrong type", """{"paragraphs": [{"context": ["Ann"], "qas": [1, 2]}]}""", "data[1].paragraphs[0].context", "\"context\" is an array and not a text", 2 },
        { "context empty", """{"paragraphs": [{"context": "", "qas": [1]}]}""", "data[1].paragraphs[0].context", "\"context\" is empty", 1 },
        { "context of white space", """{"paragraphs": [{"context": " \n ", "qas": [1]}]}""", "data[1].paragraphs[0].context", "\"context\" is empty", 1 },
        { "zero character in the context", """{"paragraphs": [{"context": "A\u0000nn", "qas": [1]}]}""", "data[1].paragraphs[0].context", "U+0000", 1 },
        { "half a character in the context", """{"paragraphs": [{"context": "A\ud83dnn", "qas": [1]}]}""", "data[1].paragraphs[0].context", "half a character", 1 },
        { "half a character in a name", """{"paragraphs": [{"\udc00": 1, "context": "Ann", "qas": [1]}]}""", "", "half a character", 1 },
        { "qas missing", """{"paragraphs": [{"context": "Ann"}]}""", "data[1].paragraphs[0]", "\"qas\" is missing", 1 },
        { "qas of a wrong type", """{"paragraphs": [{"context": "Ann", "qas": {}}]}""", "data[1].paragraphs[0].qas", "\"qas\" is an object", 1 },
        { "question no object", Asking("[]"), Asked(""), "a question is an array", 1 },
        { "id missing", Asking("""{"question": "Who?", "answers": []}"""), Asked(""), "\"id\" is missing", 1 },
        { "id a number", Asking("""{"id": 3, "question": "Who?", "answers": []}"""), Asked(".id"), "\"id\" is a number and not a text", 1 },
        { "id empty", Asking("""{"id": "", "question": "Who?", "answers": []}"""), Asked(".id"), "\"id\" is empty", 1 },
        { "id twice in a file", Asking(Good), Asked(".id"), "the id \"g\" is that of another question", 1 },
        { "question missing", Asking("""{"id": "x", "answers": []}"""), Asked(""), "\"question\" is missing", 1 },
        { "question of a wrong type", Asking("""{"id": "x", "question": false, "answers": []}"""), Asked(".question"), "\"question\" is true or false", 1 },
        { "question empty", Asking("""{"id": "x", "question": "  ", "answers": []}"""), Asked(".question"), "\"question\" is empty", 1 },
        { "half a character in the question", Asking("""{"id": "x", "question": "W\udc00?", "answers": []}"""), Asked(".question"), "half a character", 1 },
        { "answers missing", Asking("""{"id": "x", "question": "Who?"}"""), Asked(""), "\"answers\" is missing", 1 },
        { "answers of a wrong type", Asking("""{"id": "x", "question": "Who?", "answers": "Ann"}"""), Asked(".answers"), "\"answers\" is a text and not an array", 1 },
        { "answers null", Asking("""{"id": "x", "question": "Who?", "answers": null}"""), Asked(".answers"), "\"answers\" is null", 1 },
        { "no answer", Asking("""{"id": "x", "question": "Who?", "answers": []}"""), Asked(".answers"), "the question has no answer", 1 },
        { "no answer and not impossible", Asking("""{"id": "x", "question": "Who?", "answers": [], "is_impossible": false}"""), Asked(".answers"), "the question has no answer", 1 },
        { "an answer to an impossible question", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0}], "is_impossible": true}"""), Asked(".answers"), "said to be impossible", 1 },
        { "impossible of a wrong type", Asking("""{"id": "x", "question": "Who?", "answers": [], "is_impossible": "yes"}"""), Asked(".is_impossible"), "\"is_impossible\" is a text", 1 },
        { "an answer that is a text", Asking("""{"id": "x", "question": "Who?", "answers": ["Ann"]}"""), Asked(".answers[0]"), "an answer is a text and not an object", 1 },
        { "answer text missing", Asking("""{"id": "x", "question": "Who?", "answers": [{"answer_start": 0}]}"""), Asked(".answers[0]"), "\"text\" is missing", 1 },
        { "answer text empty", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "", "answer_start": 0}]}"""), Asked(".answers[0].text"), "\"text\" is empty", 1 },
        { "answer_start missing", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "Ann"}]}"""), Asked(".answers[0]"), "\"answer_start\" is missing", 1 },
        { "answer_start a text", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "Ann", "answer_start": "0"}]}"""), Asked(".answers[0].answer_start"), "is a text and not a number", 1 },
        { "answer_start no whole number", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0.5}]}"""), Asked(".answers[0].answer_start"), "0.5 and not a whole number", 1 },
        { "answer_start negative", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "Ann", "answer_start": -1}]}"""), Asked(".answers[0].answer_start"), "-1 is outside the passage", 1 },
        { "answer_start beyond the end", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 99}]}"""), Asked(".answers[0].answer_start"), "99 is outside the passage of 15 characters: ", 1 },
        { "answer_start off by one", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0}, {"text": "saw", "answer_start": 5}]}"""), Asked(".answers[1].answer_start"), "where the answer \"saw\" does not stand", 1 },
        { "answer not in the passage", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "Carl", "answer_start": 0}]}"""), Asked(".answers[0]"), "\"Carl\" does not stand in the passage", 1 },
        { "answer in another case", Asking("""{"id": "x", "question": "Who?", "answers": [{"text": "ann", "answer_start": 0}]}"""), Asked(".answers[0]"), "\"ann\" does not stand in the passage", 1 },
        { "more texts than places", Asking("""{"id": "x", "question": "Who?", "answers": {"text": ["Ann", "Bob"], "answer_start": [0]}}"""), Asked(".answers"), "2 texts and 1 places", 1 },
    };

    /// <summary>Lines that are wrong among good ones: kind, line, path, message.</summary>
    public static TheoryData<string, string, string, string> Lines => new()
    {
        { "a line that is no JSON", """{"id": "x", "question": "é" "context": "Ann"}""", "line 2, column 29", "it is not JSON" },
        { "a line cut off", """{"id": "x", "question": "Who?", "context": "Ann""", "line 2, column", "ends before it is complete" },
        { "two objects on a line", """{"id": "x"} {"id": "y"}""", "line 2, column 13", "follows the end" },
        { "a line with an array", """["x"]""", "line 2", "a question is an array" },
        { "a line without context", """{"id": "x", "question": "Who?", "answers": ["Ann"]}""", "line 2", "\"context\" is missing" },
        { "a text that is not in the context", """{"id": "x", "question": "Who?", "context": "Ann", "answers": ["Bob"]}""", "line 2.answers[0]", "does not stand in the passage" },
        { "a line's id twice", """{"id": "a", "question": "Who?", "context": "Ann", "answers": ["Ann"]}""", "line 2.id", "the id \"a\" is that of another question" },
    };

    [Theory, MemberData(nameof(Files))]
    public void A_file_that_cannot_be_read_is_refused_whether_bad_questions_may_be_left_out_or_not(string kind, string content, string path, string message)
    {
        var file = Write("q.json", content.StartsWith("x'", StringComparison.Ordinal) ? Convert.FromHexString(content[2..]) : Encoding.UTF8.GetBytes(content));
        foreach (var skipped in new[] { null, new SkippedQuestions() })
            Sentence(kind, Assert.Throws<ReadingException>(() => QuestionData.Read([file], skipped).Count()).Message, file, path, message);
    }

    [Theory, MemberData(nameof(Parts))]
    public void A_bad_part_is_named_and_can_be_left_out(string kind, string article, string path, string message, int lost)
    {
        var good = $$$"""{"paragraphs": [{"context": "Ann saw Bob. ö!", "qas": [{{{Good}}}]}]}""";
        var after = good.Replace("\"g\"", "\"h\"", StringComparison.Ordinal);
        var file = Write("q.json", Encoding.UTF8.GetBytes($$"""{"version": "v2.0", "data": [{{good}}, {{article}}, {{after}}]}"""));
        var refused = Assert.Throws<ReadingException>(() => QuestionData.Read([file]).Count()).Message;
        Sentence(kind, refused, file, path.Length == 0 ? "" : $", {path}:", message);
        Assert.Contains("--skip-bad", refused, StringComparison.Ordinal);

        var skipped = new SkippedQuestions();
        Assert.Equal(["g", "h"], QuestionData.Read([file], skipped).Select(q => q.Id));
        Assert.Equal(lost, skipped.Count);
        Sentence(kind, skipped.Reasons[0], file, path.Length == 0 ? "" : $", {path}:", message);
    }

    [Theory, MemberData(nameof(Lines))]
    public void A_bad_line_is_named_and_can_be_left_out(string kind, string line, string path, string message)
    {
        var good = """{"id": "a", "question": "Who?", "context": "Ann saw Bob.", "answers": ["Ann"]}""";
        var file = Write("q.jsonl", Encoding.UTF8.GetBytes($"{good}\n{line}\n\n{good.Replace("\"a\"", "\"b\"", StringComparison.Ordinal)}\n"));
        Sentence(kind, Assert.Throws<ReadingException>(() => QuestionData.Read([file]).Count()).Message, file, path, message);
        var skipped = new SkippedQuestions();
        Assert.Equal(["a", "b"], QuestionData.Read([file], skipped).Select(q => q.Id));
        Assert.Equal(1, skipped.Count);
    }

    [Fact]
    public void Missing_files_and_folders_are_said_to_be_that()
    {
        var missing = Path.Combine(_folder, "nowhere", "q.json");
        Sentence("missing", Assert.Throws<ReadingException>(() => QuestionData.Read([missing]).Count()).Message, missing, "", "there is no such file");
        Sentence("folder", Assert.Throws<ReadingException>(() => QuestionData.Read([_folder]).Count()).Message, _folder, "", "it is a folder");
    }

    [Fact]
    public void An_id_in_two_files_is_refused_with_both_places()
    {
        var text = Encoding.UTF8.GetBytes($$$"""{"data": [{"paragraphs": [{"context": "Ann saw Bob.", "qas": [{{{Good}}}]}]}]}""");
        string one = Write("one.json", text), two = Write("two.json", text);
        var message = Assert.Throws<ReadingException>(() => QuestionData.Read([one, two]).Count()).Message;
        Sentence("across files", message, two, "data[0].paragraphs[0].qas[0].id", $"({one}, data[0].paragraphs[0].qas[0])");
        var skipped = new SkippedQuestions();
        Assert.Single(QuestionData.Read([one, two], skipped));
        Assert.Equal(1, skipped.Count);
    }

    [Fact]
    public void Only_the_first_reasons_are_kept_and_all_are_counted()
    {
        var file = Write("q.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat("{}", 5000))));
        var skipped = new SkippedQuestions();
        Assert.Empty(QuestionData.Read([file], skipped));
        Assert.Equal((5000, 10), (skipped.Count, skipped.Reasons.Count));
        Assert.Contains("line 10: ", skipped.Reasons[9], StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Asking(string question) => $$"""{"paragraphs": [{"context": "Ann saw Bob. ö!", "qas": [{{question}}]}]}""";

    private static string Asked(string path) => $"data[1].paragraphs[0].qas[0]{path}";

    private static void Sentence(string kind, string sentence, string file, string path, string message)
    {
        Assert.Contains(message, sentence, StringComparison.Ordinal);
        Assert.Contains(file, sentence, StringComparison.Ordinal);
        Assert.Contains(path, sentence, StringComparison.Ordinal);
        Assert.False(sentence.Contains('\n', StringComparison.Ordinal) || sentence.EndsWith('.'), $"{kind}: {sentence}");
        // What, where, the way out.
        Assert.True(sentence.Split(": ").Length >= 3, $"{kind}: {sentence}");
    }

    private string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
