using AttentionServer.Text;

namespace AttentionServer.Training;

/// <summary>What a tokenizer puts before, between and after texts, read off what it makes of two short ones.</summary>
internal sealed class RowTemplate
{
    private readonly (int Id, int Type)[][] _single;
    private readonly (int Id, int Type)[][] _pair;
    private readonly int[] _types;

    public RowTemplate(Tokenizer tokenizer)
    {
        var (single, pair) = (tokenizer.Encode("a"), tokenizer.Encode("a", "a"));
        _single = Parts(single, 2);
        _pair = Parts(pair, 3);
        _types = [TypeOf(single, Segment.Single), TypeOf(pair, Segment.Question), TypeOf(pair, Segment.Passage)];
    }

    /// <summary>Tokens it adds to one text.</summary>
    public int SingleCount => _single.Sum(p => p.Length);

    /// <summary>Tokens it adds to two texts.</summary>
    public int PairCount => _pair.Sum(p => p.Length);

    /// <summary>Where the first text begins.</summary>
    public int FirstStart => _pair[0].Length;

    /// <summary>Where the second text begins after a first of that many tokens.</summary>
    public int SecondStart(int first) => _pair[0].Length + first + _pair[1].Length;

    /// <summary>One text.</summary>
    public (int[] Ids, int[] Types) Lay(ReadOnlySpan<int> text) => Lay(_single, [text.ToArray()], [_types[0]]);

    /// <summary>Two texts.</summary>
    public (int[] Ids, int[] Types) Lay(ReadOnlySpan<int> first, ReadOnlySpan<int> second) => Lay(_pair, [first.ToArray(), second.ToArray()], [_types[1], _types[2]]);

    private static (int[] Ids, int[] Types) Lay((int Id, int Type)[][] parts, int[][] texts, int[] textTypes)
    {
        var length = parts.Sum(p => p.Length) + texts.Sum(t => t.Length);
        var (ids, types) = (new int[length], new int[length]);
        var at = 0;
        void Put(int id, int type) => (ids[at], types[at++]) = (id, type);
        for (var i = 0; i < parts.Length; i++)
        {
            foreach (var (id, type) in parts[i])
                Put(id, type);
            if (i < texts.Length)
                foreach (var id in texts[i])
                    Put(id, textTypes[i]);
        }

        return (ids, types);
    }

    /// <summary>The template's tokens before each text and after the last.</summary>
    private static (int Id, int Type)[][] Parts(Encoding encoding, int count)
    {
        var parts = Enumerable.Range(0, count).Select(_ => new List<(int, int)>()).ToArray();
        var part = 0;
        Segment? inside = null;
        for (var i = 0; i < encoding.Tokens.Count; i++)
        {
            var token = encoding.Tokens[i];
            if (token.Special)
            {
                parts[part].Add((token.Id, encoding.TypeIds[i]));
            }
            else if (inside != token.Segment)
            {
                inside = token.Segment;
                part++;
            }
        }

        return [.. parts.Select(p => p.ToArray())];
    }

    private static int TypeOf(Encoding encoding, Segment segment) => encoding.TypeIds[Enumerable.Range(0, encoding.Tokens.Count).First(i => !encoding.Tokens[i].Special && encoding.Tokens[i].Segment == segment)];
}
