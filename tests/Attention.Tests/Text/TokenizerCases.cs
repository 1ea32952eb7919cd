using System.Text.Json;
using System.Text.Json.Serialization;

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

/// <summary>Finds the golden cases and the real vocabularies.</summary>
internal static class TokenizerCases
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true };

    public static string JsonFolder(string kind) => Golden.Data("tokenizers_json", kind);

    public static string FilesFolder(string kind) => Golden.Data("tokenizers", kind);

    public static JsonCase[] OfJson(string kind)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(JsonFolder(kind), "cases.json")));
        return document.RootElement.GetProperty("cases").Deserialize<JsonCase[]>(Options)!;
    }

    public static FilesCase[] OfFiles(string kind) =>
        JsonSerializer.Deserialize<FilesCase[]>(File.ReadAllText(Path.Combine(FilesFolder(kind), "cases.json")), Options)!;

    /// <summary>A file or folder of the data beside the repository; null where that is not there.</summary>
    public static string? SharedData(params string[] parts)
    {
        var path = Path.GetFullPath(Path.Combine([Golden.Root, "..", "shared", .. parts]));
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }
}
