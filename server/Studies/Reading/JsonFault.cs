using System.Text.Json;

namespace AttentionServer.Studies.Reading;

/// <summary>Says in our words what is wrong with a text that is no JSON.</summary>
internal static class JsonFault
{
    /// <summary>How deep objects and arrays may lie in each other; a question needs seven.</summary>
    public const int Deepest = 64;

    public static (string Problem, string WayOut) Explain(JsonException fault)
    {
        var message = fault.Message;
        if (message.Contains("depth of", StringComparison.Ordinal))
            return ($"objects and arrays lie in each other more than {Deepest} deep", "write the questions in SQuAD's format");
        if (message.Contains("does not contain any JSON", StringComparison.Ordinal))
            return ("there is nothing but white space in it", "name a file with questions");
        if (message.Contains("depth to be zero", StringComparison.Ordinal) || message.Contains("reached end of data", StringComparison.Ordinal) || message.Contains("end of string", StringComparison.Ordinal))
            return ("the JSON ends before it is complete", "get the whole file");
        if (message.Contains("after a single JSON value", StringComparison.Ordinal))
            return ("something follows the end of the JSON", "leave one JSON document in the file, or name it .jsonl if every line is a question");
        // The message goes on with a path and line numbers that count from 0.
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var path = message.IndexOf(" Path:", StringComparison.Ordinal);
        if (path >= 0 && (end < 0 || path < end))
            end = path;
        var said = (end < 0 ? message : message[..end]).ReplaceLineEndings(" ").TrimEnd('.', ' ');
        return ($"it is not JSON ({said})", "correct it there");
    }
}
