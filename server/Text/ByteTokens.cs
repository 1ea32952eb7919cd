using System.Globalization;

namespace AttentionServer.Text;

/// <summary>The tokens that stand for single bytes where a vocabulary falls back to them: &lt;0x00&gt; to &lt;0xFF&gt;.</summary>
internal static class ByteTokens
{
    public static string Name(byte value) => $"<0x{value:X2}>";

    /// <summary>The byte that a token stands for; null for any other token.</summary>
    public static byte? ValueOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
}
