using System.Collections.Frozen;

namespace AttentionServer.Text;

/// <summary>The tokens of a model and their ids, both ways.</summary>
internal sealed class Vocabulary
{
    /// <summary>No published vocabulary comes near; a larger id is a mistake in the file and would only eat memory.</summary>
    public const int IdLimit = 1 << 22;

    private readonly FrozenDictionary<string, int> ids;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly string?[] tokens;

    /// <summary>Builds the vocabulary; <paramref name="origin"/> names the file and place for the error messages.</summary>
    public Vocabulary(IReadOnlyCollection<KeyValuePair<string, int>> entries, string origin)
    {
        if (entries.Count == 0) throw new TokenizerException($"{origin}: the vocabulary is empty.");
        tokens = new string?[CheckedSize(entries, origin)];
        foreach (var (token, id) in entries)
        {
            if (tokens[id] is { } other)
                throw new TokenizerException($"{origin}: the tokens \"{other}\" and \"{token}\" have the same id {id}.");
            tokens[id] = token;
        }
        ids = entries.ToFrozenDictionary(StringComparer.Ordinal);
        lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>One more than the highest id.</summary>
    public int Size => tokens.Length;

    public IEnumerable<KeyValuePair<string, int>> Entries => ids;

    /// <summary>The number of tokens; less than <see cref="Size"/> where ids are left out.</summary>
    public int Count => ids.Count;

    public bool TryGetId(ReadOnlySpan<char> token, out int id) => lookup.TryGetValue(token, out id);

    public int? IdOf(string token) => ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>The id of the token for unknown text, which the model cannot do without.</summary>
    public int UnknownId(string token, string origin) =>
        IdOf(token) ?? throw new TokenizerException($"{origin}: the unknown token \"{token}\" is not in the vocabulary.");

    public string? TokenOf(int id) => (uint)id < (uint)tokens.Length ? tokens[id] : null;

    private static int CheckedSize(IReadOnlyCollection<KeyValuePair<string, int>> entries, string origin)
    {
        var size = 0;
        foreach (var (token, id) in entries)
        {
            if (id is < 0 or >= IdLimit)
                throw new TokenizerException($"{origin}: the id {id} of \"{token}\" is not between 0 and {IdLimit - 1}.");
            size = Math.Max(size, id + 1);
        }
        return size;
    }
}
