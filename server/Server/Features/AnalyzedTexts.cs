using AttentionServer.Rpc;
using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Features;

/// <summary>What was analysed in the open documents. Follows edits, and tells the client when one makes an analysis stale.</summary>
public sealed class AnalyzedTexts
{
    private const int Kept = 64;
    private readonly Lock _lock = new();
    private readonly List<AnalyzedText> _latestFirst = [];
    private readonly HashSet<TextPlace> _underway = [];
    private readonly LanguageServer _server;

    /// <summary>Watches a server's documents.</summary>
    public AnalyzedTexts(LanguageServer server)
    {
        _server = server;
        server.Documents.Edited += Follow;
        server.Documents.Closed += Forget;
    }

    /// <summary>Follows edits from now on, while the texts at these places are analysed.</summary>
    public void Expect(IReadOnlyCollection<TextPlace> places)
    {
        lock (_lock)
            _underway.UnionWith(places);
    }

    /// <summary>The analysis of these places came to nothing, or is taken in.</summary>
    public void Forget(IReadOnlyCollection<TextPlace> places)
    {
        lock (_lock)
            _underway.ExceptWith(places);
    }

    /// <summary>Takes in a new analysis; an older one of the same id is replaced. One whose text was edited meanwhile is refused.</summary>
    public void Add(AnalyzedText text)
    {
        lock (_lock)
        {
            _underway.ExceptWith(text.Places);
            if (text.Places.Any(p => p.Touched))
                throw new LocalRpcException(RpcErrorCode.ContentModified, "the text was edited while it was analyzed: analyze again");
            _latestFirst.RemoveAll(t => t.Analysis.Id == text.Analysis.Id);
            _latestFirst.Insert(0, text);
            if (_latestFirst.Count > Kept)
                _latestFirst.RemoveAt(Kept);
        }
    }

    /// <summary>The analysis of that id; an unknown one is an error that says what to do.</summary>
    public AnalyzedText Find(string id)
    {
        lock (_lock)
        {
            return _latestFirst.FirstOrDefault(t => t.Analysis.Id == id)
                ?? throw new LocalRpcException(RpcErrorCode.RequestFailed, "this analysis is no longer known to the server: analyze again");
        }
    }

    /// <summary>The latest analysis with a token at a place.</summary>
    public (AnalyzedText Text, int Token)? At(string uri, int offset)
    {
        lock (_lock)
        {
            foreach (var text in _latestFirst)
                if (!text.Stale && text.TokenAt(uri, offset) is { } token)
                    return (text, token);
            return null;
        }
    }

    private void Follow(string uri, TextEdit edit)
    {
        var stale = new List<AnalyzedText>();
        lock (_lock)
        {
            foreach (var place in _latestFirst.SelectMany(t => t.Places).Concat(_underway).Where(p => p.Uri == uri))
                place.Follow(edit.Start, edit.End, edit.Text.Length);
            foreach (var text in _latestFirst.Where(t => !t.Stale && t.Places.Any(p => p.Touched)))
            {
                text.Stale = true;
                stale.Add(text);
            }
        }

        foreach (var text in stale)
            _server.Notify("attention/stale", new(uri, text.Analysis.Id), ProtocolJson.Default.StaleParams);
    }

    private void Forget(string uri)
    {
        lock (_lock)
            _latestFirst.RemoveAll(t => t.Places.Any(p => p.Uri == uri) && t.Stale);
    }
}
