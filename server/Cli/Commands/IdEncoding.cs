using AttentionServer.Engine;
using AttentionServer.Text;

namespace AttentionServer.Cli.Commands;

/// <summary>An encoding of bare token ids: the text is the tokens themselves, with a space between.</summary>
internal static class IdEncoding
{
    public static Encoding Of(int[] ids, int[] segments, Model model)
    {
        var pair = segments.Any(s => s != 0);
        var special = model.RolesIn(new TokenInput(ids, segments)).Special;
        var tokens = new List<Token>();
        var (first, second) = (new System.Text.StringBuilder(), new System.Text.StringBuilder());
        for (var i = 0; i < ids.Length; i++)
        {
            var member = segments[i] == 0 ? first : second;
            var start = member.Length;
            var name = model.TokenOf(ids[i]);
            member.Append(name);
            var segment = !pair ? Segment.Single : segments[i] == 0 ? Segment.Question : Segment.Passage;
            tokens.Add(new(ids[i], name, new(start, member.Length), segment, special.Contains(ids[i]), i));
            member.Append(' ');
        }

        return new Encoding(first.ToString().TrimEnd(), pair ? second.ToString().TrimEnd() : null, tokens, segments);
    }
}
