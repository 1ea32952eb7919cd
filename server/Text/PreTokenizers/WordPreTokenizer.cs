namespace AttentionServer.Text;

/// <summary>Words are runs of word characters, and runs of other signs; white space only separates ("Whitespace").</summary>
internal sealed class WordPreTokenizer : PreTokenizer
{
    private enum Kind
    {
        Space, Word, Sign,
    }

    public override void Apply(WordList words) => words.Split(Split);

    private static void Split(AlignedText text, Word word, List<TextRange> parts)
    {
        var (from, current) = (word.Start, Kind.Space);
        for (var i = word.Start; i < word.End;)
        {
            var c = text.CodePointAt(i);
            var kind = Characters.IsWordCharacter(c) ? Kind.Word : Characters.IsWhiteSpace(c) ? Kind.Space : Kind.Sign;
            if (kind != current)
            {
                if (current != Kind.Space) parts.Add(new TextRange(from, i));
                (from, current) = (i, kind);
            }
            i += c >= 0x10000 ? 2 : 1;
        }
        if (current != Kind.Space) parts.Add(new TextRange(from, word.End));
    }
}
