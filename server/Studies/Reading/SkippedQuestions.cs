namespace AttentionServer.Studies.Reading;

/// <summary>Questions that were left out because their data is malformed: how many, and why the first of them were.</summary>
public sealed class SkippedQuestions
{
    private const int Kept = 10;
    private readonly List<string> _reasons = [];

    /// <summary>How many questions were left out.</summary>
    public int Count { get; private set; }

    /// <summary>The first reasons, a sentence each.</summary>
    public IReadOnlyList<string> Reasons => _reasons;

    internal void Add(int questions, string reason)
    {
        Count += questions;
        if (_reasons.Count < Kept)
            _reasons.Add(reason);
    }
}
