namespace AttentionServer.Text;

/// <summary>BERT's vocab.txt (one token per line, the line number is its id), with tokenizer_config.json beside it.</summary>
internal static class BertFiles
{
    public static WordPieceTokenizer Read(string file, TokenizerConfig config)
    {
        var origin = Path.GetFileName(file);
        var vocabulary = new Vocabulary(ReadLines(file), origin);
        var lowerCase = config.Flag("do_lower_case") ?? true;
        var normalizer = new BertNormalizer(
            cleanText: true,
            separateIdeographs: config.Flag("tokenize_chinese_chars") ?? true,
            stripAccents: config.Flag("strip_accents") ?? lowerCase,
            lowerCase);
        AddedToken Special(string role, string usual)
        {
            var content = config.TokenFor(role) ?? usual;
            return new AddedToken(vocabulary.IdOf(content) ?? throw TokenizerConfig.Missing(role, content, origin), content);
        }
        var (unk, cls, sep) = (Special("unk_token", "[UNK]"), Special("cls_token", "[CLS]"), Special("sep_token", "[SEP]"));
        var added = new List<AddedToken> { unk, cls, sep };
        // A vocabulary can do without these two; a text just cannot contain them then.
        foreach (var content in new[] { config.TokenFor("pad_token") ?? "[PAD]", config.TokenFor("mask_token") ?? "[MASK]" })
            if (vocabulary.IdOf(content) is { } id) added.Add(new AddedToken(id, content));
        added.AddRange(config.AddedTokens());
        var tokens = new AddedTokens(added, normalizer);
        var parts = new TokenizerParts
        {
            Added = tokens,
            PreTokenizer = new BertPreTokenizer(),
            Template = Template.Bert((cls.Id, cls.Content), (sep.Id, sep.Content)),
            Decoder = new WordPieceDecoder("##", cleanUp: true),
            Special = SpecialTokenRoles.Find(config, token => tokens.Find(token)?.Id ?? vocabulary.IdOf(token)),
        };
        return new WordPieceTokenizer(vocabulary, parts, new WordPieceOptions(origin, unk.Content));
    }

    /// <summary>Where a token is listed twice, the later line is its id, as in the library that the models were trained with.</summary>
    private static Dictionary<string, int> ReadLines(string file)
    {
        var entries = new Dictionary<string, int>(StringComparer.Ordinal);
        var lines = TextLines.Read(file);
        for (var id = 0; id < lines.Length; id++)
            if (lines[id].TrimEnd() is { Length: > 0 } token) entries[token] = id;
        return entries;
    }
}
