using System.Text;

namespace AttentionServer.Text;

/// <summary>The "normalizer" of tokenizer.json.</summary>
internal static class NormalizerFormat
{
    public static Normalizer? Read(JsonPart? part) => part is { } present ? Read(present) : null;

    private static Normalizer Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequenceNormalizer([.. part.Get("normalizers").Items().Select(Read)]),
            "BertNormalizer" => ReadBert(part),
            "NFC" => new UnicodeNormalizer(NormalizationForm.FormC),
            "NFD" => new UnicodeNormalizer(NormalizationForm.FormD),
            "NFKC" => new UnicodeNormalizer(NormalizationForm.FormKC),
            "NFKD" => new UnicodeNormalizer(NormalizationForm.FormKD),
            "Lowercase" => new LowerCaseNormalizer(),
            "StripAccents" => new MarkRemover(Characters.IsCombiningMark),
            "Strip" => new StripNormalizer(part.Find("strip_left")?.Flag() ?? true, part.Find("strip_right")?.Flag() ?? true),
            "Replace" => new ReplaceNormalizer(PatternFormat.Read(part.Get("pattern")), part.Get("content").Text()),
            "Prepend" => new PrependNormalizer(part.Get("prepend").Text()),
            "ByteLevel" => new ByteLevelNormalizer(),
            "Nmt" => new NmtNormalizer(),
            "Precompiled" => ReadPrecompiled(part.Get("precompiled_charsmap")),
            _ => throw part.Unsupported("normalizer", type),
        };
    }

    private static BertNormalizer ReadBert(JsonPart part)
    {
        var lowerCase = part.Find("lowercase")?.Flag() ?? true;
        return new BertNormalizer(
            part.Find("clean_text")?.Flag() ?? true,
            part.Find("handle_chinese_chars")?.Flag() ?? true,
            part.Find("strip_accents")?.Flag() ?? lowerCase,
            lowerCase);
    }

    private static PrecompiledNormalizer ReadPrecompiled(JsonPart part)
    {
        try
        {
            return new PrecompiledNormalizer(new CharacterMap(Convert.FromBase64String(part.Text())));
        }
        catch (FormatException broken)
        {
            throw part.Error($"cannot be read ({broken.Message.TrimEnd('.')})");
        }
    }
}
