namespace AttentionServer.Text;

/// <summary>The simplest scheme: every word is a token, or unknown.</summary>
public sealed class WordLevelTokenizer : Tokenizer
{
    private readonly Vocabulary vocabulary;
    private readonly int unknown;

    internal WordLevelTokenizer(Vocabulary vocabulary, TokenizerParts parts, string unknownToken, string origin)
        : base(vocabulary, parts)
    {
        this.vocabulary = vocabulary;
        unknown = vocabulary.UnknownId(unknownToken, origin);
    }

    private protected override void Cut(ReadOnlySpan<char> word, List<Subword> subwords) =>
        subwords.Add(new Subword(vocabulary.TryGetId(word, out var id) ? id : unknown, 0, word.Length));
}
