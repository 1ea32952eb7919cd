using System.Text.Json;

namespace AttentionServer.Studies.Reading;

/// <summary>Members of JSON objects, or a sentence that says what is wrong with them.</summary>
internal static class JsonFields
{
    /// <summary>A member that has to be there.</summary>
    public static JsonElement Need(JsonElement owner, string name, string path) =>
        Find(owner, name, path) ?? throw new MalformedException(path, $"\"{name}\" is missing", "add it");

    /// <summary>A member that may be there, once.</summary>
    public static JsonElement? Find(JsonElement owner, string name, string path)
    {
        JsonElement? found = null;
        foreach (var member in owner.EnumerateObject())
        {
            if (!member.NameEquals(name))
                continue;
            if (found != null)
                throw new MalformedException($"{path}.{name}", $"\"{name}\" is there twice", "leave one");
            found = member.Value;
        }

        return found;
    }

    /// <summary>A member that has to be a text with something in it.</summary>
    public static string Text(JsonElement owner, string name, string path) => TextOf(Need(owner, name, path), $"{path}.{name}", $"\"{name}\"");

    /// <summary>A text with something in it.</summary>
    public static string TextOf(JsonElement value, string path, string what)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw new MalformedException(path, $"{what} is {JsonKinds.Name(value.ValueKind)} and not a text", "write it in quotation marks");
        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new MalformedException(path, $"{what} holds half a character (a surrogate without the other)", "write the whole character");
        }

        if (text.Contains('\0', StringComparison.Ordinal))
            throw new MalformedException(path, $"{what} holds the character U+0000, which no text does", "leave it out");
        return string.IsNullOrWhiteSpace(text) ? throw new MalformedException(path, $"{what} is empty", "write something") : text;
    }

    /// <summary>A value of a kind.</summary>
    public static void Expect(JsonElement value, JsonValueKind kind, string path, string what)
    {
        if (value.ValueKind != kind)
            throw new MalformedException(path, $"{what} is {JsonKinds.Name(value.ValueKind)} and not {JsonKinds.Name(kind)}", "write it in SQuAD's format");
    }
}
