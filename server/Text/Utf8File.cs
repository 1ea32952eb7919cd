using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace AttentionServer.Text;

/// <summary>A file that is no text.</summary>
public sealed class Utf8FileException(string message, Exception? cause = null) : UserException(message, cause);

/// <summary>Reads text files as what they are, UTF-8 (or UTF-16 with its mark), instead of putting marks in the place of what does not fit.</summary>
public static class Utf8File
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The lines of a file, one at a time.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(path, Strict, detectEncodingFromByteOrderMarks: true);
        for (var number = 1; ReadLine(reader, path) is { } line; number++)
        {
            if (line.Contains('\0', StringComparison.Ordinal))
                throw new Utf8FileException($"text: {path}: line {number} holds bytes of something else than text: choose a text file");
            yield return line;
        }
    }

    private static string? ReadLine(StreamReader reader, string path)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException e)
        {
            throw new Utf8FileException($"text: {path}: line {FirstWrongLine(path)} is not UTF-8: save the file as UTF-8, or choose a text file", e);
        }
    }

    private static int FirstWrongLine(string path)
    {
        using var stream = new BufferedStream(File.OpenRead(path), 1 << 16);
        var (line, bytes) = (1, new List<byte>());
        for (int b; (b = stream.ReadByte()) >= 0;)
        {
            bytes.Add((byte)b);
            if (b != '\n')
                continue;
            if (!Utf8.IsValid(CollectionsMarshal.AsSpan(bytes)))
                return line;
            line++;
            bytes.Clear();
        }

        return line;
    }
}
