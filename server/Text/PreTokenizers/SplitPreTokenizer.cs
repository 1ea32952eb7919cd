namespace AttentionServer.Text;

/// <summary>Splits where a pattern matches.</summary>
internal sealed class SplitPreTokenizer(ITextFinder delimiter, SplitBehavior behavior, bool invert) : PreTokenizer
{
    public override void Apply(WordList words) => words.Split((text, word, parts) =>
        Splitting.Apply(behavior, word, delimiter.Find(text, word.Start, word.End), invert, parts));
}

/// <summary>Finds stretches of a text: a fixed string, a regular expression, or characters of a kind.</summary>
internal interface ITextFinder
{
    /// <summary>The stretches found between two places, from left to right.</summary>
    List<TextRange> Find(AlignedText text, int start, int end);
}

/// <summary>Finds matches of a regular expression.</summary>
internal sealed class PatternFinder(Pattern pattern) : ITextFinder
{
    public List<TextRange> Find(AlignedText text, int start, int end)
    {
        var matches = pattern.Matches(text.Units(start, end));
        if (start > 0)
            for (var i = 0; i < matches.Count; i++) matches[i] = new TextRange(matches[i].Start + start, matches[i].End + start);
        return matches;
    }
}

/// <summary>Finds a string.</summary>
internal sealed class StringFinder(string wanted) : ITextFinder
{
    public List<TextRange> Find(AlignedText text, int start, int end)
    {
        var found = new List<TextRange>();
        if (wanted.Length == 0) return found;
        while (text.Units(start, end).IndexOf(wanted, StringComparison.Ordinal) is var at and >= 0)
        {
            found.Add(new TextRange(start + at, start + at + wanted.Length));
            start += at + wanted.Length;
        }
        return found;
    }
}

/// <summary>Finds single characters of a kind.</summary>
internal sealed class CharacterFinder(Func<int, bool> wanted) : ITextFinder
{
    public List<TextRange> Find(AlignedText text, int start, int end)
    {
        var found = new List<TextRange>();
        for (var i = start; i < end;)
        {
            var c = text.CodePointAt(i);
            var next = i + (c >= 0x10000 ? 2 : 1);
            if (wanted(c)) found.Add(new TextRange(i, next));
            i = next;
        }
        return found;
    }
}
