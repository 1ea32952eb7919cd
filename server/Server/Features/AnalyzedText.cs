using AttentionServer.Methods.Analyses;
using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Features;

/// <summary>Where a member text of an analysis stands in a document: moves when text before it is edited.</summary>
public sealed class TextPlace(string uri, int start, int length)
{
    /// <summary>The document.</summary>
    public string Uri => uri;

    /// <summary>The offset of the text's first character.</summary>
    public int Start { get; private set; } = start;

    /// <summary>The offset after its last character.</summary>
    public int End => Start + length;

    /// <summary>True once an edit changed the text itself.</summary>
    public bool Touched { get; private set; }

    /// <summary>Follows an edit: moves with one before the text, and is touched by one inside.</summary>
    public void Follow(int editStart, int editEnd, int newLength)
    {
        if (editStart >= End)
            return;
        if (editEnd > Start)
            Touched = true;
        else
            Start += newLength - (editEnd - editStart);
    }
}

/// <summary>An analysis and where its text stands; what the editor hovers over. Maps that were computed later are found by their analysis.</summary>
public sealed class AnalyzedText(Analysis analysis, TextPlace? text, TextPlace? pair, Func<string, Analysis> find)
{
    private (MapChoice Choice, Methods.Readings.Importance Importance)? _shown;

    /// <summary>The analysis.</summary>
    public Analysis Analysis => analysis;

    /// <summary>True once its text was edited.</summary>
    public bool Stale { get; set; }

    /// <summary>The places of its texts that lie in documents.</summary>
    public IEnumerable<TextPlace> Places => new[] { text, pair }.OfType<TextPlace>();

    /// <summary>The map on screen; until the panel says otherwise, the first map without heads at the last layer.</summary>
    public MapChoice Choice { get; private set; } = new()
    {
        Map = analysis.Metadata.Maps.First(m => m != Summaries.PerHeadMap),
        Layer = analysis.Metadata.Layers - 1,
    };

    /// <summary>Shows another map, and returns its importances.</summary>
    public Methods.Readings.Importance Show(MapChoice choice)
    {
        if (_shown is not { } shown || shown.Choice != choice)
            _shown = shown = (choice, AnalysisReader.Importance(choice.Analysis is { } id ? find(id) : analysis, choice.Map, Summaries.ReadingOf(choice)));
        Choice = choice;
        return shown.Importance;
    }

    /// <summary>The importances of the map on screen.</summary>
    public Methods.Readings.Importance Importance => Show(Choice);

    /// <summary>The place of the text a token belongs to.</summary>
    public TextPlace? PlaceOf(Text.Token token) => token.Segment == Text.Segment.Passage ? pair : text;

    /// <summary>The token at an offset of a document; null when there is none.</summary>
    public int? TokenAt(string uri, int offset)
    {
        var tokens = analysis.Metadata.Tokens;
        for (var i = 0; i < tokens.Count; i++)
            if (!tokens[i].Special && PlaceOf(tokens[i]) is { } place && place.Uri == uri
                && offset >= place.Start + tokens[i].Range.Start && offset < place.Start + tokens[i].Range.End)
                return i;
        return null;
    }

    /// <summary>Where a token stands now.</summary>
    public Protocol.Range? RangeOf(Text.Token token, DocumentStore documents) =>
        !token.Special && PlaceOf(token) is { } place && documents.Find(place.Uri) is { } document
            ? document.RangeAt(place.Start + token.Range.Start, place.Start + token.Range.End)
            : null;
}
