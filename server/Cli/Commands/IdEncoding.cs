using AttentionServer.Engine;
using AttentionServer.Text;

namespace AttentionServer.Cli.Commands;

/// <summary>An encoding of bare token ids: the text is the tokens themselves, with a space between.</summary>
internal static class IdEncoding
{
    /// <summary>How zones are spelled: one letter for each token.</summary>
    public const char Question = 'Q', Passage = 'P', Scaffold = 'S';

    public static Encoding Of(int[] ids, int[] segments, string? zones, Model model)
    {
        var pair = zones?.Contains(Passage) ?? segments.Any(s => s != 0);
        var special = model.RolesIn(new TokenInput(ids, segments)).Special;
        var tokens = new List<Token>();
        var (first, second) = (new System.Text.StringBuilder(), new System.Text.StringBuilder());
        for (var i = 0; i < ids.Length; i++)
        {
            var inPassage = zones == null ? segments[i] != 0 : zones.LastIndexOf(Question) is var last && i > last && pair;
            var member = inPassage ? second : first;
            var start = member.Length;
            var name = model.TokenOf(ids[i]);
            member.Append(name);
            var segment = !pair ? Segment.Single : inPassage ? Segment.Passage : Segment.Question;
            tokens.Add(new(ids[i], name, new(start, member.Length), segment, zones == null ? special.Contains(ids[i]) : zones[i] == Scaffold, i));
            member.Append(' ');
        }

        return new Encoding(first.ToString().TrimEnd(), pair ? second.ToString().TrimEnd() : null, tokens, segments);
    }
}
