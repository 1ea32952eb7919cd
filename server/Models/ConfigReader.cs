using System.Globalization;
using System.Text.Json;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models;

/// <summary>Reads keys of a config.json under any of the names that architectures give them; every error names the key.</summary>
internal sealed class ConfigReader(JsonElement root, string folder)
{
    /// <summary>A whole number within bounds far above any published model, so that nothing is allocated for an absurd one.</summary>
    public int Number(string[] names, int least, int largest, int? otherwise = null)
    {
        if (Find(names) is not { } value)
            return otherwise ?? throw Wrong(names[0], "it is missing");
        // Some tools write whole numbers as 12.0.
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number == Math.Floor(number) && number >= least && number <= largest
            ? (int)number
            : throw Wrong(names[0], $"{Short(value)} is not a whole number from {least} to {largest}");
    }

    /// <summary>A token's id; null where there is none, or one that the vocabulary does not have. Of several, the first.</summary>
    public int? TokenId(string name, int vocabulary)
    {
        if (Find([name]) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
            value = value[0];
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id >= 0 && id < vocabulary ? id : null;
    }

    /// <summary>A number between 0 and 1.</summary>
    public double Fraction(string[] names, double otherwise)
    {
        if (Find(names) is not { } value)
            return otherwise;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is >= 0 and < 1
            ? number
            : throw Wrong(names[0], $"{Short(value)} is not a number from 0 to 1");
    }

    /// <summary>A string.</summary>
    public string Text(string[] names, string? otherwise = null)
    {
        if (Find(names) is not { } value)
            return otherwise ?? throw Wrong(names[0], "it is missing");
        return Decode(names[0], value);
    }

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool otherwise) => Find(name)?.ValueKind switch
    {
        null => otherwise,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "it is neither true nor false"),
    };

    /// <summary>A list of strings; empty when the key is missing.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } value)
            return [];
        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(e => Decode(name, e))]
            : throw Wrong(name, $"{Short(value)} is not a list of strings");
    }

    /// <summary>Class names from {"0": "name", …}; null when the key is missing.</summary>
    public IReadOnlyList<string>? Classes(string name)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Object)
            throw Wrong(name, $"{Short(value)} is not an object");
        var classes = new SortedDictionary<int, string>();
        foreach (var entry in value.EnumerateObject())
        {
            // Class names that are numbers were written without quotes by some tools.
            var label = entry.Value.ValueKind == JsonValueKind.Number ? entry.Value.GetRawText() : Decode(name, entry.Value);
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || !classes.TryAdd(id, label))
                throw Wrong(name, $"'{SafetensorsHeader.Shown(entry.Name)}' is no number of a class, or a repeated one");
        }

        return classes.Keys.SequenceEqual(Enumerable.Range(0, classes.Count)) ? [.. classes.Values] : throw Wrong(name, "its ids are not 0, 1, 2, …");
    }

    /// <summary>Whether the key is there, and not null.</summary>
    public bool Has(string name) => Find(name) != null;

    /// <summary>An error about a key.</summary>
    public CheckpointException Wrong(string key, string why) => new($"config.json '{key}': {folder}: {why}: is this a supported model?");

    private JsonElement? Find(params string[] names)
    {
        foreach (var name in names)
        {
            if (root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
                return value;
        }

        return null;
    }

    private string Decode(string key, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(key, $"{Short(value)} is not a string");
        }
        catch (InvalidOperationException e)
        {
            throw new CheckpointException(Wrong(key, "it is not valid Unicode").Message, e);
        }
    }

    private static string Short(JsonElement value) => value.GetRawText() is { Length: > 40 } text ? $"{text[..40]}…" : value.GetRawText();
}
