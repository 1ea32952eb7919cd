namespace AttentionServer.Text;

/// <summary>What happens to the delimiters when text is split at them.</summary>
internal enum SplitBehavior
{
    /// <summary>They are dropped.</summary>
    Removed,

    /// <summary>Each is a word of its own.</summary>
    Isolated,

    /// <summary>Each ends the word before it.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the word after it.</summary>
    MergedWithNext,

    /// <summary>Neighbouring ones form one word.</summary>
    Contiguous,
}

/// <summary>Cuts a word at its delimiters.</summary>
internal static class Splitting
{
    /// <summary>Writes the parts of a word; the delimiters come in order.</summary>
    public static void Apply(SplitBehavior behavior, Word word, List<TextRange> delimiters, bool invert, List<TextRange> parts)
    {
        var stretches = Stretches(word.Start, word.End, delimiters, invert);
        for (var i = 0; i < stretches.Count; i++)
        {
            var (range, isDelimiter) = stretches[i];
            var previous = i > 0 && stretches[i - 1].IsDelimiter;
            var merges = behavior switch
            {
                SplitBehavior.MergedWithPrevious => i > 0 && isDelimiter && !previous,
                // The word before this stretch begins with a delimiter that nothing has joined yet.
                SplitBehavior.MergedWithNext => i > 0 && previous && !isDelimiter,
                SplitBehavior.Contiguous => i > 0 && isDelimiter == previous,
                _ => false,
            };
            if (merges) parts[^1] = new TextRange(parts[^1].Start, range.End);
            else if (behavior != SplitBehavior.Removed || !isDelimiter) parts.Add(range);
        }
    }

    private static List<(TextRange Range, bool IsDelimiter)> Stretches(int start, int end, List<TextRange> delimiters, bool invert)
    {
        var stretches = new List<(TextRange, bool)>((delimiters.Count * 2) + 1);
        var from = start;
        foreach (var delimiter in delimiters)
        {
            if (delimiter.Start > from) stretches.Add((new TextRange(from, delimiter.Start), invert));
            stretches.Add((delimiter, !invert));
            from = delimiter.End;
        }
        if (from < end) stretches.Add((new TextRange(from, end), invert));
        return stretches;
    }
}
