namespace AttentionServer.Text;

/// <summary>Unicode general categories, in the order of tables.bin.</summary>
internal enum GeneralCategory
{
    Cn, Lu, Ll, Lt, Lm, Lo, Mn, Mc, Me, Nd, Nl, No, Pc, Pd, Ps, Pe, Pi, Pf, Po, Sm, Sc, Sk, So, Zs, Zl, Zp, Cc, Cf, Cs, Co,
}

/// <summary>Questions about single code points, answered as the Rust `tokenizers` library answers them.</summary>
internal static class Characters
{
    public const int Replacement = 0xFFFD;
    private const int CapitalDottedI = 0x130;
    private const int CombiningDotAbove = 0x307;

    public static GeneralCategory Category(int c) => (GeneralCategory)(Properties(c) & 31);

    public static bool IsAlphabetic(int c) => Has(c, 5);

    public static bool IsHan(int c) => Has(c, 6);

    public static bool IsNumeric(int c) => Has(c, 7);

    /// <summary>Punctuation as the BERT pre-tokenizer splits it off: every ASCII symbol counts.</summary>
    public static bool IsPunctuation(int c) =>
        c < 0x80 ? c is (> 32 and < 48) or (> 57 and < 65) or (> 90 and < 97) or (> 122 and < 127) : Has(c, 8);

    public static bool IsNonspacingMark(int c) => Has(c, 9);

    /// <summary>Controls, format characters and private use, except the three that count as white space.</summary>
    public static bool IsControl(int c) => Has(c, 10) && c is not ('\t' or '\n' or '\r');

    public static bool IsCombiningMark(int c) => Has(c, 11);

    public static bool IsWhiteSpace(int c) => c < 0x80 ? c == ' ' || c is >= 9 and <= 13 : Has(c, 18);

    /// <summary>Letters and what belongs to them, decimal digits, and connectors: \w in a pattern's brackets.</summary>
    public static bool IsLetterLike(int c) =>
        IsAlphabetic(c)
        || Category(c) is GeneralCategory.Mn or GeneralCategory.Mc or GeneralCategory.Me or GeneralCategory.Nd or GeneralCategory.Pc;

    /// <summary>What \w stands for in Rust (Unicode Technical Standard 18, Annex C), as words of its own and beside added tokens.</summary>
    public static bool IsWordCharacter(int c) => IsLetterLike(c) || c is 0x200C or 0x200D;

    /// <summary>What \w stands for in a pattern outside brackets: in Oniguruma also Latin-1's fractions and raised digits.</summary>
    public static bool IsPatternWord(int c) => IsLetterLike(c) || c is 0xB2 or 0xB3 or 0xB9 or (>= 0xBC and <= 0xBE);

    /// <summary>
    /// The ideographs that BERT treats as words of their own (the "CJK Unified Ideographs" blocks, not kana or Hangul).
    /// The library that the models were trained with leaves U+2B820 to U+2B91F out, so they are left out here too.
    /// </summary>
    public static bool IsIdeograph(int c) =>
        c >= 0x3400 && (c is <= 0x4DBF or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x2A6DF)
            or (>= 0x2A700 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0x2F800 and <= 0x2FA1F));

    /// <summary>The full lower case, which does not look at the neighbours: one code point, or two for U+0130.</summary>
    public static int ToLower(int c, out int second)
    {
        second = 0;
        if (c < 0x80) return c is >= 'A' and <= 'Z' ? c | 0x20 : c;
        if (c == CapitalDottedI) second = CombiningDotAbove;
        return c + UnicodeTables.LowerCaseDifference[c];
    }

    /// <summary>The simple case folding: characters that differ only in case fold to the same.</summary>
    public static int Fold(int c) => c + UnicodeTables.CaseFoldDifference[c];

    private static bool Has(int c, int bit) => (Properties(c) & (1u << bit)) != 0;

    private static uint Properties(int c) => UnicodeTables.Properties[c];
}
