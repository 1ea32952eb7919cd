using System.Runtime.InteropServices;

namespace AttentionServer.Text;

/// <summary>The merges of a BPE model: pairs of tokens with the rank at which training learned them and what they become.</summary>
internal sealed class BpeMerges
{
    private readonly Dictionary<(int Left, int Right), (int Rank, int Merged)> merges;

    /// <summary>Reads the pairs in order; <paramref name="origin"/> names the file and place for the error messages.</summary>
    public BpeMerges(IEnumerable<(string Left, string Right)> pairs, Vocabulary vocabulary, string continuingPrefix, string origin)
        : this(pairs.Select((pair, rank) => (pair.Left, pair.Right, rank)), vocabulary, continuingPrefix, origin)
    {
    }

    /// <summary>Reads pairs with their ranks; pairs of equal rank merge from left to right.</summary>
    public BpeMerges(
        IEnumerable<(string Left, string Right, int Rank)> pairs, Vocabulary vocabulary, string continuingPrefix, string origin)
    {
        int IdOf(string token) => vocabulary.IdOf(token)
            ?? throw new TokenizerException($"{origin}: a merge needs the token \"{token}\", which the vocabulary lacks.");
        merges = [];
        foreach (var (left, right, rank) in pairs)
        {
            var continued = right.StartsWith(continuingPrefix, StringComparison.Ordinal) ? right[continuingPrefix.Length..] : right;
            merges[(IdOf(left), IdOf(right))] = (rank, IdOf(left + continued));
        }
    }

    /// <summary>Whether no merge joins text to a sign that follows other text, so that such signs begin independent stretches.</summary>
    public bool NeverJoinAt(char sign, Vocabulary vocabulary)
    {
        foreach (var (left, right) in merges.Keys)
            if (vocabulary.TokenOf(right)![0] == sign && vocabulary.TokenOf(left)![^1] != sign) return false;
        return true;
    }

    /// <summary>Merges the tokens of one word: always the pair of lowest rank, of equals the leftmost, until none is left.</summary>
    public void Apply(List<Subword> subwords)
    {
        if (subwords.Count < 2) return;
        if (subwords.Count <= 24) ApplyToFew(subwords);
        else ApplyToMany(subwords);
    }

    /// <summary>Looks at all pairs each time: the fastest for words of ordinary length.</summary>
    private void ApplyToFew(List<Subword> subwords)
    {
        var parts = CollectionsMarshal.AsSpan(subwords);
        // For each token the merge with the one after it.
        Span<(int Rank, int Merged)> next = stackalloc (int, int)[parts.Length];
        var count = parts.Length;
        for (var i = 0; i < count; i++) next[i] = MergeAt(parts, i, count);
        while (true)
        {
            var best = 0;
            for (var i = 1; i < count - 1; i++) if (next[i].Rank < next[best].Rank) best = i;
            if (count < 2 || next[best].Rank == int.MaxValue) break;
            parts[best] = new Subword(next[best].Merged, parts[best].Start, parts[best + 1].End);
            parts[(best + 2)..count].CopyTo(parts[(best + 1)..]);
            next[(best + 2)..count].CopyTo(next[(best + 1)..]);
            count--;
            next[best] = MergeAt(parts, best, count);
            if (best > 0) next[best - 1] = MergeAt(parts, best - 1, count);
        }
        subwords.RemoveRange(count, subwords.Count - count);
    }

    /// <summary>Keeps the pairs in a queue, so that the time grows with n log n; stale entries are recognised when they come up.</summary>
    private void ApplyToMany(List<Subword> subwords)
    {
        var parts = subwords.ToArray();
        var previous = new int[parts.Length];
        var following = new int[parts.Length];
        var queue = new PriorityQueue<(int At, int Left, int Right, int Merged), (int Rank, int At)>(parts.Length);
        for (var i = 0; i < parts.Length; i++) (previous[i], following[i]) = (i - 1, i + 1);
        for (var i = 0; i + 1 < parts.Length; i++) Enqueue(i);
        while (queue.TryDequeue(out var pair, out _))
        {
            var (at, left, right, merged) = pair;
            var second = following[at];
            if (parts[at].Id != left || second >= parts.Length || parts[second].Id != right) continue;
            parts[at] = new Subword(merged, parts[at].Start, parts[second].End);
            parts[second] = new Subword(-1, 0, 0);
            following[at] = following[second];
            if (following[at] < parts.Length) previous[following[at]] = at;
            if (previous[at] >= 0) Enqueue(previous[at]);
            Enqueue(at);
        }
        subwords.Clear();
        for (var i = 0; i < parts.Length; i = following[i]) subwords.Add(parts[i]);

        void Enqueue(int at)
        {
            if (following[at] >= parts.Length) return;
            var (left, right) = (parts[at].Id, parts[following[at]].Id);
            if (merges.TryGetValue((left, right), out var merge)) queue.Enqueue((at, left, right, merge.Merged), (merge.Rank, at));
        }
    }

    private (int Rank, int Merged) MergeAt(Span<Subword> parts, int at, int count) =>
        at + 1 < count && merges.TryGetValue((parts[at].Id, parts[at + 1].Id), out var merge) ? merge : (int.MaxValue, -1);
}
