namespace AttentionServer.Models.Hub;

/// <summary>Where the Hub is and who asks: the environment variables of Hugging Face's own tools.</summary>
public sealed record HubSettings
{
    private static readonly string[] Yes = ["1", "true", "yes", "on"];

    /// <summary>HF_ENDPOINT, or the public Hub.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>HF_TOKEN, or the token that a login left in HF_HOME; null for nobody.</summary>
    public string? Token { get; init; }

    /// <summary>HF_HUB_OFFLINE: nothing may be fetched.</summary>
    public bool Offline { get; init; }

    /// <summary>The cache folder.</summary>
    public required string Cache { get; init; }

    /// <summary>HF_HOME, or its standard place.</summary>
    public static string Home => Variable("HF_HOME") is { } home
        ? Expand(home)
        : Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "huggingface");

    /// <summary>HF_HUB_CACHE, or hub in <see cref="Home"/>.</summary>
    public static string StandardCache => (Variable("HF_HUB_CACHE") ?? Variable("HUGGINGFACE_HUB_CACHE")) is { } cache ? Expand(cache) : Path.Combine(Home, "hub");

    /// <summary>What the environment says.</summary>
    public static HubSettings FromEnvironment(string? cache = null)
    {
        var endpoint = Variable("HF_ENDPOINT") ?? "https://huggingface.co";
        if (!Uri.TryCreate(endpoint.TrimEnd('/') + "/", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new HubException($"HF_ENDPOINT '{endpoint}': environment: it is no http address: correct the variable or remove it");
        return new()
        {
            Endpoint = uri,
            Token = Variable("HF_TOKEN") ?? StoredToken(),
            Offline = Yes.Contains(Variable("HF_HUB_OFFLINE")?.ToLowerInvariant()),
            Cache = cache ?? StandardCache,
        };
    }

    private static string? StoredToken()
    {
        var file = Variable("HF_TOKEN_PATH") ?? Path.Combine(Home, "token");
        return File.Exists(file) && new FileInfo(file).Length < 10_000 && File.ReadAllText(file).Trim() is { Length: > 0 } token ? token : null;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name)?.Trim() is { Length: > 0 } value ? value : null;

    private static string Expand(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..])
        : path;
}
