using System.Text;
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

    /// <summary>The next version, after changes one after the other; and each as an edit of the text that it was made in.</summary>
    public (TextDocument Next, IReadOnlyList<TextEdit> Edits) Apply(int version, IReadOnlyList<ContentChange> changes)
    {
        var edits = new List<TextEdit>(changes.Count);
        var document = this;
        while (edits.Count < changes.Count)
        {
            var first = edits.Count;
            edits.Add(document.Resolve(changes[first]));
            // Editors send the last edit in the text first. What lies before an edit stands where it stood, so a run of such
            // edits is found in one text and made at once: a copy for each of thousands would hold up every message behind.
            while (edits.Count < changes.Count && document.Resolve(changes[edits.Count]) is var edit && edit.End < edits[^1].Start)
                edits.Add(edit);
            document = new(Uri, version, document.With(edits, first));
        }

        return (new(Uri, version, document.Text, document._lineStarts), edits);
    }

    private TextEdit Resolve(ContentChange change)
    {
        if (change.Range is not { } range)
            return new(0, Text.Length, change.Text);
        int start = OffsetAt(range.Start), end = OffsetAt(range.End);
        return new(Math.Min(start, end), Math.Max(start, end), change.Text);
    }

    /// <summary>The text with the edits from an index on, each of which lies before the one it follows.</summary>
    private string With(List<TextEdit> edits, int first)
    {
        var text = new StringBuilder(Text.Length);
        var copied = 0;
        for (var i = edits.Count - 1; i >= first; i--)
        {
            text.Append(Text, copied, edits[i].Start - copied).Append(edits[i].Text);
            copied = edits[i].End;
        }

        return text.Append(Text, copied, Text.Length - copied).ToString();
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
