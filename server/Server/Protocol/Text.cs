namespace AttentionServer.Server.Protocol;

/// <summary>A place in a document: zero-based line and UTF-16 character.</summary>
public sealed record Position(int Line, int Character);

/// <summary>A stretch of a document, the end excluded.</summary>
public sealed record Range(Position Start, Position End);

/// <summary>What to analyse: a stretch of an open document, or text as it is.</summary>
public sealed record TextSource
{
    /// <summary>The open document the text lies in.</summary>
    public string? Uri { get; init; }

    /// <summary>The stretch of the document; without one, the paragraph around the cursor that <see cref="Cursor"/> names.</summary>
    public Range? Range { get; init; }

    /// <summary>A place whose paragraph is meant, used when there is no range.</summary>
    public Position? Cursor { get; init; }

    /// <summary>The document version the client saw; another one is answered with ContentModified.</summary>
    public int? Version { get; init; }

    /// <summary>Text that lies in no document.</summary>
    public string? Text { get; init; }
}

/// <summary>One token of an analysis, as the views and the editor need it.</summary>
public sealed record TokenInfo
{
    /// <summary>The token as the vocabulary spells it ("##ing").</summary>
    public required string Text { get; init; }

    /// <summary>The vocabulary id.</summary>
    public required int Id { get; init; }

    /// <summary>Start and end in UTF-16 units of the member text it came from; equal for special tokens.</summary>
    public required int Start { get; init; }

    /// <summary>See <see cref="Start"/>.</summary>
    public required int End { get; init; }

    /// <summary>single, question or passage.</summary>
    public required Text.Segment Segment { get; init; }

    /// <summary>True for tokens the template put there ([CLS], [SEP]).</summary>
    public required bool Special { get; init; }

    /// <summary>The index of the word it belongs to, -1 for special tokens.</summary>
    public required int Word { get; init; }

    /// <summary>Where it stands in the analysed document; absent for special tokens and bare text.</summary>
    public Range? Range { get; init; }
}
