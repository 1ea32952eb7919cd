using System.Collections.Concurrent;

namespace AttentionServer.Server.Lsp;

/// <summary>The documents open in the editor, as of the last notification.</summary>
public sealed class DocumentStore
{
    private readonly ConcurrentDictionary<string, TextDocument> _open = new();

    /// <summary>A document is about to get new text: the version before, and one edit to it.</summary>
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
        foreach (var edit in change.ContentChanges)
        {
            Editing?.Invoke(document, edit);
            document = document.Apply(change.TextDocument.Version, [edit]);
        }

        _open[document.Uri] = change.ContentChanges.Length == 0 ? document.Apply(change.TextDocument.Version, []) : document;
    }

    /// <summary>Forgets a document.</summary>
    public void Close(string uri)
    {
        if (_open.TryRemove(uri, out _))
            Closed?.Invoke(uri);
    }
}
