namespace AttentionServer.Text;

/// <summary>The "pre_tokenizer" of tokenizer.json.</summary>
internal static class PreTokenizerFormat
{
    public static PreTokenizer? Read(JsonPart? part) => part is { } present ? Read(present) : null;

    /// <summary>How a Metaspace writes its scheme; older files only say whether to prepend at all.</summary>
    public static PrependScheme ReadScheme(JsonPart part)
    {
        if (part.Find("prepend_scheme") is not { } scheme)
            return Is(part, "add_prefix_space", true) ? PrependScheme.Always : PrependScheme.Never;
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
        part.Find("replacement") is not { } sign ? Metaspace.Sign
        : sign.Text() is [var only] ? only : throw sign.Error("should be one character");

    private static PreTokenizer Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequencePreTokenizer([.. part.Get("pretokenizers").Items().Select(Read)]),
            "BertPreTokenizer" => new BertPreTokenizer(),
            "ByteLevel" => new ByteLevelPreTokenizer(Is(part, "add_prefix_space", true), Is(part, "use_regex", true)),
            "Metaspace" => new MetaspacePreTokenizer(ReadSign(part), ReadScheme(part), Is(part, "split", true)),
            "Split" => new SplitPreTokenizer(
                PatternFormat.Read(part.Get("pattern")), ReadBehavior(part.Get("behavior")), Is(part, "invert", false)),
            "WhitespaceSplit" => At(Characters.IsWhiteSpace, SplitBehavior.Removed),
            "Whitespace" => new WordPreTokenizer(),
            "Punctuation" => At(
                Characters.IsPunctuation, part.Find("behavior") is { } behavior ? ReadBehavior(behavior) : SplitBehavior.Isolated),
            "Digits" => At(Characters.IsNumeric, Is(part, "individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
            "CharDelimiterSplit" => new SplitPreTokenizer(new StringFinder(part.Get("delimiter").Text()), SplitBehavior.Removed, false),
            _ => throw part.Unsupported("pre-tokenizer", type),
        };
    }

    private static SplitPreTokenizer At(Func<int, bool> characters, SplitBehavior behavior) =>
        new(new CharacterFinder(characters), behavior, invert: false);

    private static bool Is(JsonPart part, string name, bool otherwise) => part.Find(name)?.Flag() ?? otherwise;

    private static SplitBehavior ReadBehavior(JsonPart part) =>
        Enum.TryParse<SplitBehavior>(part.Text(), out var behavior) && Enum.IsDefined(behavior) ? behavior
        : throw part.Unsupported("split behavior", part.Text());
}
