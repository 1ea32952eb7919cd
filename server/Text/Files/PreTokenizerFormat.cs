namespace AttentionServer.Text;

/// <summary>The "pre_tokenizer" of tokenizer.json.</summary>
internal static class PreTokenizerFormat
{
    public static PreTokenizer? Read(JsonPart? part) => part is { } present ? Read(present) : null;

    private static PreTokenizer Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequencePreTokenizer([.. part.Get("pretokenizers").Items().Select(Read)]),
            "BertPreTokenizer" => new BertPreTokenizer(),
            _ => throw part.Unsupported("pre-tokenizer", type),
        };
    }
}
