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
}
