using System.Collections.Concurrent;

namespace AttentionServer.Text;

/// <summary>A stretch of a word that became one token: UTF-16 units of the word.</summary>
internal readonly record struct Subword(int Id, int Start, int End);

/// <summary>
/// Turns text into token ids with exact source ranges, and back. All schemes share one path: added tokens are taken out,
/// the text between them is normalised and split into words, each word is cut into tokens, the template goes around them.
/// Instances are immutable and safe to share between threads.
/// </summary>
public abstract class Tokenizer
{
    private const int CachedWords = 1 << 16;
    private const int LongestCachedWord = 64;

    private readonly Vocabulary vocabulary;
    private readonly TokenizerParts parts;
    private readonly ConcurrentDictionary<string, Subword[]> cache = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Subword[]>.AlternateLookup<ReadOnlySpan<char>> cached;
    private int cachedCount;

    private protected Tokenizer(Vocabulary vocabulary, TokenizerParts parts)
    {
        this.vocabulary = vocabulary;
        this.parts = parts;
        cached = cache.GetAlternateLookup<ReadOnlySpan<char>>();
        VocabularySize = parts.Added.All.Select(token => token.Id + 1).Append(vocabulary.Size).Max();
        foreach (var part in parts.Template.Single.Concat(parts.Template.Pair))
        {
            if (part.Special is var (id, text) && KnownToken(id) is null)
                throw new TokenizerException($"The template adds \"{text}\" with the id {id}, which the vocabulary lacks.");
        }
    }

    /// <summary>One more than the highest token id: the number of rows the embedding table needs at least.</summary>
    public int VocabularySize { get; }

    /// <summary>The ids of the tokens with a role.</summary>
    public SpecialTokens Special => parts.Special;

    /// <summary>Reads the tokenizer of a model folder (tokenizer.json, or vocabulary files), or of one such file.</summary>
    /// <exception cref="TokenizerException">The file is missing, broken, or of a kind that is not supported.</exception>
    public static Tokenizer Load(string folderOrFile) => TokenizerFiles.Load(folderOrFile);

    /// <summary>The id of a token as the vocabulary spells it; null when it has none.</summary>
    public int? IdOf(string token) => parts.Added.Find(token)?.Id ?? vocabulary.IdOf(token);

    /// <summary>The token of an id as the vocabulary spells it, or "#id" for a row that the vocabulary leaves unused.</summary>
    public string TokenOf(int id) => KnownToken(id) ?? $"#{id}";

    /// <summary>Encodes a text, or a pair (a question and its passage).</summary>
    public Encoding Encode(string text, string? pair = null, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new EncodeOptions();
        var layout = pair is null ? parts.Template.Single : parts.Template.Pair;
        if (!options.AddSpecial) layout = Template.WithoutSpecial(layout);
        var first = Tokenize(text, pair is null ? Segment.Single : Segment.Question);
        var second = pair is null ? [] : Tokenize(pair, Segment.Passage);
        var truncation = Truncator.Apply(first, second, pair is not null, Template.SpecialCount(layout), options);
        return Lay(layout, text, pair, first, second, truncation);
    }

    /// <summary>The ids of a text without the template's tokens, for reading through large amounts of text.</summary>
    public List<int> EncodeToIds(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>((text.Length / 4) + 4);
        var words = Words(text);
        foreach (var word in words.Words)
        {
            if (word.IsToken) ids.Add(word.Id);
            else AddIds(words.Text.Units(word.Start, word.End), ids);
        }
        return ids;
    }

    /// <summary>The text that the ids spell; ids that the vocabulary does not know spell nothing.</summary>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var tokens = new List<string>(ids.Count);
        foreach (var id in ids)
        {
            if (skipSpecial && parts.Added.Find(id) is { Special: true }) continue;
            if (KnownToken(id) is { } token) tokens.Add(token);
        }
        var text = parts.Decoder is null ? string.Join(' ', tokens) : string.Concat(parts.Decoder.Rewrite(tokens));
        return parts.CleansUp ? TextCleanUp.Apply(text) : text;
    }

    /// <summary>Cuts one word into tokens.</summary>
    private protected abstract void Cut(ReadOnlySpan<char> word, List<Subword> subwords);

    /// <summary>The length of the first stretch of a word that is cut in the same way whatever follows it.</summary>
    private protected virtual int FirstStretch(ReadOnlySpan<char> word) => word.Length;

    /// <summary>The text that a token is shown as.</summary>
    private protected virtual string TextOf(int id, ReadOnlySpan<char> covered) => vocabulary.TokenOf(id)!;

    private string? KnownToken(int id) => parts.Added.Find(id)?.NormalForm ?? vocabulary.TokenOf(id);

    private WordList Words(string text)
    {
        var words = parts.Added.Extract(AlignedText.FromSource(text));
        parts.PreTokenizer?.Apply(words);
        return words;
    }

    private List<Token> Tokenize(string text, Segment segment)
    {
        var words = Words(text);
        var tokens = new List<Token>(words.Words.Count + (words.Words.Count / 2));
        var wordIndex = 0;
        foreach (var word in words.Words)
        {
            var units = words.Text.Units(word.Start, word.End);
            if (word.IsToken)
            {
                tokens.Add(new Token(word.Id, units.ToString(), words.Text.SourceOf(word.Start, word.End), segment, false, wordIndex++));
                continue;
            }
            // Where the scheme splits no words, the stretches are what a reader takes for them.
            for (int from = 0, length; from < units.Length; from += length, wordIndex++)
            {
                length = FirstStretch(units[from..]);
                foreach (var (id, start, end) in Subwords(units.Slice(from, length)))
                {
                    var (first, last) = (from + start, from + end);
                    var range = words.Text.SourceOf(word.Start + first, word.Start + last);
                    tokens.Add(new Token(id, TextOf(id, units[first..last]), range, segment, false, wordIndex));
                }
            }
        }
        parts.Trimmer?.Apply(tokens, text);
        return tokens;
    }

    private void AddIds(ReadOnlySpan<char> word, List<int> ids)
    {
        for (int from = 0, length; from < word.Length; from += length)
        {
            length = FirstStretch(word[from..]);
            foreach (var subword in Subwords(word.Slice(from, length))) ids.Add(subword.Id);
        }
    }

    private Subword[] Subwords(ReadOnlySpan<char> word)
    {
        if (cached.TryGetValue(word, out var known)) return known;
        var subwords = new List<Subword>(4);
        Cut(word, subwords);
        Subword[] found = [.. subwords];
        // Full once is full for ever: common words come early, and nothing has to be evicted.
        if (word.Length <= LongestCachedWord && cachedCount < CachedWords && cached.TryAdd(word, found))
            Interlocked.Increment(ref cachedCount);
        return found;
    }

    private static Encoding Lay(
        IReadOnlyList<TemplatePart> layout, string text, string? pair, List<Token> first, List<Token> second, Truncation? truncation)
    {
        var segments = Template.Segments(layout);
        var tokens = new List<Token>(first.Count + second.Count + layout.Count);
        var typeIds = new List<int>(tokens.Capacity);
        for (var i = 0; i < layout.Count; i++)
        {
            var part = layout[i];
            var segment = pair is null ? Segment.Single : segments[i];
            if (part.Special is var (id, content)) tokens.Add(new Token(id, content, default, segment, true, -1));
            else tokens.AddRange(part.Second ? second : first);
            while (typeIds.Count < tokens.Count) typeIds.Add(part.TypeId);
        }
        return new Encoding(text, pair, tokens, [.. typeIds], truncation);
    }
}
