namespace AttentionServer.Text;

/// <summary>Which member of a pair gives way when the budget is too small.</summary>
public enum TruncationStrategy
{
    /// <summary>Tokens go from the longer member until both are equally long, then from both.</summary>
    LongestFirst,

    /// <summary>Only the first text (or the question) is cut.</summary>
    OnlyFirst,

    /// <summary>Only the second text (the passage) is cut.</summary>
    OnlySecond,
}

/// <summary>How many tokens of one member text were left out, and the source text that they covered.</summary>
public readonly record struct Cut(int Tokens, TextRange Range);

/// <summary>What was left out of an encoding because it did not fit.</summary>
/// <param name="Budget">The number of tokens allowed.</param>
/// <param name="Needed">The number of tokens that the whole input would have taken, those of the template included.</param>
/// <param name="Source">What was cut off the end of the text (or of the first member of a pair).</param>
/// <param name="Pair">What was cut off the end of the second member of a pair.</param>
public sealed record Truncation(int Budget, int Needed, Cut Source, Cut Pair)
{
    /// <summary>What was cut, in one sentence for the reader of a result.</summary>
    public string Sentence
    {
        get
        {
            var were = Source.Tokens + Pair.Tokens == 1 ? "was" : "were";
            return $"The input needs {Needed} tokens and {Budget} fit: {string.Join(" and ", Parts())} {were} left out.";
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Sentence;

    private IEnumerable<string> Parts()
    {
        if (Source.Tokens > 0) yield return Describe(Source, "text");
        if (Pair.Tokens > 0) yield return Describe(Pair, "second text");
    }

    private static string Describe(Cut cut, string member)
    {
        var tokens = cut.Tokens == 1 ? "token" : $"{cut.Tokens} tokens";
        return $"the last {tokens} of the {member} (characters {cut.Range.Start} to {cut.Range.End})";
    }
}
