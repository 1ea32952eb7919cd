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
            "ByteLevel" => new ByteLevelDecoder(),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Metaspace" => new MetaspaceDecoder(PreTokenizerFormat.ReadSign(part), PreTokenizerFormat.ReadScheme(part)),
            "Fuse" => new FuseDecoder(),
            "Strip" => ReadStrip(part),
            "Replace" => new ReplaceDecoder(PatternFormat.Read(part.Get("pattern")), part.Get("content").Text()),
            "BPEDecoder" => new WordEndDecoder(part.Find("suffix")?.Text() ?? "</w>"),
            _ => throw part.Unsupported("decoder", type),
        };
    }

    private static StripDecoder ReadStrip(JsonPart part)
    {
        var content = part.Get("content");
        var character = content.Text() is [var only] ? only : throw content.Error("should be one character");
        return new StripDecoder(character, part.Find("start")?.Integer() ?? 0, part.Find("stop")?.Integer() ?? 0);
    }
}
