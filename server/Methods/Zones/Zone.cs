using AttentionServer.Engine.Interventions;
using AttentionServer.Text;

namespace AttentionServer.Methods.Zones;

/// <summary>
/// A zone of an attention map: which queries draw on which keys, by their role in a question and its passage. [CLS], [SEP]
/// and padding belong to neither (Cui et al. 2022; arXiv 2410.20652).
/// </summary>
public sealed record Zone(string Id, string Reading, TokenSet Queries, TokenSet Keys)
{
    /// <summary>What stands between the queries and the keys of a zone: queries draw on keys.</summary>
    public const string Arrow = "<-";

    private const string WholeBlock = "BLOCK";
    private const int LongestName = 40;

    /// <summary>
    /// The ALL of the paper's authors: their code replaces the padding mask by −10000 on every score, which shifts all alike. It masks
    /// nothing, and padding becomes visible in that layer.
    /// </summary>
    public static Zone PaperAll { get; } = Known("paper-all", "the paper's own ALL: an equal shift of all scores, which masks nothing and lets padding be seen", "all", "all");

    /// <summary>All zones that have names.</summary>
    public static IReadOnlyList<Zone> All { get; } =
    [
        Known("Q2", "the question among itself", "question", "question"),
        Known("Q2P", "the passage's tokens as sources of everything outside the passage", "!passage", "passage"),
        Known("P2Q", "the question's tokens as sources of everything outside the question", "!question", "question"),
        Known("P2", "the passage among itself", "passage", "passage"),
        Known("ALL", "the four together: only special tokens are left as sources", "all", "question,passage"),
        Known("Q2P_strict", "the passage's tokens as sources of the question's", "question", "passage"),
        Known("P2Q_strict", "the question's tokens as sources of the passage's", "passage", "question"),
        Known(WholeBlock, "the whole attention block: it adds its bias and nothing else", "all", "all"),
        Known("CLS_key", "[CLS] as a source of everything", "all", "cls"),
        Known("CLS_query", "everything as a source of [CLS]", "cls", "all"),
        Known("SEP_key", "[SEP] as a source of everything", "all", "sep"),
        Known("SEP_query", "everything as a source of [SEP]", "sep", "all"),
        PaperAll,
    ];

    /// <summary>The five columns of the paper's heat map.</summary>
    public static IReadOnlyList<Zone> Paper { get; } = [.. new[] { "Q2", "Q2P", "P2Q", "P2", "ALL" }.Select(Find)];

    /// <summary>The zone in one line, enough to make it again: <c>!question &lt;- question</c>.</summary>
    public string Definition => this == PaperAll ? Id : $"{Queries} {Arrow} {Keys}";

    /// <summary>The zone of that id.</summary>
    public static Zone Find(string id) => All.FirstOrDefault(z => z.Id == id)
        ?? throw new MethodException($"zone '{id}': there is no such zone: use {string.Join(", ", All.Select(z => z.Id))}") { IsBadArgument = true };

    /// <summary>A zone of the user's own, <c>NAME=QUERIES&lt;-KEYS</c>; without an arrow, tokens among themselves.</summary>
    public static Zone Parse(string definition)
    {
        var sign = definition.IndexOf('=', StringComparison.Ordinal);
        if (sign < 0)
            throw new MethodException($"zone '{definition}': it has no name: write NAME=QUERIES{Arrow}KEYS");
        var (name, cells) = (definition[..sign].Trim(), definition[(sign + 1)..]);
        var arrow = ArrowIn(cells);
        return arrow < 0 ? Own(name, cells, cells) : Own(name, cells[..arrow], cells[(arrow + Arrow.Length)..]);
    }

    /// <summary>A zone of the user's own; null as queries or keys stands for all.</summary>
    public static Zone Own(string name, string? queries, string? keys, string? reading = null)
    {
        if (name.Length is 0 or > LongestName || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw new MethodException($"zone '{name}': a name has up to {LongestName} letters, digits, _ and -: choose such a name");
        if (All.Any(z => z.Id.Equals(name, StringComparison.OrdinalIgnoreCase)))
            throw new MethodException($"zone '{name}': that is the name of a zone there is: choose another name");
        var (rows, columns) = (TokenSet.Parse(queries ?? "all", $"zone '{name}', queries"), TokenSet.Parse(keys ?? "all", $"zone '{name}', keys"));
        return new(name, reading ?? $"{rows} drawing on {columns}", rows, columns);
    }

    /// <summary>The cells of the zone in a text; empty lists where it has no question or no passage.</summary>
    public (IReadOnlyList<int> Queries, IReadOnlyList<int> Keys) Cells(Encoding encoding) => (Queries.In(encoding), Keys.In(encoding));

    /// <summary>
    /// The zone masked in one layer, all heads: by strength before the softmax, so that rows share what is left, or after it, so
    /// that it is lost.
    /// </summary>
    public IReadOnlyList<Intervention> Mask(Encoding encoding, int layer, float strength, MaskMode mode)
    {
        Allow(mode);
        // Without padding an equal shift of a row is what its softmax takes out again.
        if (this == PaperAll || strength == 0)
            return [];
        var (queries, keys) = Cells(encoding);
        if (queries.Count == 0 || keys.Count == 0)
            return [];
        var mask = mode == MaskMode.Probability ? Intervention.Gate(strength) : Intervention.Mask(strength);
        return [mask with { Layers = [layer], Tokens = queries, Keys = keys }];
    }

    /// <summary>Refuses a way of masking that the zone does not have.</summary>
    public void Allow(MaskMode mode)
    {
        if (Id == WholeBlock && mode == MaskMode.Score)
            throw new MethodException("zone BLOCK: before the softmax an equal shift of all scores changes nothing: mask it by probability");
        if (this == PaperAll && mode == MaskMode.Probability)
            throw new MethodException($"zone {Id}: it is a shift of scores: mask it by score");
    }

    /// <summary>Why masking the zone changes nothing in this text; null when it has cells there.</summary>
    public string? NothingIn(Encoding encoding)
    {
        if (this == PaperAll)
            return $"{Id} changes nothing without padding: it shifts all scores of a row alike, and the softmax takes that out again.";
        var (queries, keys) = Cells(encoding);
        return queries.Count > 0 && keys.Count > 0 ? null : $"{Id} changes nothing: this text has no {(queries.Count == 0 ? $"queries {Queries}" : $"keys {Keys}")}.";
    }

    private static int ArrowIn(string cells)
    {
        // A pattern may hold an arrow of its own.
        var inside = false;
        for (var i = 0; i < cells.Length; i++)
        {
            if (cells[i] == '\\')
                i++;
            else if (cells[i] == '/')
                inside = !inside;
            else if (!inside && cells.AsSpan(i).StartsWith(Arrow))
                return i;
        }

        return -1;
    }

    // The named zones are in the language users write theirs in.
    private static Zone Known(string id, string reading, string queries, string keys) =>
        new(id, reading, TokenSet.Parse(queries, id), TokenSet.Parse(keys, id));
}
