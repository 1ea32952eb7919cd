using System.Collections.Frozen;

namespace AttentionServer.Text;

/// <summary>WordPiece: each word is cut into the longest tokens that fit from its start on (Wu et al. 2016, as in BERT).</summary>
public sealed class WordPieceTokenizer : Tokenizer
{
    private readonly Pieces initial;
    private readonly Pieces continuing;
    private readonly int unknown;
    private readonly int longestWord;

    internal WordPieceTokenizer(Vocabulary vocabulary, TokenizerParts parts, WordPieceOptions options)
        : base(vocabulary, parts)
    {
        unknown = vocabulary.UnknownId(options.UnknownToken, options.Origin);
        longestWord = options.LongestWord;
        initial = new Pieces(vocabulary.Entries);
        var prefix = options.ContinuingPrefix;
        continuing = new Pieces(vocabulary.Entries
            .Where(entry => entry.Key.Length > prefix.Length && entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(entry => KeyValuePair.Create(entry.Key[prefix.Length..], entry.Value)));
    }

    private protected override void Cut(ReadOnlySpan<char> word, List<Subword> subwords)
    {
        var start = word.Length > longestWord && CodePoints(word) > longestWord ? word.Length : 0;
        while (start < word.Length)
        {
            var pieces = start == 0 ? initial : continuing;
            var length = pieces.LongestAtStart(word[start..], out var id);
            if (length == 0) break;
            subwords.Add(new Subword(id, start, start + length));
            start += length;
        }
        if (subwords.Count > 0 && start == word.Length) return;
        subwords.Clear();
        subwords.Add(new Subword(unknown, 0, word.Length));
    }

    private static int CodePoints(ReadOnlySpan<char> word)
    {
        var count = 0;
        foreach (var unit in word) if (!char.IsLowSurrogate(unit)) count++;
        return count;
    }

    private sealed class Pieces
    {
        private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
        private readonly int longest;

        public Pieces(IEnumerable<KeyValuePair<string, int>> entries)
        {
            var ids = entries.ToFrozenDictionary(StringComparer.Ordinal);
            lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
            longest = ids.Keys.Select(key => key.Length).DefaultIfEmpty().Max();
        }

        public int LongestAtStart(ReadOnlySpan<char> rest, out int id)
        {
            for (var length = Math.Min(longest, rest.Length); length > 0; length--)
            {
                var splitsPair = length < rest.Length && char.IsLowSurrogate(rest[length]);
                if (!splitsPair && lookup.TryGetValue(rest[..length], out id)) return length;
            }
            id = -1;
            return 0;
        }
    }
}

/// <summary>What a WordPiece model's file says besides the vocabulary; Origin names the file for error messages.</summary>
internal sealed record WordPieceOptions(
    string Origin, string UnknownToken = "[UNK]", string ContinuingPrefix = "##", int LongestWord = 100);
