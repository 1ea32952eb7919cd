using System.Text;

namespace AttentionServer.Tests.Text;

/// <summary>Random strings that look for trouble: every plane, marks, joiners, controls, lone surrogates, tokens spelt out.</summary>
internal static class RandomText
{
    private static readonly string[] Pieces =
    [
        "the", "The cat", "don't", "Café", "e\u0301", "\u1E9B\u0323", "\uFB01", "\uFDFA", "漢字", "カﾞ", "한국어", "\u1100\u1161\u11A8",
        "👨‍👩‍👧", "🇩🇪🇫🇷", "👍🏽", "क्षि", "العربية", "İ", "ὈΔΥΣ", "3.14", "...", "''", "##ing", "\u2581", "\u2581\u2581a", "Ġ",
        "[UNK]", "[MASK]", "<s>", "</s>", "<mask>", "<|endoftext|>", "<extra_id_0>", "<0x0A>",
        "\r\n", "\n\n", "\t", "  ", "\u00A0", "\u3000", "\u200B", "\u200D", "\uFEFF", "\u00AD", "\0", "\u0085", "\uD83D", "\uDE00",
    ];

    public static string Next(Random random)
    {
        var text = new StringBuilder();
        for (var count = random.Next(12); count > 0; count--)
        {
            switch (random.Next(10))
            {
                case < 5:
                    text.Append(Pieces[random.Next(Pieces.Length)]);
                    break;
                case 5:
                    text.Append((char)random.Next(0x20, 0x7F));
                    break;
                case 6:
                    text.Append((char)random.Next(0x10000));
                    break;
                case 7:
                    text.Append(char.ConvertFromUtf32(random.Next(0x10000, 0x110000)));
                    break;
                case 8:
                    text.Append((char)random.Next(0x61, 0x7B)).Append((char)random.Next(0x300, 0x370));
                    break;
                default:
                    text.Append(' ');
                    break;
            }
        }
        return text.ToString();
    }
}
