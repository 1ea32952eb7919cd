using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

/// <summary>A case of tests/golden/tokenizers_json, made with the Rust `tokenizers` library; offsets count code points.</summary>
public sealed record JsonCase(
    string Text,
    string? Pair,
    int[] Ids,
    string[] Tokens,
    int[][] Offsets,
    [property: JsonPropertyName("ids_no_special")] int[] IdsNoSpecial,
    string Decoded,
    [property: JsonPropertyName("type_ids")] int[]? TypeIds);

/// <summary>A case of tests/golden/tokenizers, made with the Python tokenizers; tokens are without the special ones.</summary>
public sealed record FilesCase(string Text, string? Pair, int[] Ids, string[] Tokens, int[]? Types, string? Decoded);

/// <summary>Finds the golden cases and the real vocabularies, and shows encodings for comparison.</summary>
internal static class TokenizerCases
{
    public static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true };

    public static string[] JsonKinds { get; } = [.. Directory.GetDirectories(JsonFolder("")).Select(Path.GetFileName).OfType<string>().Order()];

    public static string JsonFolder(string kind) => Golden.Data("tokenizers_json", kind);

    public static string FilesFolder(string kind) => Golden.Data("tokenizers", kind);

    public static JsonCase[] OfJson(string kind)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(JsonFolder(kind), "cases.json")));
        return document.RootElement.GetProperty("cases").Deserialize<JsonCase[]>(Options)!;
    }

    public static FilesCase[] OfFiles(string kind) =>
        JsonSerializer.Deserialize<FilesCase[]>(File.ReadAllText(Path.Combine(FilesFolder(kind), "cases.json")), Options)!;

    /// <summary>The source range of each token in code points, as the reference library counts.</summary>
    public static IEnumerable<(int Start, int End)> Offsets(Encoding encoding) => encoding.Tokens.Select(token =>
    {
        var text = token.Segment == Segment.Passage ? encoding.Pair! : encoding.Source;
        return (CodePoints(text, token.Range.Start), CodePoints(text, token.Range.End));
    });

    private static int CodePoints(string text, int end)
    {
        var count = 0;
        foreach (var unused in text.AsSpan(0, end).EnumerateRunes()) count++;
        return count;
    }
}

/// <summary>A test that needs real vocabularies, which the repository does not ship; skipped where they are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealVocabularyFactAttribute : FactAttribute
{
    public RealVocabularyFactAttribute()
    {
        if (!Directory.Exists(Folder)) Skip = $"The real vocabularies are not at {Folder}.";
    }

    public static string Folder { get; } = Path.GetFullPath(Path.Combine(Golden.Root, "..", "shared", "data", "vocab"));
}
