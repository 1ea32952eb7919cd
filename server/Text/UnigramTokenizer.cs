namespace AttentionServer.Text;

/// <summary>
/// Unigram (Kudo 2018, SentencePiece): of all ways to cut a word into tokens, the one with the highest sum of log
/// probabilities. A character that no token begins with costs ten more than the rarest token.
/// </summary>
public sealed class UnigramTokenizer : Tokenizer
{
    private const double UnknownPenalty = 10;

    private readonly TokenTrie trie;
    private readonly double[] scores;
    private readonly int? unknown;
    private readonly double unknownScore;
    private readonly int[]? byteIds;
    private readonly bool spacesBeginWords;

    internal UnigramTokenizer(Vocabulary vocabulary, TokenizerParts parts, UnigramOptions options)
        : base(vocabulary, parts)
    {
        scores = options.Scores;
        unknown = options.Unknown;
        unknownScore = (options.LowestScore ?? scores.Min()) - UnknownPenalty;
        trie = new TokenTrie(vocabulary.Entries.Where(entry => !options.Unreachable.Contains(entry.Value)));
        var ids = Enumerable.Range(0, 256).Select(value => vocabulary.IdOf(ByteTokens.Name((byte)value))).OfType<int>().ToArray();
        if (options.ByteFallback && ids.Length == 256) byteIds = ids;
        spacesBeginWords = vocabulary.IdOf(Metaspace.Text) is not null
            && !vocabulary.Entries.Any(entry => Metaspace.FirstWord(entry.Key) < entry.Key.Length);
    }

    /// <summary>A text that was not split into words still falls into stretches that no token can span.</summary>
    private protected override int FirstStretch(ReadOnlySpan<char> word) => spacesBeginWords ? Metaspace.FirstWord(word) : word.Length;

    /// <summary>The library shows the text itself for what it does not know, rather than the unknown token.</summary>
    private protected override string TextOf(int id, ReadOnlySpan<char> covered) =>
        id == unknown ? covered.ToString() : base.TextOf(id, covered);

    private protected override void Cut(ReadOnlySpan<char> word, List<Subword> subwords)
    {
        var best = new Step[word.Length + 1];
        for (int start = 0, width; start < word.Length; start += width)
        {
            width = char.IsHighSurrogate(word[start]) ? 2 : 1;
            var soFar = best[start].Score;
            var single = false;
            var node = TokenTrie.Root;
            for (var end = start; end < word.Length && trie.TryStep(ref node, word[end]);)
            {
                end++;
                var id = trie.TokenAt(node);
                if (id < 0) continue;
                Offer(best, end, new Step(soFar + scores[id], start, id == unknown ? Step.Unknown : id));
                single |= end - start == width;
            }
            if (!single) Offer(best, start + width, new Step(soFar + unknownScore, start, Step.Unknown));
        }
        Collect(best, word, subwords);
    }

    private static void Offer(Step[] best, int end, Step candidate)
    {
        if (!best[end].Reached || candidate.Score > best[end].Score) best[end] = candidate with { Reached = true };
    }

    private void Collect(Step[] best, ReadOnlySpan<char> word, List<Subword> subwords)
    {
        for (var end = word.Length; end > 0;)
        {
            var (score, start, id, _) = best[end];
            // Neighbouring unknown characters become one token.
            while (id == Step.Unknown && start > 0 && best[start].Id == Step.Unknown) start = best[start].Start;
            if (id != Step.Unknown) subwords.Add(new Subword(id, start, end));
            else AddUnknown(word[start..end], start, subwords);
            end = start;
        }
        subwords.Reverse();
    }

    /// <summary>Adds the tokens back to front, as the path is walked.</summary>
    private void AddUnknown(ReadOnlySpan<char> covered, int start, List<Subword> subwords)
    {
        if (byteIds is null)
        {
            if (unknown is { } id) subwords.Add(new Subword(id, start, start + covered.Length));
            return;
        }
        var bytes = new byte[System.Text.Encoding.UTF8.GetByteCount(covered)];
        System.Text.Encoding.UTF8.GetBytes(covered, bytes);
        for (var i = bytes.Length - 1; i >= 0; i--) subwords.Add(new Subword(byteIds[bytes[i]], start, start + covered.Length));
    }

    /// <summary>The best way to a place: its score, and the token that ends there.</summary>
    private readonly record struct Step(double Score, int Start, int Id, bool Reached = false)
    {
        public const int Unknown = -1;
    }
}

/// <summary>What a Unigram model's file says besides the tokens: the score of each id, and how the unknown is spelt.</summary>
internal sealed record UnigramOptions(double[] Scores, int? Unknown, bool ByteFallback)
{
    /// <summary>Tokens that text never becomes by itself.</summary>
    public IReadOnlySet<int> Unreachable { get; init; } = new HashSet<int>();

    /// <summary>The score that the unknown is measured against, where it is not the lowest of all.</summary>
    public double? LowestScore { get; init; }
}
