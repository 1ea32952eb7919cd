using AttentionServer.Engine.Interventions;
using AttentionServer.Text;

namespace AttentionServer.Methods.Zones;

/// <summary>
/// A zone of an attention map: which queries draw on which keys, by their role in a question and its passage. [CLS], [SEP]
/// and padding belong to neither (Cui et al. 2022; arXiv 2410.20652).
/// </summary>
public sealed record Zone(string Id, string Reading)
{
    /// <summary>All zones.</summary>
    public static IReadOnlyList<Zone> All { get; } =
    [
        new("Q2", "the question among itself"),
        new("Q2P", "the passage's tokens as sources of everything outside the passage"),
        new("P2Q", "the question's tokens as sources of everything outside the question"),
        new("P2", "the passage among itself"),
        new("ALL", "the four together: only special tokens are left as sources"),
        new("Q2P_strict", "the passage's tokens as sources of the question's"),
        new("P2Q_strict", "the question's tokens as sources of the passage's"),
        new("BLOCK", "the whole attention block: it adds its bias and nothing else"),
    ];

    /// <summary>The zone of that id.</summary>
    public static Zone Find(string id) => All.FirstOrDefault(z => z.Id == id)
        ?? throw new MethodException($"zone '{id}': there is no such zone: use {string.Join(", ", All.Select(z => z.Id))}");

    /// <summary>The cells of the zone in a text; empty lists where it has no question or no passage.</summary>
    public (IReadOnlyList<int> Queries, IReadOnlyList<int> Keys) Cells(Encoding encoding)
    {
        var tokens = Enumerable.Range(0, encoding.Tokens.Count);
        bool Question(int i) => !encoding.Tokens[i].Special && encoding.Tokens[i].Segment != Segment.Passage;
        bool Passage(int i) => !encoding.Tokens[i].Special && encoding.Tokens[i].Segment == Segment.Passage;
        int[] Where(Func<int, bool> chosen) => [.. tokens.Where(chosen)];
        return Id switch
        {
            "Q2" => (Where(Question), Where(Question)),
            "P2" => (Where(Passage), Where(Passage)),
            "P2Q" => (Where(i => !Question(i)), Where(Question)),
            "Q2P" => (Where(i => !Passage(i)), Where(Passage)),
            "P2Q_strict" => (Where(Passage), Where(Question)),
            "Q2P_strict" => (Where(Question), Where(Passage)),
            "ALL" => ([.. tokens], Where(i => Question(i) || Passage(i))),
            _ => ([.. tokens], [.. tokens]),
        };
    }

    /// <summary>
    /// The zone masked in one layer, all heads: by strength before the softmax, so that rows share what is left, or after it, so
    /// that it is lost.
    /// </summary>
    public IReadOnlyList<Intervention> Mask(Encoding encoding, int layer, float strength, bool afterSoftmax)
    {
        if (Id == "BLOCK" && !afterSoftmax)
            throw new MethodException("zone BLOCK: before the softmax an equal shift of all scores changes nothing: mask it by probability");
        var (queries, keys) = Cells(encoding);
        if (queries.Count == 0 || keys.Count == 0 || strength == 0)
            return [];
        var mask = afterSoftmax ? Intervention.Gate(strength) : Intervention.Mask(strength);
        return [mask with { Layers = [layer], Tokens = queries, Keys = keys }];
    }
}
