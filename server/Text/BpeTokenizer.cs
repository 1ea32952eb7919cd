namespace AttentionServer.Text;

/// <summary>
/// Byte-pair encoding (Sennrich et al. 2016): a word starts as characters, and neighbours are merged in the order that
/// training learned the merges. Byte-level vocabularies differ only in their pre-tokenizer.
/// </summary>
public sealed class BpeTokenizer : Tokenizer
{
    private readonly Vocabulary vocabulary;
    private readonly BpeMerges merges;
    private readonly BpeOptions options;
    private readonly int? unknown;
    private readonly int[]? byteIds;
    private readonly bool spacesBeginWords;

    internal BpeTokenizer(Vocabulary vocabulary, TokenizerParts parts, BpeMerges merges, BpeOptions options)
        : base(vocabulary, parts)
    {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.options = options;
        if (options.UnknownToken is { } token) unknown = vocabulary.UnknownId(token, options.Origin);
        if (options.ByteFallback)
            byteIds = [.. Enumerable.Range(0, 256).Select(value => vocabulary.IdOf(ByteTokens.Name((byte)value)) ?? -1)];
        var plain = unknown is not null && !options.WholeWordsFirst && options.WordEnd.Length == 0 && options.ContinuingPrefix.Length == 0;
        spacesBeginWords = plain && vocabulary.IdOf(Metaspace.Text) is not null && merges.NeverJoinAt(Metaspace.Sign, vocabulary);
    }

    /// <summary>A text that was not split into words still falls into stretches that no merge can join.</summary>
    private protected override int FirstStretch(ReadOnlySpan<char> word) => spacesBeginWords ? Metaspace.FirstWord(word) : word.Length;

    private protected override void Cut(ReadOnlySpan<char> word, List<Subword> subwords)
    {
        if (options.WholeWordsFirst && vocabulary.TryGetId(word, out var whole))
        {
            subwords.Add(new Subword(whole, 0, word.Length));
            return;
        }
        Spell(word, subwords);
        merges.Apply(subwords);
    }

    /// <summary>Writes the word as single characters; what the vocabulary lacks as bytes, or as the unknown token.</summary>
    private void Spell(ReadOnlySpan<char> word, List<Subword> subwords)
    {
        var unknownFrom = -1;
        for (int start = 0, end; start < word.Length; start = end)
        {
            end = start + (char.IsHighSurrogate(word[start]) ? 2 : 1);
            if (TryGetCharacter(word, start, end, out var id))
            {
                FlushUnknown(start);
                subwords.Add(new Subword(id, start, end));
            }
            else if (byteIds is not null && TryGetBytes(word[start..end], out var bytes))
            {
                FlushUnknown(start);
                foreach (var value in bytes) subwords.Add(new Subword(byteIds[value], start, end));
            }
            else
            {
                if (!options.FuseUnknown) FlushUnknown(start);
                if (unknownFrom < 0) unknownFrom = start;
            }
        }
        FlushUnknown(word.Length);

        // Without an unknown token, what cannot be spelt is left out, as in the library.
        void FlushUnknown(int end)
        {
            if (unknownFrom >= 0 && unknown is { } id) subwords.Add(new Subword(id, unknownFrom, end));
            unknownFrom = -1;
        }
    }

    private bool TryGetCharacter(ReadOnlySpan<char> word, int start, int end, out int id)
    {
        var prefix = start > 0 ? options.ContinuingPrefix : "";
        var suffix = end == word.Length ? options.WordEnd : "";
        return prefix.Length + suffix.Length == 0
            ? vocabulary.TryGetId(word[start..end], out id)
            : vocabulary.TryGetId(string.Concat(prefix, word[start..end], suffix), out id);
    }

    /// <summary>The UTF-8 of a character, if there is a token for each of its bytes.</summary>
    private bool TryGetBytes(ReadOnlySpan<char> character, out byte[] bytes)
    {
        bytes = new byte[System.Text.Encoding.UTF8.GetByteCount(character)];
        System.Text.Encoding.UTF8.GetBytes(character, bytes);
        return bytes.All(value => byteIds![value] >= 0);
    }
}

/// <summary>What a BPE model's file says besides vocabulary and merges; Origin names the file for error messages.</summary>
internal sealed record BpeOptions(string Origin)
{
    /// <summary>Stands for characters that the vocabulary lacks; null where there are none.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Whether neighbouring unknown characters become one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether characters that the vocabulary lacks are spelt as byte tokens (&lt;0xE2&gt;).</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a word that is itself in the vocabulary skips the merges.</summary>
    public bool WholeWordsFirst { get; init; }

    /// <summary>Marks tokens that continue a word.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>Marks tokens that end a word.</summary>
    public string WordEnd { get; init; } = "";
}
