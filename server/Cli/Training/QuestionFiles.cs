using System.Text.Json;
using AttentionServer.Training.Objectives;

namespace AttentionServer.Cli.Training;

/// <summary>Questions to train on out of files in SQuAD's format, versions 1.1 and 2.0.</summary>
internal static class QuestionFiles
{
    public static List<AnsweredQuestion> Read(IEnumerable<string> files) => [.. files.SelectMany(Read)];

    private static List<AnsweredQuestion> Read(string file)
    {
        var questions = new List<AnsweredQuestion>();
        try
        {
            using var stream = File.OpenRead(file);
            using var document = JsonDocument.Parse(stream);
            foreach (var article in document.RootElement.GetProperty("data").EnumerateArray())
            {
                foreach (var paragraph in article.GetProperty("paragraphs").EnumerateArray())
                {
                    var passage = paragraph.GetProperty("context").GetString()!;
                    questions.AddRange(paragraph.GetProperty("qas").EnumerateArray().Select(question => Question(question, passage)).OfType<AnsweredQuestion>());
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CliException($"--data {file}: it is not in SQuAD's format ({e.Message.TrimEnd('.')}): give a file with data, paragraphs, context, qas and answers");
        }

        return questions;
    }

    private static AnsweredQuestion? Question(JsonElement question, string passage)
    {
        var text = question.GetProperty("question").GetString()!;
        if (question.TryGetProperty("is_impossible", out var impossible) && impossible.ValueKind == JsonValueKind.True)
            return new(text, passage, "", -1);
        if (!question.TryGetProperty("answers", out var answers) || answers.GetArrayLength() == 0)
            return null;
        var answer = answers[0].GetProperty("text").GetString()!;
        var start = Utf16(passage, answers[0].GetProperty("answer_start").GetInt32());
        // Offsets that are off by a little are known of such files; the answer itself says where it is.
        if (start < 0 || string.CompareOrdinal(passage, start, answer, 0, answer.Length) != 0)
            start = passage.IndexOf(answer, StringComparison.Ordinal);
        return start < 0 || answer.Length == 0 ? null : new(text, passage, answer, start);
    }

    /// <summary>The files count code points, as Python does.</summary>
    private static int Utf16(string passage, int codePoint)
    {
        var at = 0;
        for (; codePoint > 0 && at < passage.Length; codePoint--)
            at += char.IsHighSurrogate(passage[at]) && at + 1 < passage.Length ? 2 : 1;
        return codePoint == 0 ? at : -1;
    }
}
