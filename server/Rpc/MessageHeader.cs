using System.Text;

namespace AttentionServer.Rpc;

/// <summary>The header fields before a message, without the empty line that ends them.</summary>
internal readonly struct MessageHeader(byte[] bytes)
{
    public const int MaximumBytes = 4096;

    // Nine digits fit an int; leading zeros are not worth accepting more.
    private const int MaximumDigits = 9;

    /// <summary>How long the message is; a length that is missing, given twice, garbled or too large is an error.</summary>
    public int ContentLength(int maximum)
    {
        int? length = null;
        foreach (var line in Encoding.ASCII.GetString(bytes).Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                throw new FramingException($"'{Short(line)}' is not a header field");
            if (!line.AsSpan(0, colon).Trim().Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                continue;
            if (length != null)
                throw new FramingException("a message header with two Content-Lengths");
            length = Number(line.AsSpan(colon + 1).Trim(), line, maximum);
        }

        return length ?? throw new FramingException("a message header without Content-Length");
    }

    private static int Number(ReadOnlySpan<char> digits, string line, int maximum)
    {
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            throw new FramingException($"'{Short(line)}' is not a length");
        if (digits.Length > MaximumDigits || int.Parse(digits) is var number && number > maximum)
            throw new FramingException($"a message of {Short(digits.ToString())} bytes is larger than the {maximum} taken here");
        return number;
    }

    private static string Short(string text) => text.Length > 40 ? $"{text[..40]}…" : text;
}
