namespace AttentionServer.Text;

/// <summary>The tokenizer.json of the Hugging Face `tokenizers` library: the whole pipeline in one file.</summary>
internal static class TokenizerJson
{
    public static Tokenizer Read(string file, TokenizerConfig config)
    {
        var root = JsonPart.Read(file);
        var normalizer = NormalizerFormat.Read(root.Find("normalizer"));
        var model = root.Get("model");
        var vocabulary = ModelFormat.ReadVocabulary(model);
        var added = new AddedTokens(ReadAdded(root, vocabulary), normalizer);
        int? IdOf(string token) => added.Find(token)?.Id ?? vocabulary.IdOf(token);
        var (template, trimmer) = PostProcessorFormat.Read(root.Find("post_processor"));
        var parts = new TokenizerParts
        {
            Added = added,
            PreTokenizer = PreTokenizerFormat.Read(root.Find("pre_tokenizer")),
            Template = template,
            Trimmer = trimmer,
            Decoder = DecoderFormat.Read(root.Find("decoder")),
            CleansUp = config.Flag("clean_up_tokenization_spaces") ?? false,
            Special = SpecialTokenRoles.Find(config, IdOf),
        };
        return ModelFormat.Read(model, vocabulary, parts);
    }

    /// <summary>
    /// A token that the model has too keeps its id there, and the others follow the model's in the order of the list. The
    /// ids in the file say the same unless it was edited; then the library goes by this rule, and so do the weights.
    /// </summary>
    private static List<AddedToken> ReadAdded(JsonPart root, Vocabulary vocabulary)
    {
        var tokens = new List<AddedToken>();
        if (root.Find("added_tokens") is not { } list) return tokens;
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var next = vocabulary.Count;
        foreach (var item in list.Items())
        {
            var token = AddedTokenFormat.Read(item, item.Get("id").Integer());
            if (!ids.TryGetValue(token.Content, out var id)) ids.Add(token.Content, id = vocabulary.IdOf(token.Content) ?? next);
            next = Math.Max(next, id + 1);
            tokens.Add(token with { Id = id });
        }
        return tokens;
    }
}
