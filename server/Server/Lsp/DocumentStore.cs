using System.Collections.Concurrent;

namespace AttentionServer.Server.Lsp;

/// <summary>The documents open in the editor, as of the last notification.</summary>
public sealed class DocumentStore
{
    private readonly ConcurrentDictionary<string, TextDocument> _open = new();

    /// <summary>One edit of the document with this URI. Raised in order, once all edits of a change are in.</summary>
    public event Action<string, TextEdit>? Edited;

    /// <summary>A document was closed.</summary>
    public event Action<string>? Closed;

    /// <summary>The client and this store may no longer have the same text; says why.</summary>
    public event Action<string>? Doubted;

    /// <summary>The document; null when it is not open.</summary>
    public TextDocument? Find(string uri) => _open.GetValueOrDefault(uri);

    /// <summary>Takes in an opened document.</summary>
    public void Open(TextDocumentItem item)
    {
        if (_open.ContainsKey(item.Uri))
            Doubted?.Invoke($"{item.Uri} was opened twice: the newer text is taken");
        _open[item.Uri] = new(item.Uri, item.Version, item.Text);
    }

    /// <summary>Takes in edits; those of a document that is not open are ignored.</summary>
    public void Change(DidChangeParams change)
    {
        if (Find(change.TextDocument.Uri) is not { } document)
        {
            Doubted?.Invoke($"{change.TextDocument.Uri} was edited but is not open: the edit is ignored");
            return;
        }

        if (change.TextDocument.Version <= document.Version)
            Doubted?.Invoke($"{document.Uri} went from version {document.Version} to {change.TextDocument.Version}: if places look wrong, close and open it");
        var (next, edits) = document.Apply(change.TextDocument.Version, change.ContentChanges);

        // In the store before anyone is told: what a listener throws must not leave the text behind the client's.
        _open[document.Uri] = next;
        foreach (var edit in edits)
            Edited?.Invoke(document.Uri, edit);
    }

    /// <summary>Forgets a document.</summary>
    public void Close(string uri)
    {
        if (_open.TryRemove(uri, out _))
            Closed?.Invoke(uri);
    }
}
