using System.Text.Json;

namespace AttentionServer.Methods.Zones;

/// <summary>
/// Zones of a user's own as JSON: <c>{"zones": [{"name": "years", "queries": "question", "keys": "passage:/\\d{4}/"}, …]}</c>. Queries and keys
/// are sets as the terminal takes them, or lists of token numbers; what is left out means all.
/// </summary>
public static class ZoneFile
{
    private const int Longest = 16 << 20;

    private static readonly string[] Known = ["name", "queries", "keys", "reading"];

    /// <summary>Reads a file.</summary>
    public static IReadOnlyList<Zone> Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new MethodException($"zones: {path}: there is no such file: check the path");
        if (file.Length > Longest)
            throw new MethodException($"zones: {path}: {file.Length >> 20} MB is too much for a list of zones");
        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>Reads the text of a file.</summary>
    public static IReadOnlyList<Zone> Parse(string json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json.TrimStart('\uFEFF'), new JsonDocumentOptions { MaxDepth = 16, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("zones", out var list) || list.ValueKind != JsonValueKind.Array)
                throw new MethodException($$"""zones: {{path}}: the file must be {"zones": [ … ]}""");
            Zone[] zones = [.. list.EnumerateArray().Select((entry, at) => One(entry, $"zones: {path}: number {at + 1}"))];
            return zones.GroupBy(z => z.Id).FirstOrDefault(g => g.Count() > 1) is { } twice
                ? throw new MethodException($"zones: {path}: '{twice.Key}' is there {twice.Count()} times: give each a name of its own")
                : zones;
        }
        catch (JsonException e)
        {
            throw new MethodException($"zones: {path}: it is not valid JSON (line {e.LineNumber + 1}): correct it");
        }
    }

    private static Zone One(JsonElement entry, string where)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new MethodException($"{where}: it is not an object");
        if (entry.EnumerateObject().Select(p => p.Name).FirstOrDefault(name => !Known.Contains(name)) is { } strange)
            throw new MethodException($"{where}: '{strange}' is not known: use {string.Join(", ", Known)}");
        string? Text(string name) => !entry.TryGetProperty(name, out var value) ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : throw new MethodException($"{where}: {name} must be a text");
        return Zone.Own(Text("name") ?? throw new MethodException($"{where}: it has no name: give it one"), Set(entry, "queries", where), Set(entry, "keys", where), Text("reading"));
    }

    private static string? Set(JsonElement entry, string name, string where)
    {
        if (!entry.TryGetProperty(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.Number && i.TryGetInt32(out var n) && n >= 0)
            ? string.Join(',', value.EnumerateArray().Select(i => i.GetInt32()))
            : throw new MethodException($"{where}: {name} must be a set of tokens, such as \"passage:/\\\\d+/\", or a list of their numbers");
    }
}
