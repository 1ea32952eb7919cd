namespace AttentionServer.Text;

/// <summary>The tokenizer.json of the Hugging Face `tokenizers` library: the whole pipeline in one file.</summary>
internal static class TokenizerJson
{
    public static Tokenizer Read(string file, TokenizerConfig config)
    {
        var root = JsonPart.Read(file);
        var normalizer = NormalizerFormat.Read(root.Find("normalizer"));
        var added = new AddedTokens(ReadAdded(root).Concat(config.AddedTokens()), normalizer);
        var model = root.Get("model");
        var vocabulary = ModelFormat.ReadVocabulary(model);
        int? IdOf(string token) => added.Find(token)?.Id ?? vocabulary.IdOf(token);
        var (template, trimmer) = PostProcessorFormat.Read(root.Find("post_processor"));
        var parts = new TokenizerParts
        {
            Added = added,
            PreTokenizer = PreTokenizerFormat.Read(root.Find("pre_tokenizer")),
            Template = template,
            Trimmer = trimmer,
            Decoder = DecoderFormat.Read(root.Find("decoder")),
            Special = SpecialTokenRoles.Find(config, IdOf),
        };
        return ModelFormat.Read(model, vocabulary, parts);
    }

    private static IEnumerable<AddedToken> ReadAdded(JsonPart root)
    {
        if (root.Find("added_tokens") is not { } list) yield break;
        foreach (var item in list.Items())
        {
            var id = item.Get("id").Integer();
            if (id is < 0 or >= 1 << 24) throw item.Error($"has the impossible id {id}");
            yield return AddedTokenFormat.Read(item, id);
        }
    }
}
