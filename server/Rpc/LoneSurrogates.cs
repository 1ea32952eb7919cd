using System.Buffers.Text;

namespace AttentionServer.Rpc;

/// <summary>
/// Editors may hold half of a surrogate pair, and write it into JSON as "\ud83d" alone, which .NET refuses to read as a
/// string. It is replaced by U+FFFD in the message itself: as wide in UTF-16, so that positions in a document still fit.
/// </summary>
internal static class LoneSurrogates
{
    private const int EscapeLength = 6;

    public static void Replace(Span<byte> json)
    {
        var at = 0;
        while (json[at..].IndexOf((byte)'\\') is var next and >= 0)
        {
            at += next;
            if (Unit(json, at) is not { } unit)
            {
                at = Math.Min(at + 2, json.Length);
                continue;
            }

            var paired = char.IsHighSurrogate(unit) && Unit(json, at + EscapeLength) is { } low && char.IsLowSurrogate(low);
            if (char.IsSurrogate(unit) && !paired)
                "\\ufffd"u8.CopyTo(json[at..]);
            at += paired ? 2 * EscapeLength : EscapeLength;
        }
    }

    /// <summary>The UTF-16 unit that an escape at this place stands for; null when there is no such escape.</summary>
    private static char? Unit(ReadOnlySpan<byte> json, int at)
    {
        if (json.Length - at < EscapeLength || json[at] != '\\' || json[at + 1] != 'u')
            return null;
        return Utf8Parser.TryParse(json.Slice(at + 2, 4), out ushort unit, out var used, 'x') && used == 4 ? (char)unit : null;
    }
}
