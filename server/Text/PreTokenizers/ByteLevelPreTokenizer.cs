namespace AttentionServer.Text;

/// <summary>
/// GPT-2's way (Radford et al. 2019): words as its pattern splits them, then every UTF-8 byte of a word written as one
/// visible character, so that a vocabulary of 256 characters can spell any text.
/// </summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool usePattern) : PreTokenizer
{
    private static readonly Lazy<Pattern> Gpt2 =
        new(() => Pattern.Parse(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"));

    private readonly SplitPreTokenizer? splitter =
        usePattern ? new(new PatternFinder(Gpt2.Value), SplitBehavior.Isolated, invert: false) : null;

    public override void Apply(WordList words)
    {
        if (addPrefixSpace) words.Rewrite(PrependSpace);
        splitter?.Apply(words);
        words.Rewrite((text, word, output) => ByteAlphabet.Spell(text, word.Start, word.End, output));
    }

    private static void PrependSpace(AlignedText text, Word word, AlignedText output)
    {
        if (text.Unit(word.Start) != ' ') output.Append(' ', text.SourceStart(word.Start), text.SourceEnd(word.Start));
        output.Append(text, word.Start, word.End);
    }
}
