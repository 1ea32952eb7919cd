namespace AttentionServer.Text;

/// <summary>Cuts the members of an input to a budget, as Hugging Face tokenizers do.</summary>
internal static class Truncator
{
    public static Truncation? Apply(List<Token> first, List<Token> second, bool isPair, int special, EncodeOptions options)
    {
        if (options.MaxTokens is not { } budget) return null;
        var needed = first.Count + second.Count + special;
        if (needed <= budget) return null;
        var room = budget - special;
        if (room < 0)
            throw new TokenizerException(
                $"A budget of {budget} tokens has no room for the {special} tokens of the template: allow {special} or more.");
        var (keepFirst, keepSecond) = options.Truncate switch
        {
            TruncationStrategy.OnlyFirst => (CutOne(second, "first"), second.Count),
            TruncationStrategy.OnlySecond when isPair => (first.Count, CutOne(first, "second")),
            TruncationStrategy.OnlySecond =>
                throw new TokenizerException("Only the second text may be cut, but there is none: cut the first, or give a pair."),
            _ => LongestFirst(Seen(first, budget), Seen(second, budget), room),
        };
        int CutOne(List<Token> kept, string name) => room - kept.Count is var keep and > 0 ? keep
            : throw new TokenizerException(
                $"Cutting only the {name} text cannot bring {needed} tokens down to {budget}: use the longest-first strategy.");
        return new Truncation(budget, needed, CutTo(first, keepFirst), CutTo(second, keepSecond));
    }

    /// <summary>The library stops reading a member at the end of the word that reaches the budget, and compares what it read.</summary>
    private static int Seen(List<Token> tokens, int budget)
    {
        var count = Math.Min(budget, tokens.Count);
        while (count > 0 && count < tokens.Count && tokens[count].Word == tokens[count - 1].Word) count++;
        return count;
    }

    /// <summary>Both keep half of the room unless one needs less than that.</summary>
    private static (int First, int Second) LongestFirst(int first, int second, int room)
    {
        var (shorter, longer) = (Math.Min(first, second), Math.Max(first, second));
        longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if (shorter + longer > room)
        {
            shorter = room / 2;
            longer = shorter + (room % 2);
        }
        return first > second ? (longer, shorter) : (shorter, longer);
    }

    private static Cut CutTo(List<Token> tokens, int count)
    {
        if (count >= tokens.Count) return default;
        var cut = new Cut(tokens.Count - count, new TextRange(tokens[count].Range.Start, tokens[^1].Range.End));
        tokens.RemoveRange(count, tokens.Count - count);
        return cut;
    }
}
