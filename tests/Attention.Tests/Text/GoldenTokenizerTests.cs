using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

/// <summary>Every golden case of every kind must come out identical: ids, tokens, offsets, type ids, decoded text.</summary>
public class GoldenTokenizerTests
{
    public static TheoryData<string> JsonKinds => [.. TokenizerCases.JsonKinds];

    [Theory]
    [MemberData(nameof(JsonKinds))]
    public void Tokenizer_json_gives_the_golden_encodings(string kind)
    {
        var tokenizer = Tokenizer.Load(TokenizerCases.JsonFolder(kind));
        var differences = TokenizerCases.OfJson(kind).Select(expected => Compare(tokenizer, expected)).OfType<string>().ToList();
        Assert.True(differences.Count == 0, $"{differences.Count} cases differ:\n{string.Join("\n", differences)}");
    }

    [Theory]
    [InlineData("wordpiece_uncased")]
    [InlineData("wordpiece_cased")]
    [InlineData("gpt2")]
    [InlineData("roberta")]
    public void Vocabulary_files_give_the_golden_encodings(string kind)
    {
        var tokenizer = Tokenizer.Load(TokenizerCases.FilesFolder(kind));
        foreach (var expected in TokenizerCases.OfFiles(kind))
        {
            var encoding = tokenizer.Encode(expected.Text, expected.Pair);
            Assert.Equal(expected.Ids, encoding.Ids);
            Assert.Equal(expected.Types ?? encoding.TypeIds, encoding.TypeIds);
            if (expected.Tokens is not null && expected.Pair is null)
                Assert.Equal(expected.Tokens, encoding.Tokens.Where(token => !token.Special).Select(token => token.Text));
            if (expected.Decoded is not null) Assert.Equal(expected.Decoded, tokenizer.Decode(encoding.Ids, skipSpecial: false));
        }
    }

    [Theory]
    [MemberData(nameof(JsonKinds))]
    public void Ids_alone_are_those_of_the_encoding(string kind)
    {
        var tokenizer = Tokenizer.Load(TokenizerCases.JsonFolder(kind));
        foreach (var expected in TokenizerCases.OfJson(kind).Where(expected => expected.Pair is null))
            Assert.Equal(expected.IdsNoSpecial, tokenizer.EncodeToIds(expected.Text));
    }

    private static string? Compare(Tokenizer tokenizer, JsonCase expected)
    {
        var encoding = tokenizer.Encode(expected.Text, expected.Pair);
        var plain = tokenizer.Encode(expected.Text, expected.Pair, new EncodeOptions { AddSpecial = false });
        var offsets = expected.Offsets.Select(offset => (offset[0], offset[1]));
        var want = Show(expected.Ids, expected.Tokens, offsets, expected.TypeIds ?? encoding.TypeIds, expected.IdsNoSpecial, expected.Decoded);
        var tokens = encoding.Tokens.Select(token => token.Text);
        var got = Show(encoding.Ids, tokens, TokenizerCases.Offsets(encoding), encoding.TypeIds, plain.Ids, tokenizer.Decode(encoding.Ids));
        return want == got ? null : $"{expected.Text}\n  expected {want}\n  was      {got}";
    }

    private static string Show(int[] ids, IEnumerable<string> tokens, IEnumerable<(int, int)> offsets, int[] types, int[] plain, string decoded) =>
        string.Join(
            " | ",
            string.Join(' ', ids), string.Join('\u00A6', tokens), string.Join(' ', offsets), string.Join(' ', types), string.Join(' ', plain), decoded);
}
