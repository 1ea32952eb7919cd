using System.Text.Json;

namespace AttentionServer.Studies.Reading;

/// <summary>
/// Questions from files: SQuAD 1.1 and 2.0 JSON, or one JSON object a line with id, question, context and answers (texts, or
/// text and answer_start). Files are read as they are walked; of any size, one article is in memory at a time.
/// </summary>
public static class QuestionData
{
    private const int Sniffed = 1 << 16;

    /// <summary>The questions of several files in their order.</summary>
    /// <param name="files">Paths.</param>
    /// <param name="skipped">Where malformed questions are counted that are left out; null to stop at the first.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ReadingException">A file cannot be read at all, or a question is malformed and none may be left out.</exception>
    public static IEnumerable<Question> Read(IReadOnlyList<string> files, SkippedQuestions? skipped = null, CancellationToken cancellation = default)
    {
        var known = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var any = false;
            foreach (var question in ReadFile(file, skipped))
            {
                cancellation.ThrowIfCancellationRequested();
                any = true;
                if (question == null)
                    continue;
                if (known.TryAdd(question.Id, question.Where))
                    yield return question;
                else
                    Refuse(file, new($"{question.Where.Path}.id", $"the id \"{question.Id}\" is that of another question ({known[question.Id]})", "give each question an id of its own"), 1, skipped);
            }

            if (!any)
                throw new ReadingException($"there is no question in it: {file}: name a file with questions");
        }
    }

    /// <summary>The questions of one file; null for each place where some were left out.</summary>
    private static IEnumerable<Question?> ReadFile(string path, SkippedQuestions? skipped) =>
        IsLines(path) ? Lines(path, skipped) : Articles(path, skipped);

    private static IEnumerable<Question?> Articles(string path, SkippedQuestions? skipped)
    {
        using var file = new DataFile(path);
        var articles = new JsonArticles(file);
        var parser = new QuestionParser(path);
        for (var index = 0; articles.Next() is { } article; index++)
        {
            using (article)
            {
                var at = $"data[{index}]";
                foreach (var (paragraph, place) in Items(article.RootElement, "paragraphs", "an article", at, path, skipped))
                {
                    if (paragraph is not { } found)
                    {
                        yield return null;
                        continue;
                    }

                    var passage = Try(path, skipped, CountOf(found), () =>
                    {
                        JsonFields.Expect(found, JsonValueKind.Object, place, "a paragraph");
                        return JsonFields.Text(found, "context", place);
                    });
                    if (passage == null)
                    {
                        yield return null;
                        continue;
                    }

                    foreach (var (item, where) in Items(found, "qas", "a paragraph", place, path, skipped))
                        yield return item is { } question ? Try(path, skipped, 1, () => parser.OfParagraph(question, passage, where)) : null;
                }
            }
        }
    }

    private static IEnumerable<Question?> Lines(string path, SkippedQuestions? skipped)
    {
        using var file = new DataFile(path);
        var parser = new QuestionParser(path);
        var number = 0;
        foreach (var line in new DataLines(file).All())
        {
            number++;
            if (line.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            yield return Try(path, skipped, 1, () =>
            {
                using var document = Parse(line, number);
                return parser.OfLine(document.RootElement, $"line {number}");
            });
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> line, int number)
    {
        try
        {
            return JsonDocument.Parse(line, new() { MaxDepth = JsonFault.Deepest });
        }
        catch (JsonException e)
        {
            var (problem, wayOut) = JsonFault.Explain(e);
            var column = System.Text.Encoding.UTF8.GetCharCount(line.Span[..(int)Math.Min(line.Length, e.BytePositionInLine ?? 0)]) + 1;
            throw new MalformedException($"line {number}, column {column}", problem, wayOut);
        }
    }

    /// <summary>The items of an array in an object, each with its path; one null where there is no such array.</summary>
    private static IEnumerable<(JsonElement? Item, string Path)> Items(JsonElement owner, string name, string what, string path, string file, SkippedQuestions? skipped)
    {
        var array = Try(file, skipped, CountOf(owner), () =>
        {
            JsonFields.Expect(owner, JsonValueKind.Object, path, what);
            var found = JsonFields.Need(owner, name, path);
            JsonFields.Expect(found, JsonValueKind.Array, $"{path}.{name}", $"\"{name}\"");
            return (JsonElement?)found;
        });
        if (array is not { } items)
        {
            yield return (null, path);
            yield break;
        }

        var index = 0;
        foreach (var item in items.EnumerateArray())
            yield return (item, $"{path}.{name}[{index++}]");
    }

    /// <summary>How many questions are lost with an article or a paragraph; one where that cannot be told.</summary>
    private static int CountOf(JsonElement part)
    {
        var count = 0;
        try
        {
            if (part.ValueKind == JsonValueKind.Object)
            {
                if (part.TryGetProperty("qas", out var questions) && questions.ValueKind == JsonValueKind.Array)
                    count = questions.GetArrayLength();
                else if (part.TryGetProperty("paragraphs", out var paragraphs) && paragraphs.ValueKind == JsonValueKind.Array)
                    count = paragraphs.EnumerateArray().Sum(CountOf);
            }
        }
        catch (InvalidOperationException)
        {
            // A name that is no text: nothing can be counted.
        }

        return Math.Max(count, 1);
    }

    private static T? Try<T>(string file, SkippedQuestions? skipped, int questions, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MalformedException e)
        {
            Refuse(file, e, questions, skipped);
        }
        catch (InvalidOperationException)
        {
            // The only texts that are not read through JsonFields are names of members.
            Refuse(file, new("", "the name of a member holds half a character (a surrogate without the other)", "write the whole character"), questions, skipped);
        }

        return default;
    }

    private static void Refuse(string file, MalformedException e, int questions, SkippedQuestions? skipped)
    {
        var sentence = $"{e.Message}: {new Place(file, e.Path)}: {e.WayOut}";
        if (skipped == null)
            throw new ReadingException(sentence.EndsWith("leave the question out", StringComparison.Ordinal) ? $"{sentence} with --skip-bad" : $"{sentence}, or leave bad questions out with --skip-bad", e);
        skipped.Add(questions, sentence);
    }

    /// <summary>Whether a file holds a question a line: by its name, or else by the first members that its first object has.</summary>
    private static bool IsLines(string path)
    {
        if (Path.GetExtension(path).ToUpperInvariant() is ".JSONL" or ".NDJSON")
            return true;
        using var file = new DataFile(path);
        var head = new byte[Sniffed];
        var count = 0;
        for (int read; count < head.Length && (read = file.Read(head.AsSpan(count))) > 0;)
            count += read;
        var reader = new Utf8JsonReader(head.AsSpan(0, count), false, new JsonReaderState(new() { MaxDepth = JsonFault.Deepest }));
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                if (reader.ValueTextEquals("data"u8))
                    return false;
                if (reader.ValueTextEquals("question"u8) || reader.ValueTextEquals("context"u8))
                    return true;
            }
        }
        catch (JsonException)
        {
            // Told with its place by whoever reads it as SQuAD's format.
        }

        return false;
    }
}
