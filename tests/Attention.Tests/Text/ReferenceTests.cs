using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

/// <summary>
/// Random texts through many pipelines, compared with what the Rust `tokenizers` library made of them
/// (Reference/make.mjs writes the cases).
/// </summary>
public class ReferenceTests
{
    private static readonly string Folder = Path.Combine(Golden.Root, "tests", "Attention.Tests", "Text", "Reference");
    private static readonly Dictionary<string, JsonNode> Pipelines =
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "pipelines.json")))!.AsArray().ToDictionary(node => (string)node!["name"]!, node => node!);

    private static readonly JsonDocument Cases = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "cases.json")));

    public static TheoryData<string> Names => [.. Pipelines.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encodings_are_those_of_the_reference(string name)
    {
        var tokenizer = Build(Pipelines[name]);
        foreach (var expected in Cases.RootElement.GetProperty(name).EnumerateArray())
        {
            var text = expected.GetProperty("text").GetString()!;
            var pair = expected.TryGetProperty("pair", out var second) ? second.GetString() : null;
            var encoding = tokenizer.Encode(text, pair);
            Assert.Equal(Numbers(expected, "ids"), encoding.Ids);
            Assert.Equal(expected.GetProperty("tokens").GetString(), string.Join('\0', encoding.Tokens.Select(token => token.Text)));
            Assert.Equal(Numbers(expected, "offsets"), TokenizerCases.Offsets(encoding).SelectMany(offset => new[] { offset.Start, offset.End }));
            Assert.Equal(expected.GetProperty("types").GetString(), string.Concat(encoding.TypeIds));
            Assert.Equal(expected.GetProperty("decoded").GetString(), tokenizer.Decode(encoding.Ids));
        }
    }

    private static IEnumerable<int> Numbers(JsonElement element, string name) => element.GetProperty(name).EnumerateArray().Select(number => number.GetInt32());

    /// <summary>The base file with members replaced, as make.mjs does it.</summary>
    private static Tokenizer Build(JsonNode pipeline)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(TokenizerCases.JsonFolder((string)pipeline["base"]!), "tokenizer.json")))!;
        var rules = json["normalizer"] is JsonObject normalizer && normalizer["precompiled_charsmap"] is { } map ? map.ToJsonString() : "\"\"";
        foreach (var (member, value) in pipeline["set"]!.AsObject())
        {
            if (member.StartsWith("model.", StringComparison.Ordinal)) json["model"]![member[6..]] = value?.DeepClone();
            else json[member] = value?.DeepClone();
        }
        using var folder = new TemporaryFolder();
        return Tokenizer.Load(folder.Write("tokenizer.json", json.ToJsonString().Replace("\"$base\"", rules)));
    }
}
