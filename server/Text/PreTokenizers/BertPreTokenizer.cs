namespace AttentionServer.Text;

/// <summary>BERT's words: what stands between white space, with every punctuation mark a word of its own.</summary>
internal sealed class BertPreTokenizer : PreTokenizer
{
    public override void Apply(WordList words) => words.Split(Split);

    private static void Split(AlignedText text, Word word, List<TextRange> parts)
    {
        var from = word.Start;
        for (var i = word.Start; i < word.End;)
        {
            var c = text.CodePointAt(i);
            var next = i + (c >= 0x10000 ? 2 : 1);
            if (Characters.IsWhiteSpace(c))
            {
                parts.Add(new TextRange(from, i));
                from = next;
            }
            else if (Characters.IsPunctuation(c))
            {
                parts.Add(new TextRange(from, i));
                parts.Add(new TextRange(i, next));
                from = next;
            }
            i = next;
        }
        parts.Add(new TextRange(from, word.End));
    }
}
