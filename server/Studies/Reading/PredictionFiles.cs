using System.Text.Encodings.Web;
using System.Text.Json;

namespace AttentionServer.Studies.Reading;

/// <summary>The files of SQuAD's official measure: answers by id, no-answer scores by id; and n-best lists as BERT's published runs write them.</summary>
public static class PredictionFiles
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>{"id": "answer"}: what the official scripts read.</summary>
    public static void WriteAnswers(Stream stream, IEnumerable<ReadAnswer> answers) =>
        Write(stream, answers, (json, answer) => json.WriteStringValue(answer.Text));

    /// <summary>{"id": number}: how much more "no answer" scores than the best answer.</summary>
    public static void WriteNoAnswerScores(Stream stream, IEnumerable<ReadAnswer> answers) =>
        Write(stream, answers.Where(a => a.NoAnswerScore != null), (json, answer) => json.WriteNumberValue(answer.NoAnswerScore!.Value));

    /// <summary>{"id": [{"text", "start", "end", "probability", "start_logit", "end_logit"}]}, with the UTF-16 units of the passage.</summary>
    public static void WriteCandidates(Stream stream, IEnumerable<ReadAnswer> answers) => Write(stream, answers, (json, answer) =>
    {
        json.WriteStartArray();
        foreach (var candidate in answer.Candidates)
            WriteCandidate(json, candidate);
        json.WriteEndArray();
    });

    /// <summary>One candidate as an object.</summary>
    public static void WriteCandidate(Utf8JsonWriter json, AnswerCandidate candidate)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(candidate);
        json.WriteStartObject();
        json.WriteString("text", candidate.Text);
        json.WriteNumber("start", candidate.Range.Start);
        json.WriteNumber("end", candidate.Range.End);
        json.WriteNumber("probability", candidate.Probability);
        json.WriteNumber("start_logit", candidate.StartLogit);
        json.WriteNumber("end_logit", candidate.EndLogit);
        json.WriteEndObject();
    }

    /// <summary>Reads answers by id, in the official format.</summary>
    /// <exception cref="ReadingException">The file is not of that format.</exception>
    public static IReadOnlyDictionary<string, string> ReadAnswers(string path)
    {
        using var file = new DataFile(path);
        var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; (read = file.Read(buffer)) > 0;)
            bytes.Write(buffer, 0, read);
        file.Finish();
        var answers = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw file.Wrong($"it holds {JsonKinds.Name(document.RootElement.ValueKind)} and not an object of answers", "write {\"id\": \"answer\", …}");
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind != JsonValueKind.String)
                    throw file.Wrong($"the answer is {JsonKinds.Name(member.Value.ValueKind)} and not a text", "write {\"id\": \"answer\", …}", $"\"{member.Name}\"");
                if (!answers.TryAdd(member.Name, member.Value.GetString()!))
                    throw file.Wrong("two answers are given to one question", "leave one", $"\"{member.Name}\"");
            }
        }
        catch (JsonException e)
        {
            var (problem, wayOut) = JsonFault.Explain(e);
            throw file.Wrong(problem, wayOut, DataFile.At(path, e.LineNumber ?? 0, e.BytePositionInLine ?? 0), e);
        }
        catch (InvalidOperationException e)
        {
            throw file.Wrong("a text holds half a character (a surrogate without the other)", "write the whole character", "", e);
        }

        return answers;
    }

    private static void Write(Stream stream, IEnumerable<ReadAnswer> answers, Action<Utf8JsonWriter, ReadAnswer> value)
    {
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        foreach (var answer in answers)
        {
            json.WritePropertyName(answer.Question.Id);
            value(json, answer);
        }

        json.WriteEndObject();
    }
}
