namespace AttentionServer.Text;

/// <summary>
/// Text on its way through the normalisers: UTF-16 code units, and for each of them the source range it came from.
/// Lone surrogates never get in (they become U+FFFD at the door), so every later step sees whole code points.
/// </summary>
internal sealed class AlignedText(int capacity = 64)
{
    private char[] units = new char[Math.Max(capacity, 16)];
    private int[] starts = new int[Math.Max(capacity, 16)];
    private int[] ends = new int[Math.Max(capacity, 16)];

    public int Length { get; private set; }

    /// <summary>The source as it stands: both units of a surrogate pair carry the range of the whole pair.</summary>
    public static AlignedText FromSource(string source)
    {
        var text = new AlignedText(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            var unit = source[i];
            if (!char.IsSurrogate(unit))
            {
                text.Append(unit, i, i + 1);
            }
            else if (char.IsHighSurrogate(unit) && i + 1 < source.Length && char.IsLowSurrogate(source[i + 1]))
            {
                text.Append(unit, i, i + 2);
                text.Append(source[++i], i - 1, i + 1);
            }
            else
            {
                text.Append((char)Characters.Replacement, i, i + 1);
            }
        }
        return text;
    }

    public ReadOnlySpan<char> Units(int start, int end) => units.AsSpan(start, end - start);

    public char Unit(int index) => units[index];

    public int SourceStart(int index) => starts[index];

    public int SourceEnd(int index) => ends[index];

    /// <summary>The source range of a non-empty stretch: from where its first unit came to where its last one did.</summary>
    public TextRange SourceOf(int start, int end) => new(starts[start], ends[end - 1]);

    public int CodePointAt(int index) =>
        char.IsHighSurrogate(units[index]) ? char.ConvertToUtf32(units[index], units[index + 1]) : units[index];

    public int CodePointBefore(int index) =>
        char.IsLowSurrogate(units[index - 1]) ? char.ConvertToUtf32(units[index - 2], units[index - 1]) : units[index - 1];

    public void Append(char unit, int sourceStart, int sourceEnd)
    {
        if (Length == units.Length) Grow(Length + 1);
        units[Length] = unit;
        starts[Length] = sourceStart;
        ends[Length++] = sourceEnd;
    }

    public void AppendCodePoint(int codePoint, int sourceStart, int sourceEnd)
    {
        if (codePoint < 0x10000)
        {
            Append((char)codePoint, sourceStart, sourceEnd);
            return;
        }
        Append((char)(0xD7C0 + (codePoint >> 10)), sourceStart, sourceEnd);
        Append((char)(0xDC00 | (codePoint & 0x3FF)), sourceStart, sourceEnd);
    }

    public void Append(AlignedText from, int start, int end)
    {
        var count = end - start;
        if (Length + count > units.Length) Grow(Length + count);
        Array.Copy(from.units, start, units, Length, count);
        Array.Copy(from.starts, start, starts, Length, count);
        Array.Copy(from.ends, start, ends, Length, count);
        Length += count;
    }

    /// <summary>Replaces a unit by another from a place on.</summary>
    public void Replace(int start, char unit, char by) => units.AsSpan(start, Length - start).Replace(unit, by);

    /// <summary>Takes a unit off the end as often as it stands there, but not beyond a place.</summary>
    public void TrimEnd(int start, char unit)
    {
        while (Length > start && units[Length - 1] == unit) Length--;
    }

    private void Grow(int needed)
    {
        var size = Math.Max(needed, units.Length * 2);
        Array.Resize(ref units, size);
        Array.Resize(ref starts, size);
        Array.Resize(ref ends, size);
    }
}
