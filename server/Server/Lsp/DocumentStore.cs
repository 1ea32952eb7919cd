using System.Collections.Concurrent;

namespace AttentionServer.Server.Lsp;

/// <summary>The documents open in the editor, as of the last notification.</summary>
public sealed class DocumentStore
{
    private readonly ConcurrentDictionary<string, TextDocument> _open = new();

    /// <summary>A document got new text: the one before, and one edit to it. Raised in order, once all edits of a change are in.</summary>
    public event Action<TextDocument, ContentChange>? Editing;

    /// <summary>A document was closed.</summary>
    public event Action<string>? Closed;

    /// <summary>The document; null when it is not open.</summary>
    public TextDocument? Find(string uri) => _open.GetValueOrDefault(uri);

    /// <summary>Takes in an opened document.</summary>
    public void Open(TextDocumentItem item) => _open[item.Uri] = new(item.Uri, item.Version, item.Text);

    /// <summary>Takes in edits; those of a document that is not open are ignored.</summary>
    public void Change(DidChangeParams change)
    {
        if (Find(change.TextDocument.Uri) is not { } document)
            return;
        var steps = new List<(TextDocument Before, ContentChange Edit)>();
        foreach (var edit in change.ContentChanges)
        {
            steps.Add((document, edit));
            document = document.Apply(change.TextDocument.Version, edit);
        }

        // In the store before anyone is told: what a listener throws must not leave the text behind the client's.
        _open[document.Uri] = document.At(change.TextDocument.Version);
        foreach (var (before, edit) in steps)
            Editing?.Invoke(before, edit);
    }

    /// <summary>Forgets a document.</summary>
    public void Close(string uri)
    {
        if (_open.TryRemove(uri, out _))
            Closed?.Invoke(uri);
    }
}
