using System.Text;

namespace AttentionServer.Text;

/// <summary>
/// GPT-2's visible characters for the 256 byte values: printable Latin-1 stands for itself, and the other bytes take
/// the characters from U+0100 on, in order (the space becomes Ġ).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharacterOf = MakeAlphabet();
    private static readonly Dictionary<char, byte> ByteOf =
        Enumerable.Range(0, 256).ToDictionary(value => CharacterOf[value], value => (byte)value);

    /// <summary>The sign for a space.</summary>
    public static char Space => CharacterOf[' '];

    /// <summary>Appends the UTF-8 bytes of a stretch of text; all bytes of a character come from where it came from.</summary>
    public static void Spell(AlignedText text, int start, int end, AlignedText output)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var i = start; i < end; i++)
        {
            var c = text.CodePointAt(i);
            var (from, to) = (text.SourceStart(i), text.SourceEnd(i));
            if (c < 0x80)
            {
                output.Append(CharacterOf[c], from, to);
                continue;
            }
            var count = new Rune(c).EncodeToUtf8(bytes);
            foreach (var value in bytes[..count]) output.Append(CharacterOf[value], from, to);
            if (c >= 0x10000) i++;
        }
    }

    /// <summary>The bytes that a token spells; of a token with other characters in it, its own UTF-8.</summary>
    public static void Read(string token, List<byte> bytes)
    {
        var at = bytes.Count;
        foreach (var c in token)
        {
            if (ByteOf.TryGetValue(c, out var value))
            {
                bytes.Add(value);
                continue;
            }
            bytes.RemoveRange(at, bytes.Count - at);
            bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(token));
            return;
        }
    }

    private static char[] MakeAlphabet()
    {
        var alphabet = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
            alphabet[value] = value is (> 32 and < 127) or (> 160 and not 173) ? (char)value : (char)next++;
        return alphabet;
    }
}
