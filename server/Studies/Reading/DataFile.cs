using System.Text;
using System.Text.Unicode;

namespace AttentionServer.Studies.Reading;

/// <summary>A file of questions as bytes: opened with a reason when it cannot be, and read as UTF-8 or refused where it is not.</summary>
internal sealed class DataFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly byte[] _tail = new byte[4];
    private int _tailLength;
    private long _line = 1;
    private long _column = 1;
    private bool _started;

    public DataFile(string path)
    {
        Path = path;
        if (Directory.Exists(path))
            throw Wrong("it is a folder", "name the files in it");
        try
        {
            _stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Wrong("there is no such file", "check the path");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or ArgumentException or NotSupportedException)
        {
            throw Wrong($"it cannot be opened ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", "check the path and its permissions");
        }
    }

    public string Path { get; }

    /// <summary>Fills some of the buffer and says how much; 0 at the end. A byte order mark is left out.</summary>
    public int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = _stream.ReadAtLeast(buffer, _started ? 1 : Math.Min(4, buffer.Length), throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong($"it cannot be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", "check the path and its permissions");
        }

        var read = buffer[..count];
        if (!_started)
        {
            _started = true;
            if (count == 0)
                throw Wrong("it is empty", "name a file with questions");
            RefuseWideEncodings(read);
            if (read.StartsWith(System.Text.Encoding.UTF8.Preamble))
            {
                read[3..].CopyTo(read);
                count -= 3;
                read = read[..count];
                if (count == 0 && (count = Read(buffer)) == 0)
                    throw Wrong("it is empty", "name a file with questions");
            }
        }

        Check(read);
        return count;
    }

    /// <summary>Line and column, both from 1 and the column in UTF-16 units, of a byte of a line (both from 0).</summary>
    public static string At(string path, long line, long byteInLine)
    {
        var column = byteInLine + 1;
        try
        {
            using var stream = new BufferedStream(File.OpenRead(path), 1 << 16);
            var bytes = new List<byte>();
            for (int b, at = 0; (b = stream.ReadByte()) >= 0 && at <= line;)
            {
                if (b == '\n')
                    at++;
                else if (at == line && bytes.Count < byteInLine + 3)
                    bytes.Add((byte)b);
            }

            var text = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes);
            if (line == 0 && text.StartsWith(System.Text.Encoding.UTF8.Preamble))
                text = text[3..];
            column = System.Text.Encoding.UTF8.GetCharCount(text[..(int)Math.Min(text.Length, byteInLine)]) + 1;
        }
        catch (IOException)
        {
            // The file went away in between: bytes are near enough.
        }

        return $"line {line + 1}, column {column}";
    }

    public void Dispose() => _stream?.Dispose();

    public ReadingException Wrong(string problem, string wayOut, string place = "", Exception? cause = null) =>
        new($"{problem}: {new Place(Path, place)}: {wayOut}", cause);

    private void RefuseWideEncodings(ReadOnlySpan<byte> head)
    {
        var name = head switch
        {
            [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] or [not 0, 0, 0, 0, ..] or [0, 0, 0, not 0, ..] => "UTF-32",
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [not 0, 0, not 0, 0, ..] or [0, not 0, 0, not 0, ..] => "UTF-16",
            _ => null,
        };
        if (name != null)
            throw Wrong($"its text is {name}", "save it as UTF-8");
    }

    private void Check(ReadOnlySpan<byte> read)
    {
        if (_tailLength > 0)
        {
            // A character that the last read cut in two.
            while (_tailLength < 4 && read.Length > 0 && (read[0] & 0xC0) == 0x80)
            {
                _tail[_tailLength++] = read[0];
                read = read[1..];
            }

            if (read.Length == 0 && Unfinished(_tail.AsSpan(0, _tailLength)) == _tailLength)
                return;
            var whole = _tail.AsSpan(0, _tailLength);
            _tailLength = 0;
            CheckWhole(whole);
        }
        else if (read.Length == 0)
        {
            return;
        }

        var cut = Unfinished(read);
        read[^cut..].CopyTo(_tail);
        _tailLength = cut;
        CheckWhole(read[..^cut]);
    }

    /// <summary>How many bytes at the end begin a character without finishing it.</summary>
    private static int Unfinished(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var b = bytes[^back];
            if ((b & 0xC0) == 0x80)
                continue;
            var needed = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : b >= 0xC0 ? 2 : 1;
            return needed > back ? back : 0;
        }

        return 0;
    }

    private void CheckWhole(ReadOnlySpan<byte> bytes)
    {
        var zero = bytes.IndexOf((byte)0);
        if (zero < 0 && Utf8.IsValid(bytes))
        {
            Pass(bytes);
            return;
        }

        for (var at = 0; at < bytes.Length;)
        {
            var wrong = Rune.DecodeFromUtf8(bytes[at..], out _, out var length) != System.Buffers.OperationStatus.Done;
            if (wrong || bytes[at] == 0)
            {
                Pass(bytes[..at]);
                var place = $"line {_line}, column {_column}";
                throw wrong
                    ? Wrong($"its text is not UTF-8 (byte 0x{bytes[at]:X2})", "save it as UTF-8", place)
                    : Wrong("it holds a zero byte, which no text does", "write the file anew", place);
            }

            at += length;
        }
    }

    private void Pass(ReadOnlySpan<byte> bytes)
    {
        var last = bytes.LastIndexOf((byte)'\n');
        if (last >= 0)
        {
            _line += bytes.Count((byte)'\n');
            _column = 1;
            bytes = bytes[(last + 1)..];
        }

        _column += System.Text.Encoding.UTF8.GetCharCount(bytes);
    }

    /// <summary>At the end of the file: a character that was begun and not finished.</summary>
    public void Finish()
    {
        if (_tailLength > 0)
            throw Wrong($"its text is not UTF-8 (byte 0x{_tail[0]:X2})", "save it as UTF-8", $"line {_line}, column {_column}");
    }
}
