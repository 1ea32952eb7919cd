using System.CommandLine;
using System.Text.Json;
using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Studies.Reading;
using AttentionServer.Text;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention predict QUESTION --pair PASSAGE</c> where the passage is read in windows: it is too long for the model, or windows were asked for.</summary>
internal static class PredictWindows
{
    public static void Run(ParseResult arguments, Terminal terminal, ReadingFlags flags, Model model, Encoding encoding, int top, CancellationToken cancellation)
    {
        var reader = flags.Reader(arguments, model, top, mayHaveNone: false);
        var answer = terminal.While("Reading the passage", () => reader.Answer(Question.Asked(encoding.Source, encoding.Pair!), cancellation));
        var note = answer.Windows == 1 ? null : $"The passage was read in {answer.Windows} windows of up to {reader.WindowOptions.MaxLength} tokens.";
        if (terminal.Json)
            Console.Out.WriteLine(Json(model, answer, note));
        else
            PredictCommand.Print(terminal, model.Name, new Prediction(null, "Answer", [.. answer.Candidates.Select(c => new Candidate(c.Text, c.Probability, ""))]), top, note == null ? [] : [note]);
    }

    private static string Json(Model model, ReadAnswer answer, string? note)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("model", model.Name);
            json.WriteString("head", "qa");
            json.WriteString("text", answer.Question.Text);
            json.WriteString("pair", answer.Question.Passage);
            json.WriteString("device", model.Device.Name);
            json.WriteNumber("windows", answer.Windows);
            json.WriteStartArray("predictions");
            json.WriteStartObject();
            json.WriteString("title", "Answer");
            json.WriteStartArray("candidates");
            foreach (var candidate in answer.Candidates)
                PredictionFiles.WriteCandidate(json, candidate);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteStartArray("notes");
            if (note != null)
                json.WriteStringValue(note);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
