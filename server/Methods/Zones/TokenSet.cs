using System.Text.RegularExpressions;
using AttentionServer.Text;

namespace AttentionServer.Methods.Zones;

/// <summary>
/// Some tokens of a text, by their role, their number, the characters they cover or a pattern: <c>question</c>,
/// <c>!passage,cls</c>, <c>3-7</c>, <c>passage@10-25</c>, <c>question:/wh\w+/i</c> (docs/ZONES.md).
/// </summary>
public sealed class TokenSet
{
    private readonly IReadOnlyList<TokenTerm> _terms;

    private TokenSet(string text, IReadOnlyList<TokenTerm> terms) => (Text, _terms) = (text, terms);

    /// <summary>The set as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a set; what is wrong in it is named with <paramref name="where"/> it stands.</summary>
    public static TokenSet Parse(string text, string where) => new(text.Trim(), new TokenSetParser(text, where).Terms());

    /// <summary>A set of numbered tokens.</summary>
    public static TokenSet Of(IEnumerable<int> tokens) => Parse(string.Join(',', tokens), "tokens");

    /// <summary>The numbers of its tokens in a text, in order.</summary>
    public int[] In(Encoding encoding)
    {
        var chosen = new bool[encoding.Tokens.Count];
        foreach (var term in _terms)
            term.Choose(encoding, chosen);
        return [.. Enumerable.Range(0, chosen.Length).Where(i => chosen[i])];
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>One part of a set: tokens for which something holds, or does not.</summary>
internal sealed record TokenTerm(bool Not, Func<Encoding, Func<int, bool>> Holds)
{
    public void Choose(Encoding encoding, bool[] chosen)
    {
        var holds = Holds(encoding);
        for (var i = 0; i < chosen.Length; i++)
            chosen[i] |= holds(i) != Not;
    }

    /// <summary>Tokens of a role; [CLS], [SEP] and padding belong to neither question nor passage.</summary>
    public static Func<Encoding, Func<int, bool>>? Role(string name) => name switch
    {
        "all" => _ => _ => true,
        "question" => encoding => i => IsOf(encoding, i, passage: false),
        "passage" => encoding => i => IsOf(encoding, i, passage: true),
        "special" => encoding => i => encoding.Tokens[i].Special,
        "cls" => encoding => i => i == 0 && encoding.Tokens[i].Special,
        "sep" => encoding => i => i > 0 && encoding.Tokens[i].Special,
        _ => null,
    };

    /// <summary>Tokens that share characters with some of these ranges of a member text.</summary>
    public static Func<int, bool> Touching(Encoding encoding, bool passage, IReadOnlyList<TextRange> ranges) => i =>
        IsOf(encoding, i, passage) && encoding.Tokens[i].Range is var own && ranges.Any(r => r.Start < own.End && own.Start < r.End);

    /// <summary>The stretches of a member text that a pattern matches.</summary>
    public static IReadOnlyList<TextRange> Matches(Regex pattern, Encoding encoding, bool passage, string where)
    {
        try
        {
            var text = passage ? encoding.Pair ?? "" : encoding.Source;
            return [.. pattern.Matches(text).Select(m => new TextRange(m.Index, m.Index + m.Length))];
        }
        catch (RegexMatchTimeoutException)
        {
            throw new MethodException($"{where}: /{pattern}/ takes more than {pattern.MatchTimeout.TotalSeconds:0} s to search: write a simpler pattern");
        }
    }

    private static bool IsOf(Encoding encoding, int token, bool passage) =>
        !encoding.Tokens[token].Special && (encoding.Tokens[token].Segment == Segment.Passage) == passage;
}
