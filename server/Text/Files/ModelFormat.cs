namespace AttentionServer.Text;

/// <summary>The "model" of tokenizer.json: the vocabulary and the scheme that cuts words with it.</summary>
internal static class ModelFormat
{
    public static Vocabulary ReadVocabulary(JsonPart model)
    {
        var vocab = model.Get("vocab");
        return new Vocabulary([.. vocab.Members().Select(member => KeyValuePair.Create(member.Name, member.Value.Integer()))], vocab.Place);
    }

    public static Tokenizer Read(JsonPart model, Vocabulary vocabulary, TokenizerParts parts)
    {
        var type = model.Find("type")?.Text() ?? "WordPiece";
        return type switch
        {
            "WordPiece" => new WordPieceTokenizer(vocabulary, parts, new WordPieceOptions(
                model.Place,
                model.Find("unk_token")?.Text() ?? "[UNK]",
                model.Find("continuing_subword_prefix")?.Text() ?? "##",
                model.Find("max_input_chars_per_word")?.Integer() ?? 100)),
            _ => throw model.Unsupported("model", type),
        };
    }
}
