using System.Buffers.Binary;

namespace AttentionServer.Text;

/// <summary>
/// SentencePiece's compiled normalisation rules ("precompiled_charsmap"): a double-array trie over UTF-8 (the Darts
/// layout: Aoe 1989) whose values are offsets of zero-terminated replacements.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] trie;
    private readonly byte[] replacements;
    private readonly string?[] ascii = new string?[128];

    /// <summary>Reads the rules: the size of the trie in bytes, the trie, the replacements.</summary>
    /// <exception cref="FormatException">The sizes do not fit the bytes.</exception>
    public CharacterMap(byte[] rules)
    {
        var size = rules.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rules);
        if (size < 4 || size % 4 != 0 || size > rules.Length - 4)
            throw new FormatException("the normalisation rules are cut short or not of SentencePiece's layout");
        trie = new uint[size / 4];
        for (var i = 0; i < trie.Length; i++) trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(rules.AsSpan(4 + (i * 4)));
        replacements = rules[(4 + size)..];
        Span<byte> one = stackalloc byte[1];
        for (var c = 0; c < ascii.Length; c++)
        {
            one[0] = (byte)c;
            ascii[c] = Find(one, longest: false, out _);
        }
    }

    /// <summary>What an ASCII character becomes by itself; null when it stays.</summary>
    public string? OfAscii(int c) => ascii[c];

    /// <summary>The replacement for the shortest or longest key that the bytes begin with; null when none does.</summary>
    public string? Find(ReadOnlySpan<byte> bytes, bool longest, out int length)
    {
        var node = Offset(trie[0]);
        var found = -1;
        length = 0;
        for (var i = 0; i < bytes.Length && bytes[i] != 0; i++)
        {
            node ^= bytes[i];
            if (node >= (uint)trie.Length || Label(trie[node]) != bytes[i]) break;
            var unit = trie[node];
            node ^= Offset(unit);
            if (!HasLeaf(unit) || node >= (uint)trie.Length) continue;
            found = (int)(trie[node] & 0x7FFFFFFF);
            length = i + 1;
            if (!longest) break;
        }
        return found < 0 ? null : ReplacementAt(found);
    }

    private string? ReplacementAt(int start)
    {
        if (start >= replacements.Length) return null;
        var rest = replacements.AsSpan(start);
        var end = rest.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1u << 9)) >> 6);

    private static uint Label(uint unit) => unit & (0x80000000 | 0xFF);

    private static bool HasLeaf(uint unit) => (unit >> 8 & 1) != 0;
}
