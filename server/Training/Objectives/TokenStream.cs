using AttentionServer.Text;

namespace AttentionServer.Training.Objectives;

/// <summary>A corpus as one long row of token ids, and where sentences begin in it. Two bytes a token, and four for each sentence.</summary>
public sealed class TokenStream
{
    private const int LinesAtOnce = 4096;

    private readonly ushort[] _low;
    private readonly byte[]? _high;
    private readonly int[] _starts;

    private TokenStream(ushort[] low, byte[]? high, int[] starts, string fingerprint) => (_low, _high, _starts, Fingerprint) = (low, high, starts, fingerprint);

    /// <summary>How many tokens.</summary>
    public int Count => _low.Length;

    /// <summary>What it is recognised by.</summary>
    public string Fingerprint { get; }

    /// <summary>A token's id.</summary>
    public int this[int index] => _high == null ? _low[index] : _low[index] | (_high[index] << 16);

    /// <summary>Encodes texts, each of them whole sentences; <paramref name="report"/> hears of the tokens so far.</summary>
    public static TokenStream Of(IEnumerable<string> texts, Tokenizer tokenizer, Action<long>? report, CancellationToken cancellation)
    {
        var ends = Ending(tokenizer);
        var (low, high, starts) = (new List<ushort>(1 << 20), tokenizer.VocabularySize > 1 << 16 ? new List<byte>() : null, new List<int>());
        var hash = 0xCBF29CE484222325;
        foreach (var lines in texts.Chunk(LinesAtOnce))
        {
            foreach (var ids in lines.AsParallel().AsOrdered().WithCancellation(cancellation).Select(line => tokenizer.EncodeToIds(line)))
            {
                if (low.Count > int.MaxValue - ids.Count - 1)
                    throw new TrainingException($"data: {low.Count:N0} tokens: a corpus of more than {int.MaxValue:N0} does not fit: train on a part of it");
                var (begins, closing) = (true, false);
                foreach (var id in ids)
                {
                    // A closing quote or bracket belongs to the sentence that ended before it.
                    if (begins && !(closing && ends[id] == Mark.Closing))
                    {
                        starts.Add(low.Count);
                        begins = closing = false;
                    }

                    if (ends[id] == Mark.End)
                        begins = closing = true;
                    low.Add((ushort)id);
                    high?.Add((byte)(id >> 16));
                    hash = (hash ^ (uint)id) * 0x100000001B3;
                }
            }

            report?.Invoke(low.Count);
        }

        if (low.Count == 0)
            throw new TrainingException("data: the files: they hold no text: give files with one sentence or paragraph a line");
        return new([.. low], high?.ToArray(), [.. starts], $"{low.Count} tokens {hash:x16}");
    }

    /// <summary>How often each id occurs.</summary>
    public long[] Counts(int vocabulary)
    {
        var counts = new long[vocabulary];
        for (var i = 0; i < Count; i++)
            counts[this[i]]++;
        return counts;
    }

    /// <summary>Tokens one after the other.</summary>
    public int[] Part(int start, int count)
    {
        var part = new int[count];
        for (var i = 0; i < count; i++)
            part[i] = this[start + i];
        return part;
    }

    /// <summary>The first place from an index on where a sentence begins; the end where none does.</summary>
    public int SentenceFrom(int index)
    {
        var at = Array.BinarySearch(_starts, index);
        at = at < 0 ? ~at : at;
        return at < _starts.Length ? _starts[at] : Count;
    }

    /// <summary>The last place up to an index where a sentence begins.</summary>
    public int SentenceBefore(int index)
    {
        var at = Array.BinarySearch(_starts, index);
        return _starts[Math.Max(0, at < 0 ? ~at - 1 : at)];
    }

    private enum Mark : byte
    {
        None,
        End,
        Closing,
    }

    private static Mark[] Ending(Tokenizer tokenizer)
    {
        var marks = new Mark[tokenizer.VocabularySize];
        for (var id = 0; id < marks.Length; id++)
        {
            marks[id] = tokenizer.TokenOf(id).TrimStart('Ġ', '▁') switch
            {
                "." or "!" or "?" => Mark.End,
                "\"" or "'" or "”" or "’" or ")" => Mark.Closing,
                _ => Mark.None,
            };
        }

        return marks;
    }
}
