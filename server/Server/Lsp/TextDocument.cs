using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Lsp;

/// <summary>One version of a document. Immutable, so that a request keeps what it saw while edits go on.</summary>
public sealed class TextDocument
{
    private readonly int[] _lineStarts;

    /// <summary>A version of a document.</summary>
    public TextDocument(string uri, int version, string text)
        : this(uri, version, text, LineStarts(text))
    {
    }

    private TextDocument(string uri, int version, string text, int[] lineStarts) =>
        (Uri, Version, Text, _lineStarts) = (uri, version, text, lineStarts);

    /// <summary>Its URI.</summary>
    public string Uri { get; }

    /// <summary>The version the client gave it.</summary>
    public int Version { get; }

    /// <summary>The text.</summary>
    public string Text { get; }

    /// <summary>The offset of a position; one beyond a line's end is that end, one beyond the text is the text's end.</summary>
    public int OffsetAt(Position position)
    {
        if (position.Line < 0)
            return 0;
        if (position.Line >= _lineStarts.Length)
            return Text.Length;
        return (int)Math.Clamp(_lineStarts[position.Line] + (long)Math.Max(0, position.Character), 0, LineEnd(position.Line));
    }

    /// <summary>The position of an offset.</summary>
    public Position PositionAt(int offset)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        var line = Array.BinarySearch(_lineStarts, offset);
        if (line < 0)
            line = ~line - 1;
        return new(line, Math.Min(offset, LineEnd(line)) - _lineStarts[line]);
    }

    /// <summary>The range between two offsets.</summary>
    public Protocol.Range RangeAt(int start, int end) => new(PositionAt(start), PositionAt(end));

    /// <summary>The next version, after one edit.</summary>
    public TextDocument Apply(int version, ContentChange change)
    {
        var (start, end) = Edited(change);
        return new(Uri, version, string.Concat(Text.AsSpan(0, start), change.Text, Text.AsSpan(end)));
    }

    /// <summary>The same text under another version.</summary>
    public TextDocument At(int version) => version == Version ? this : new(Uri, version, Text, _lineStarts);

    /// <summary>The stretch that an edit replaces.</summary>
    public (int Start, int End) Edited(ContentChange change)
    {
        if (change.Range is not { } range)
            return (0, Text.Length);
        int start = OffsetAt(range.Start), end = OffsetAt(range.End);
        return start <= end ? (start, end) : (end, start);
    }

    private static int[] LineStarts(string text)
    {
        var starts = new List<int> { 0 };
        var rest = text.AsSpan();
        while (rest.IndexOfAny('\n', '\r') is var at and >= 0)
        {
            rest = rest[(at + (rest[at..].StartsWith("\r\n") ? 2 : 1))..];
            starts.Add(text.Length - rest.Length);
        }

        return [.. starts];
    }

    /// <summary>Where a line's text ends, its line break excluded.</summary>
    private int LineEnd(int line)
    {
        if (line + 1 >= _lineStarts.Length)
            return Text.Length;
        var end = _lineStarts[line + 1] - 1;
        return end > _lineStarts[line] && Text[end] == '\n' && Text[end - 1] == '\r' ? end - 1 : end;
    }
}
