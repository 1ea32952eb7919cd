using System.Text.Json;
using AttentionServer.Models;

namespace AttentionServer.Engine.Interventions;

/// <summary>
/// Interventions as JSON, written by hand or saved by the panel: <c>{"interventions": [{"place": "heads", "layers": [2], "heads":
/// [3], "scale": 0}, …]}</c>. What to do is one of scale and shift, set, strength (scores and attention) or, for tokens, replace.
/// </summary>
public static class InterventionFile
{
    private const int Longest = 64 << 20;

    private static readonly string[] Lists = ["layers", "heads", "tokens", "keys", "neurons"];
    private static readonly string[] Changes = ["strength", "set", "scale", "shift"];
    private static readonly string[] Known = ["place", .. Changes, "replace", .. Lists];

    /// <summary>Reads a file.</summary>
    public static IReadOnlyList<Intervention> Read(string path, Model model)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new EngineException($"interventions: {path}: there is no such file: check the path");
        if (file.Length > Longest)
            throw new EngineException($"interventions: {path}: {file.Length >> 20} MB is too much for a list of interventions");
        return Parse(File.ReadAllText(path), path, model);
    }

    /// <summary>Reads the text of a file.</summary>
    public static IReadOnlyList<Intervention> Parse(string json, string path, Model model)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("interventions", out var list) || list.ValueKind != JsonValueKind.Array)
                throw new EngineException($$"""interventions: {{path}}: the file must be {"interventions": [ … ]}""");
            return [.. list.EnumerateArray().Select((entry, at) => One(entry, $"interventions: {path}: number {at + 1}", model))];
        }
        catch (JsonException e)
        {
            throw new EngineException($"interventions: {path}: it is not valid JSON (line {e.LineNumber + 1}): correct it", e);
        }
    }

    private static Intervention One(JsonElement entry, string where, Model model)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new EngineException($"{where}: it is not an object");
        if (entry.EnumerateObject().Select(p => p.Name).FirstOrDefault(name => !Known.Contains(name)) is { } strange)
            throw new EngineException($"{where}: '{strange}' is not known: use {string.Join(", ", Known)}");
        IReadOnlyList<int>? Indices(string name)
        {
            if (!entry.TryGetProperty(name, out var value))
                return null;
            return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.Number && i.TryGetInt32(out _))
                ? [.. value.EnumerateArray().Select(i => i.GetInt32())]
                : throw new EngineException($"{where}: {name} must be a list of whole numbers");
        }

        float? Number(string name)
        {
            if (!entry.TryGetProperty(name, out var value))
                return null;
            return value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number)
                ? number
                : throw new EngineException($"{where}: {name} must be a number");
        }

        var chosen = new Intervention { Layers = Indices("layers"), Heads = Indices("heads"), Tokens = Indices("tokens"), Keys = Indices("keys"), Neurons = Indices("neurons") };
        if (entry.TryGetProperty("replace", out var replacement))
            return chosen with { Id = Token(replacement, where, model) };
        var place = Place(entry, where);
        var pairs = place is InterventionPlace.Scores or InterventionPlace.Attention;
        var changes = Changes.Where(name => entry.TryGetProperty(name, out _)).ToList();
        if (changes.Count == 0)
            throw new EngineException($"{where}: it does not say what to do: give scale, shift, set{(pairs ? ", strength" : "")}");
        if (changes.Count > 1 && changes[0] is "strength" or "set")
            throw new EngineException($"{where}: {changes[0]} says all there is to do: leave {changes[1]} out");
        if (Number("strength") is { } strength)
        {
            if (!pairs || strength is < 0 or > 1)
                throw new EngineException($"{where}: strength goes with scores and attention, from 0 to 1");
            var mask = place == InterventionPlace.Scores ? Intervention.Mask(strength) : Intervention.Gate(strength);
            return chosen with { Place = place, Scale = mask.Scale, Shift = mask.Shift };
        }

        return Number("set") is { } set
            ? chosen with { Place = place, Scale = 0, Shift = set }
            : chosen with { Place = place, Scale = Number("scale") ?? 1, Shift = Number("shift") ?? 0 };
    }

    private static InterventionPlace Place(JsonElement entry, string where)
    {
        var name = entry.TryGetProperty("place", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return Enum.GetValues<InterventionPlace>().Where(p => p.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)).Cast<InterventionPlace?>().FirstOrDefault()
            ?? throw new EngineException($"{where}: place '{name}' is not known: use {string.Join(", ", Enum.GetNames<InterventionPlace>().Select(p => p.ToLowerInvariant()))}, or replace");
    }

    private static int Token(JsonElement value, string where, Model model)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id))
            return id;
        if (value.ValueKind == JsonValueKind.String && model.Tokenizer.IdOf(value.GetString()!) is { } known)
            return known;
        throw new EngineException($"{where}: replace must be a token of {model.Name} as its vocabulary spells it, or an id");
    }
}
