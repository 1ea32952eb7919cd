namespace AttentionServer.Text;

/// <summary>The "pre_tokenizer" of tokenizer.json.</summary>
internal static class PreTokenizerFormat
{
    public static PreTokenizer? Read(JsonPart? part) => part is { } present ? Read(present) : null;

    /// <summary>How a Metaspace writes its scheme; older files only say whether to prepend at all.</summary>
    public static PrependScheme ReadScheme(JsonPart part)
    {
        if (part.Find("prepend_scheme") is not { } scheme) return part.Find("add_prefix_space")?.Flag() ?? true ? PrependScheme.Always : PrependScheme.Never;
        return scheme.Text() switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            var other => throw scheme.Unsupported("prepend scheme", other),
        };
    }

    /// <summary>The one character that stands for spaces.</summary>
    public static char ReadSign(JsonPart part) =>
        part.Find("replacement") is not { } sign ? Metaspace.Sign : sign.Text() is [var only] ? only : throw sign.Error("should be one character");

    private static PreTokenizer Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequencePreTokenizer([.. part.Get("pretokenizers").Items().Select(Read)]),
            "BertPreTokenizer" => new BertPreTokenizer(),
            "ByteLevel" => new ByteLevelPreTokenizer(part.Find("add_prefix_space")?.Flag() ?? true, part.Find("use_regex")?.Flag() ?? true),
            "Metaspace" => new MetaspacePreTokenizer(ReadSign(part), ReadScheme(part), part.Find("split")?.Flag() ?? true),
            "Split" => new SplitPreTokenizer(PatternFormat.Read(part.Get("pattern")), ReadBehavior(part.Get("behavior")), part.Find("invert")?.Flag() ?? false),
            "WhitespaceSplit" => new SplitPreTokenizer(new CharacterFinder(Characters.IsWhiteSpace), SplitBehavior.Removed, invert: false),
            "Whitespace" => new WordPreTokenizer(),
            "Punctuation" => new SplitPreTokenizer(
                new CharacterFinder(Characters.IsPunctuation), part.Find("behavior") is { } behavior ? ReadBehavior(behavior) : SplitBehavior.Isolated, invert: false),
            "Digits" => new SplitPreTokenizer(
                new CharacterFinder(Characters.IsNumeric),
                part.Find("individual_digits")?.Flag() ?? false ? SplitBehavior.Isolated : SplitBehavior.Contiguous,
                invert: false),
            "CharDelimiterSplit" => new SplitPreTokenizer(new StringFinder(part.Get("delimiter").Text()), SplitBehavior.Removed, invert: false),
            _ => throw part.Unsupported("pre-tokenizer", type),
        };
    }

    private static SplitBehavior ReadBehavior(JsonPart part) =>
        Enum.TryParse<SplitBehavior>(part.Text(), out var behavior) && Enum.IsDefined(behavior) ? behavior : throw part.Unsupported("split behavior", part.Text());
}
