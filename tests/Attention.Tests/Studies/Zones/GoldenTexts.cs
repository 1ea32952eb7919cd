using System.Text.Json;
using AttentionServer.Text;

namespace AttentionServer.Tests.Studies.Zones;

/// <summary>Question and passage of golden inputs, whose roles are letters in the manifest, and seeded ones.</summary>
internal static class GoldenTexts
{
    public static Encoding Of(string architecture, string input)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Golden.Data(architecture, "manifest.json")));
        var roles = manifest.RootElement.GetProperty("inputs").EnumerateArray().First(i => i.GetProperty("name").GetString() == input).GetProperty("seg").GetString()!;
        using var expected = GoldenModels.Expected(architecture, input);
        var text = expected.Input();
        return Of(text.Ids, text.TypeIds, roles);
    }

    /// <summary>[CLS] question [SEP] passage [SEP] of ids below 50.</summary>
    public static Encoding Random(Random random, int question, int passage)
    {
        var roles = $"S{new string('Q', question)}S{new string('P', passage)}S";
        return Of([.. roles.Select(_ => random.Next(2, 50))], [.. roles.Select((_, i) => i > question + 1 ? 1 : 0)], roles);
    }

    /// <summary>Tokens t0, t1, … with a space between, S special, Q question, P passage.</summary>
    public static Encoding Of(int[] ids, int[] types, string roles)
    {
        var (question, passage) = (new System.Text.StringBuilder(), new System.Text.StringBuilder());
        var tokens = new List<Token>();
        for (var i = 0; i < ids.Length; i++)
        {
            var member = roles[i] == 'P' ? passage : question;
            var start = member.Length;
            if (roles[i] != 'S')
                member.Append($"t{i}");
            tokens.Add(new(ids[i], $"t{i}", new(start, member.Length), roles[i] == 'P' ? Segment.Passage : Segment.Question, roles[i] == 'S', i));
            if (roles[i] != 'S')
                member.Append(' ');
        }

        return new(question.ToString(), passage.ToString(), tokens, types);
    }
}
