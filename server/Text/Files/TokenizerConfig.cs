namespace AttentionServer.Text;

/// <summary>What the files beside a vocabulary say: tokenizer_config.json, and special_tokens_map.json where it is silent.</summary>
internal sealed class TokenizerConfig
{
    private readonly JsonPart? config;
    private readonly JsonPart? map;

    private TokenizerConfig(JsonPart? config, JsonPart? map)
    {
        this.config = config;
        this.map = map;
    }

    public static TokenizerConfig Beside(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return new TokenizerConfig(ReadIfThere(Path.Combine(folder, "tokenizer_config.json")), ReadIfThere(Path.Combine(folder, "special_tokens_map.json")));
    }

    public bool? Flag(string name) => config?.Find(name)?.Flag();

    public string? Text(string name) => config?.Find(name)?.Text();

    /// <summary>The token that plays a role ("mask_token"), written plainly or as an object with its content.</summary>
    public string? TokenFor(string role)
    {
        var part = config?.Find(role) ?? map?.Find(role);
        if (part is not { } token) return null;
        return token.IsObject ? token.Get("content").Text() : token.Text();
    }

    /// <summary>The added tokens that newer files list by id.</summary>
    public IEnumerable<AddedToken> AddedTokens()
    {
        if (config?.Find("added_tokens_decoder") is not { } list) yield break;
        foreach (var (name, value) in list.Members())
        {
            if (!int.TryParse(name, out var id) || id < 0) throw value.Error("should be named by a token id");
            yield return AddedTokenFormat.Read(value, id);
        }
    }

    private static JsonPart? ReadIfThere(string path) => File.Exists(path) ? JsonPart.Read(path) : null;
}
