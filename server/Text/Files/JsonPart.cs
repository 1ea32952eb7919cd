using System.Text.Json;

namespace AttentionServer.Text;

/// <summary>A value inside a JSON file that knows its place, so that a complaint can say where the trouble is.</summary>
internal readonly struct JsonPart
{
    private readonly JsonElement element;
    private readonly string file;
    private readonly string path;

    private JsonPart(JsonElement element, string file, string path)
    {
        this.element = element;
        this.file = file;
        this.path = path;
    }

    /// <summary>The file and the path inside it: "tokenizer.json: model.vocab".</summary>
    public string Place => path.Length == 0 ? file : $"{file}: {path}";

    /// <summary>The file name alone.</summary>
    public string File => file;

    public static JsonPart Read(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
            return new JsonPart(document.RootElement.Clone(), name, "");
        }
        catch (JsonException broken)
        {
            var where = $"{path} is not valid JSON (line {broken.LineNumber + 1})";
            throw new TokenizerException($"{where}: {FirstSentence(broken.Message)}", broken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"{path} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>A member of the object; null when it is absent or null.</summary>
    public JsonPart? Find(string name)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Expected("an object");
        return element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? new JsonPart(member, file, path.Length == 0 ? name : $"{path}.{name}")
            : null;
    }

    public JsonPart Get(string name) => Find(name) ?? throw Error($"has no \"{name}\"");

    public bool IsText => element.ValueKind == JsonValueKind.String;

    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    public bool IsList => element.ValueKind == JsonValueKind.Array;

    public string Text()
    {
        if (!IsText) throw Expected("a text");
        return Whole(element.GetString)!;
    }

    public bool Flag() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Expected("true or false"),
    };

    public int Integer() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) ? value
        : throw Expected("a whole number that fits 32 bits");

    public double Number() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && double.IsFinite(value) ? value
        : throw Expected("a finite number");

    public IEnumerable<JsonPart> Items()
    {
        if (!IsList) throw Expected("a list");
        var index = 0;
        foreach (var item in element.EnumerateArray()) yield return new JsonPart(item, file, $"{path}[{index++}]");
    }

    public IEnumerable<(string Name, JsonPart Value)> Members()
    {
        if (!IsObject) throw Expected("an object");
        foreach (var member in element.EnumerateObject())
        {
            var name = Whole(() => member.Name);
            yield return (name, new JsonPart(member.Value, file, path.Length == 0 ? name : $"{path}.{name}"));
        }
    }

    public TokenizerException Error(string what) => new($"{Place} {what}.");

    /// <summary>The complaint about a kind of piece that exists elsewhere but not here.</summary>
    public TokenizerException Unsupported(string kind, string type) =>
        new($"{Place}: the {kind} \"{type}\" is not supported; use a model whose tokenizer does without it.");

    private T Whole<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException halved)
        {
            throw new TokenizerException($"{Place} holds half of a surrogate pair, which no text can.", halved);
        }
    }

    private TokenizerException Expected(string what) => Error($"should be {what}, but is {Shown()}");

    private string Shown() => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => element.GetRawText() is { Length: <= 40 } text ? text : "something else",
    };

    private static string FirstSentence(string message) => message.Split(" LineNumber:")[0];
}
