namespace AttentionServer.Text;

/// <summary>The "model" of tokenizer.json: the vocabulary and the scheme that cuts words with it.</summary>
internal static class ModelFormat
{
    public static Vocabulary ReadVocabulary(JsonPart model)
    {
        var vocab = model.Get("vocab");
        return new Vocabulary(vocab.IsList ? ReadScored(vocab) : ReadIds(vocab), vocab.Place);
    }

    public static Tokenizer Read(JsonPart model, Vocabulary vocabulary, TokenizerParts parts)
    {
        var type = TypeOf(model);
        return type switch
        {
            "WordPiece" => new WordPieceTokenizer(vocabulary, parts, new WordPieceOptions(
                model.Place,
                model.Find("unk_token")?.Text() ?? "[UNK]",
                model.Find("continuing_subword_prefix")?.Text() ?? "##",
                model.Find("max_input_chars_per_word")?.Integer() ?? 100)),
            "WordLevel" => new WordLevelTokenizer(vocabulary, parts, model.Find("unk_token")?.Text() ?? "<unk>", model.Place),
            "BPE" => ReadBpe(model, vocabulary, parts),
            "Unigram" => ReadUnigram(model, vocabulary, parts),
            _ => throw model.Unsupported("model", type),
        };
    }

    /// <summary>Old files do not name the type; what else they say tells.</summary>
    private static string TypeOf(JsonPart model) =>
        model.Find("type")?.Text()
        ?? (model.Find("merges") is not null ? "BPE"
            : model.Get("vocab").IsList ? "Unigram"
            : model.Find("continuing_subword_prefix") is not null ? "WordPiece"
            : "WordLevel");

    private static BpeTokenizer ReadBpe(JsonPart model, Vocabulary vocabulary, TokenizerParts parts)
    {
        if (model.Find("dropout") is { } dropout && dropout.Number() != 0)
            throw dropout.Error("makes tokens a matter of chance, which is not supported");
        var options = new BpeOptions(model.Place)
        {
            UnknownToken = model.Find("unk_token")?.Text(),
            FuseUnknown = model.Find("fuse_unk")?.Flag() ?? false,
            ByteFallback = model.Find("byte_fallback")?.Flag() ?? false,
            WholeWordsFirst = model.Find("ignore_merges")?.Flag() ?? false,
            ContinuingPrefix = model.Find("continuing_subword_prefix")?.Text() ?? "",
            WordEnd = model.Find("end_of_word_suffix")?.Text() ?? "",
        };
        var list = model.Get("merges");
        var merges = new BpeMerges(list.Items().Select(ReadMerge), vocabulary, options.ContinuingPrefix, list.Place);
        return new BpeTokenizer(vocabulary, parts, merges, options);
    }

    /// <summary>Written "a b", or ["a", "b"] where tokens may contain spaces.</summary>
    private static (string Left, string Right) ReadMerge(JsonPart part)
    {
        string[] sides = part.IsText ? part.Text().Split(' ') : [.. part.Items().Select(side => side.Text())];
        return sides is [{ Length: > 0 } left, { Length: > 0 } right] ? (left, right) : throw part.Error("should be a pair of tokens");
    }

    private static UnigramTokenizer ReadUnigram(JsonPart model, Vocabulary vocabulary, TokenizerParts parts)
    {
        var scores = model.Get("vocab").Items().Select(entry => entry.Items().ElementAt(1).Number()).ToArray();
        var byteFallback = model.Find("byte_fallback")?.Flag() ?? false;
        var unknown = model.Find("unk_id");
        if (unknown is { } id && vocabulary.TokenOf(id.Integer()) is null)
            throw id.Error($"names no token: the vocabulary has {vocabulary.Size}");
        if (unknown is null && !byteFallback) throw model.Error("has no \"unk_id\", so that text outside the vocabulary has no token");
        return new UnigramTokenizer(vocabulary, parts, new UnigramOptions(scores, unknown?.Integer(), byteFallback));
    }

    /// <summary>{"token": id, ...}.</summary>
    public static List<KeyValuePair<string, int>> ReadIds(JsonPart vocab)
    {
        var entries = new List<KeyValuePair<string, int>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (token, id) in vocab.Members())
        {
            if (!seen.Add(token)) throw vocab.Error($"lists the token \"{token}\" twice");
            entries.Add(KeyValuePair.Create(token, id.Integer()));
        }
        return entries;
    }

    /// <summary>[["token", score], ...]; the place in the list is the id.</summary>
    private static List<KeyValuePair<string, int>> ReadScored(JsonPart vocab)
    {
        var entries = new List<KeyValuePair<string, int>>();
        foreach (var entry in vocab.Items())
        {
            if (entry.Items().Count() != 2) throw entry.Error("should be a token and its score");
            entries.Add(KeyValuePair.Create(entry.Items().First().Text(), entries.Count));
        }
        return entries;
    }
}
