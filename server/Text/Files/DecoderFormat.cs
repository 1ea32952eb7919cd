namespace AttentionServer.Text;

/// <summary>The "decoder" of tokenizer.json.</summary>
internal static class DecoderFormat
{
    public static Decoder? Read(JsonPart? part) => part is { } present ? Read(present) : null;

    private static Decoder Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequenceDecoder([.. part.Get("decoders").Items().Select(Read)]),
            "WordPiece" => new WordPieceDecoder(part.Find("prefix")?.Text() ?? "##", part.Find("cleanup")?.Flag() ?? true),
            _ => throw part.Unsupported("decoder", type),
        };
    }
}
