namespace AttentionServer.Text;

/// <summary>Which words get the sign for a space put before them although the text has none there.</summary>
internal enum PrependScheme
{
    /// <summary>Every word that does not begin with it.</summary>
    Always,

    /// <summary>Only a word at the very start of the text.</summary>
    First,

    /// <summary>None.</summary>
    Never,
}

/// <summary>SentencePiece's way with spaces: each becomes a visible sign (▁), and words begin at the signs.</summary>
internal sealed class MetaspacePreTokenizer(char sign, PrependScheme scheme, bool split) : PreTokenizer
{
    public override void Apply(WordList words)
    {
        words.Rewrite(ReplaceSpaces);
        if (split) words.Split(Split);
    }

    private void ReplaceSpaces(AlignedText text, Word word, AlignedText output)
    {
        var first = text.Units(word.Start, word.End)[0];
        var prepend = scheme switch
        {
            PrependScheme.Always => true,
            PrependScheme.First => text.SourceStart(word.Start) == 0,
            _ => false,
        };
        // The sign that stands for no space shares the place of the first character.
        if (prepend && first != sign && first != ' ') output.Append(sign, text.SourceStart(word.Start), text.SourceEnd(word.Start));
        var at = output.Length;
        output.Append(text, word.Start, word.End);
        output.Replace(at, ' ', sign);
    }

    private void Split(AlignedText text, Word word, List<TextRange> parts)
    {
        var from = word.Start;
        for (var i = word.Start + 1; i < word.End; i++)
        {
            if (text.Unit(i) != sign) continue;
            parts.Add(new TextRange(from, i));
            from = i;
        }
        parts.Add(new TextRange(from, word.End));
    }
}
