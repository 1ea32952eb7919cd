namespace AttentionServer.Text;

/// <summary>What the files beside a vocabulary say: tokenizer_config.json, and where it is silent the older files.</summary>
internal sealed class TokenizerConfig
{
    private readonly JsonPart? config;
    private readonly JsonPart? map;
    private readonly JsonPart? added;
    private readonly JsonPart? model;

    private TokenizerConfig(string folder)
    {
        JsonPart? ReadIfThere(string name) => Path.Combine(folder, name) is var path && File.Exists(path) ? JsonPart.Read(path) : null;
        config = ReadIfThere("tokenizer_config.json");
        map = ReadIfThere("special_tokens_map.json");
        added = ReadIfThere("added_tokens.json");
        model = ReadIfThere("config.json");
    }

    public static TokenizerConfig Beside(string file) => new(Path.GetDirectoryName(Path.GetFullPath(file))!);

    /// <summary>"bert" of "BertTokenizerFast", else the kind of model, in lower case; null when nothing tells.</summary>
    public string? Kind
    {
        get
        {
            var name = config?.Find("tokenizer_class")?.Text() ?? model?.Find("model_type")?.Text();
            return name?.Replace("TokenizerFast", "", StringComparison.Ordinal).Replace("Tokenizer", "", StringComparison.Ordinal)
                .Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        }
    }

    public bool? Flag(string name) => config?.Find(name)?.Flag();

    public int? Integer(string name) => config?.Find(name)?.Integer();

    /// <summary>The token that plays a role ("mask_token"), written plainly or as an object with its content.</summary>
    public string? TokenFor(string role)
    {
        var part = config?.Find(role) ?? map?.Find(role);
        if (part is not { } token) return null;
        return token.IsObject ? token.Get("content").Text() : token.Text();
    }

    /// <summary>The complaint that a vocabulary lacks the token for a role.</summary>
    public static TokenizerException Missing(string role, string content, string origin) =>
        new($"{origin} does not list the {role.Replace('_', ' ')} \"{content}\": name another one in tokenizer_config.json.");

    /// <summary>Further tokens: newer files list them by id with their properties, older ones only name them.</summary>
    public IEnumerable<AddedToken> AddedTokens()
    {
        if (config?.Find("added_tokens_decoder") is { } list)
        {
            foreach (var (name, value) in list.Members())
            {
                if (!int.TryParse(name, out var id)) throw value.Error("should be named by a token id");
                yield return AddedTokenFormat.Read(value, id);
            }
        }
        else if (added is { } names)
        {
            foreach (var (content, id) in names.Members())
                yield return AddedTokenFormat.Plain(content, id.Integer(), id);
        }
    }
}
