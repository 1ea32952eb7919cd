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
    private readonly LanguageServer _server;

    /// <summary>Watches a server's documents.</summary>
    public AnalyzedTexts(LanguageServer server)
    {
        _server = server;
        server.Documents.Editing += Follow;
        server.Documents.Closed += Forget;
    }

    /// <summary>Takes in a new analysis; an older one of the same id is replaced.</summary>
    public void Add(AnalyzedText text)
    {
        lock (_lock)
        {
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

    private void Follow(TextDocument before, ContentChange change)
    {
        var (start, end) = before.Edited(change);
        var stale = new List<AnalyzedText>();
        lock (_lock)
        {
            foreach (var text in _latestFirst.Where(t => !t.Stale))
            {
                var untouched = text.Places.Where(p => p.Uri == before.Uri).ToList().TrueForAll(p => p.Follow(start, end, change.Text.Length));
                if (untouched)
                    continue;
                text.Stale = true;
                stale.Add(text);
            }
        }

        foreach (var text in stale)
            _server.Notify("attention/stale", new(before.Uri, text.Analysis.Id), ProtocolJson.Default.StaleParams);
    }

    private void Forget(string uri)
    {
        lock (_lock)
            _latestFirst.RemoveAll(t => t.Places.Any(p => p.Uri == uri) && t.Stale);
    }
}
