using AttentionServer.Rpc;
using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Features;

/// <summary>Finds the text a request means, and where it stands.</summary>
public static class SourceText
{
    /// <summary>The text without white space around it, and its place when it lies in a document.</summary>
    public static (string Text, TextPlace? Place) Resolve(TextSource source, DocumentStore documents)
    {
        if (source.Uri is not { } uri)
            return (source.Text is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : throw Failed("there is no text to analyze: select some, or put the cursor into a paragraph"), null);
        var document = documents.Find(uri) ?? throw Failed($"{uri}: the document is not open: open it and try again");
        if (source.Version is { } version && version != document.Version)
            throw new LocalRpcException(RpcErrorCode.ContentModified, "the document was edited meanwhile: analyze again");

        var (start, end) = source.Range is { } range ? (document.OffsetAt(range.Start), document.OffsetAt(range.End))
            : source.Cursor is { } cursor ? Paragraph(document.Text, document.OffsetAt(cursor))
            : (0, document.Text.Length);
        while (start < end && char.IsWhiteSpace(document.Text[start]))
            start++;
        while (start < end && char.IsWhiteSpace(document.Text[end - 1]))
            end--;
        if (start >= end)
            throw Failed("there is no text to analyze: select some, or put the cursor into a paragraph");
        return (document.Text[start..end], new(uri, start, end - start));
    }

    /// <summary>The lines around an offset up to the next blank line on either side.</summary>
    private static (int Start, int End) Paragraph(string text, int offset)
    {
        var (start, end) = Line(text, offset);
        if (string.IsNullOrWhiteSpace(text[start..end]))
            return (start, start);
        while (start > 0 && Line(text, start - 1) is var above && !string.IsNullOrWhiteSpace(text[above.Start..above.End]))
            start = above.Start;
        while (end < text.Length && Line(text, Next(text, end)) is var below && below.Start > end && !string.IsNullOrWhiteSpace(text[below.Start..below.End]))
            end = below.End;
        return (start, end);
    }

    private static (int Start, int End) Line(string text, int offset)
    {
        var start = offset;
        while (start > 0 && text[start - 1] is not ('\n' or '\r'))
            start--;
        var end = offset;
        while (end < text.Length && text[end] is not ('\n' or '\r'))
            end++;
        return (Math.Min(start, end), end);
    }

    private static int Next(string text, int lineEnd) =>
        lineEnd + (text.AsSpan(lineEnd).StartsWith("\r\n") ? 2 : 1) is var next && next <= text.Length ? next : text.Length;

    private static LocalRpcException Failed(string message) => new(RpcErrorCode.RequestFailed, message);
}
