using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

/// <summary>Every golden case of every kind must come out identical: ids, tokens, offsets, type ids, decoded text.</summary>
public class GoldenTokenizerTests
{
    [Theory]
    [MemberData(nameof(JsonKinds))]
    public void Tokenizer_json_gives_the_golden_encodings(string kind)
    {
        var tokenizer = Tokenizer.Load(TokenizerCases.JsonFolder(kind));
        var differences = TokenizerCases.OfJson(kind).Select(expected => Compare(tokenizer, expected)).OfType<string>().ToList();
        Assert.True(differences.Count == 0, $"{differences.Count} cases differ:\n{string.Join("\n", differences)}");
    }

    public static TheoryData<string> JsonKinds() => [.. Directory.GetDirectories(TokenizerCases.JsonFolder("")).Select(Path.GetFileName).OfType<string>().Order()];

    [Theory]
    [InlineData("wordpiece_uncased")]
    [InlineData("wordpiece_cased")]
    public void Vocabulary_files_give_the_golden_encodings(string kind)
    {
        var tokenizer = Tokenizer.Load(TokenizerCases.FilesFolder(kind));
        foreach (var expected in TokenizerCases.OfFiles(kind))
        {
            var encoding = tokenizer.Encode(expected.Text, expected.Pair);
            Assert.Equal(expected.Ids, encoding.Ids);
            Assert.Equal(expected.Types ?? encoding.TypeIds, encoding.TypeIds);
            if (expected.Pair is null) Assert.Equal(expected.Tokens, encoding.Tokens.Where(token => !token.Special).Select(token => token.Text));
        }
    }

    private static string? Compare(Tokenizer tokenizer, JsonCase expected)
    {
        var encoding = tokenizer.Encode(expected.Text, expected.Pair);
        var plain = tokenizer.Encode(expected.Text, expected.Pair, new EncodeOptions { AddSpecial = false });
        var want = Show(expected.Ids, expected.Tokens, expected.Offsets.Select(o => (o[0], o[1])), expected.TypeIds ?? encoding.TypeIds, expected.IdsNoSpecial, expected.Decoded);
        var offsets = encoding.Tokens.Select(token => CodePoints(token.Segment == Segment.Passage ? expected.Pair! : expected.Text, token.Range));
        var got = Show(encoding.Ids, encoding.Tokens.Select(token => token.Text), offsets, encoding.TypeIds, plain.Ids, tokenizer.Decode(encoding.Ids));
        return want == got ? null : $"{expected.Text}\n  expected {want}\n  was      {got}";
    }

    private static string Show(int[] ids, IEnumerable<string> tokens, IEnumerable<(int, int)> offsets, int[] types, int[] plain, string decoded) =>
        $"{string.Join(' ', ids)} | {string.Join('\u00A6', tokens)} | {string.Join(' ', offsets)} | {string.Join(' ', types)} | {string.Join(' ', plain)} | {decoded}";

    private static (int Start, int End) CodePoints(string text, TextRange range) => (CodePoints(text, range.Start), CodePoints(text, range.End));

    private static int CodePoints(string text, int end)
    {
        var count = 0;
        foreach (var unused in text.AsSpan(0, end).EnumerateRunes()) count++;
        return count;
    }
}
