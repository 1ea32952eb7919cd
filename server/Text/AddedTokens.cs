namespace AttentionServer.Text;

/// <summary>A token that is looked for in the text as it stands, before the model sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">What it looks like in the text.</param>
/// <param name="SingleWord">Whether it may not touch a word character on either side.</param>
/// <param name="StripLeft">Whether it takes the white space to its left.</param>
/// <param name="StripRight">Whether it takes the white space to its right.</param>
/// <param name="Normalized">Whether its normal form is looked for in the normalised text instead.</param>
/// <param name="Special">Whether decoding may skip it.</param>
internal sealed record AddedToken(
    int Id,
    string Content,
    bool SingleWord = false,
    bool StripLeft = false,
    bool StripRight = false,
    bool Normalized = false,
    bool Special = true)
{
    /// <summary>What it looks like in normalised text and when decoded; where not given, the normal form of its content.</summary>
    public string? NormalForm { get; init; }
}

/// <summary>All added tokens of a tokenizer: finds them in a text, and normalises what stands between them.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<int, AddedToken> byId = [];
    private readonly Dictionary<string, AddedToken> byContent = new(StringComparer.Ordinal);
    private readonly TokenFinder asWritten;
    private readonly TokenFinder inNormalForm;
    private readonly Normalizer? normalizer;

    public AddedTokens(IEnumerable<AddedToken> tokens, Normalizer? normalizer)
    {
        this.normalizer = normalizer;
        foreach (var token in tokens.Where(token => token.Content.Length > 0))
        {
            var form = token.Normalized ? token.NormalForm ?? normalizer?.Normalize(token.Content) : null;
            byId[token.Id] = byContent[token.Content] = token with { NormalForm = form ?? token.Content };
        }
        asWritten = new TokenFinder(byContent.Values.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        inNormalForm = new TokenFinder(byContent.Values.Where(token => token.Normalized).Select(token => (token.NormalForm!, token)));
    }

    public IEnumerable<AddedToken> All => byId.Values;

    public AddedToken? Find(int id) => byId.GetValueOrDefault(id);

    public AddedToken? Find(string content) => byContent.GetValueOrDefault(content);

    /// <summary>The words of a text before any pre-tokenizer: its added tokens, and the normalised text between them.</summary>
    public WordList Extract(AlignedText text)
    {
        var words = new WordList();
        var normal = new AlignedText(text.Length);
        asWritten.Split(text, 0, text.Length, (start, end, token) =>
        {
            if (token is not null)
            {
                words.Add(text, start, end, token.Id);
                return;
            }
            var (source, from, to) = (text, start, end);
            if (normalizer is not null)
            {
                from = normal.Length;
                normalizer.Normalize(text, start, end, normal);
                (source, to) = (normal, normal.Length);
            }
            inNormalForm.Split(source, from, to, (s, e, found) => words.Add(source, s, e, found?.Id ?? -1));
        });
        return words;
    }
}
