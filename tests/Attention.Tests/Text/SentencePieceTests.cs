using System.Buffers.Binary;
using System.Text.Json;
using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

/// <summary>SentencePiece model files, written here from the golden vocabularies, whose cases SentencePiece itself confirmed.</summary>
public class SentencePieceTests
{
    /// <summary>Where the library and SentencePiece disagree: half-width marks, and U+0085 at the end.</summary>
    private static readonly string[] LibraryOnly = ["\uFF26", "control\u0001", "``"];

    [Fact]
    public void A_unigram_model_file_gives_the_golden_ids()
    {
        using var json = Json("unigram_t5");
        var rules = Convert.FromBase64String(json.RootElement.GetProperty("normalizer").GetProperty("precompiled_charsmap").GetString()!);
        var model = json.RootElement.GetProperty("model");
        var unknown = model.GetProperty("unk_id").GetInt32();
        var pieces = model.GetProperty("vocab").EnumerateArray().Select((entry, id) =>
            (entry[0].GetString()!, entry[1].GetSingle(), id == unknown ? PieceKind.Unknown : id < 3 || id >= 451 ? PieceKind.Control : PieceKind.Normal));
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer_config.json", "{\"extra_ids\": 0}");
        var tokenizer = Tokenizer.Load(folder.Write("spiece.model", Model(pieces, modelType: 1, rules)));
        AssertGolden(tokenizer, "unigram_t5", expected: 57);
    }

    [Fact]
    public void A_bpe_model_file_gives_the_golden_ids()
    {
        using var json = Json("bpe_byte_fallback");
        var model = json.RootElement.GetProperty("model");
        var ranks = model.GetProperty("merges").EnumerateArray().Select((merge, rank) => (merge.GetString()!.Replace(" ", ""), rank)).DistinctBy(merge => merge.Item1)
            .ToDictionary(merge => merge.Item1, merge => merge.rank);
        var pieces = model.GetProperty("vocab").EnumerateObject().Select(entry =>
        {
            var id = entry.Value.GetInt32();
            var kind = id == 0 ? PieceKind.Unknown : id < 3 ? PieceKind.Control : ByteTokens.ValueOf(entry.Name) is not null ? PieceKind.Byte : PieceKind.Normal;
            return (entry.Name, ranks.TryGetValue(entry.Name, out var rank) ? -rank : -1e6f, kind);
        });
        using var folder = new TemporaryFolder();
        var tokenizer = Tokenizer.Load(folder.Write("tokenizer.model", Model(pieces, modelType: 2, [], byteFallback: true, removeExtraSpaces: false)));
        AssertGolden(tokenizer, "bpe_byte_fallback", expected: 60);
        Assert.Equal(1, tokenizer.Encode("the cat").Ids[0]);
        Assert.Equal("the cat", tokenizer.Decode(tokenizer.Encode("the cat").Ids));
    }

    [Fact]
    public void Albert_cleans_its_text_and_lays_it_out_as_bert_does()
    {
        using var folder = new TemporaryFolder();
        var pieces = new[]
        {
            ("<pad>", 0f, PieceKind.Control), ("<unk>", 0f, PieceKind.Unknown), ("[CLS]", 0f, PieceKind.Control), ("[SEP]", 0f, PieceKind.Control), ("[MASK]", 0f, PieceKind.Control),
            ("(", 0f, PieceKind.UserDefined), ("\u2581", -3f, PieceKind.Normal), ("\u2581cafe", -2f, PieceKind.Normal), ("\u2581a", -4f, PieceKind.Normal), ("b", -4f, PieceKind.Normal),
            ("(b", -1f, PieceKind.Normal),
        };
        folder.Write("tokenizer_config.json", "{\"tokenizer_class\": \"AlbertTokenizer\"}");
        var tokenizer = Tokenizer.Load(folder.Write("spiece.model", Model(pieces, modelType: 1, [])));
        var encoding = tokenizer.Encode("  Café   a(b  [MASK]z");
        Assert.Equal(["[CLS]", "\u2581cafe", "\u2581a", "(", "b", "  [MASK]", "\u2581", "z", "[SEP]"], encoding.Tokens.Select(token => token.Text));
        Assert.Equal([2, 7, 8, 5, 9, 4, 6, 1, 3], encoding.Ids);
        Assert.Equal(["Café", "   a", "(", "b", "  [MASK]"], encoding.Tokens.Skip(1).Take(5).Select(token => encoding.SourceOf(token).ToString()));
        Assert.Equal(["z", "z"], encoding.Tokens.Skip(6).Take(2).Select(token => encoding.SourceOf(token).ToString()));
    }

    [Fact]
    public void Xlm_r_moves_its_ids_as_fairseq_did()
    {
        using var folder = new TemporaryFolder();
        var pieces = new[]
        {
            ("<unk>", 0f, PieceKind.Unknown), ("<s>", 0f, PieceKind.Control), ("</s>", 0f, PieceKind.Control), ("\u2581a", -1f, PieceKind.Normal), ("b", -2f, PieceKind.Normal),
        };
        var tokenizer = Tokenizer.Load(folder.Write("sentencepiece.bpe.model", Model(pieces, modelType: 1, [])));
        Assert.Equal([0, 4, 5, 2], tokenizer.Encode("ab").Ids);
        Assert.Equal([0, 4, 2, 2, 4, 6, 2], tokenizer.Encode("a", "a <mask>").Ids);
        Assert.Equal(new SpecialTokens { Bos = 0, Cls = 0, Pad = 1, Eos = 2, Sep = 2, Unk = 3, Mask = 6 }, tokenizer.Special);
    }

    [Fact]
    public void T5_s_sentinels_follow_in_falling_order()
    {
        using var folder = new TemporaryFolder();
        var pieces = new[] { ("<pad>", 0f, PieceKind.Control), ("</s>", 0f, PieceKind.Control), ("<unk>", 0f, PieceKind.Unknown), ("\u2581a", -1f, PieceKind.Normal) };
        var tokenizer = Tokenizer.Load(folder.Write("spiece.model", Model(pieces, modelType: 1, [])));
        Assert.Equal((103, 4, 104), (tokenizer.IdOf("<extra_id_0>"), tokenizer.IdOf("<extra_id_99>"), tokenizer.VocabularySize));
        Assert.Equal([3, 103, 3, 1], tokenizer.Encode("a<extra_id_0>a").Ids);
    }

    [Theory]
    [InlineData(3, false, "words or characters")]
    [InlineData(1, true, "spaces end words")]
    public void Other_kinds_of_model_are_named(int modelType, bool spacesEndWords, string sentence)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("spiece.model", Model([("<unk>", 0, PieceKind.Unknown)], modelType, [], spacesEndWords: spacesEndWords));
        Assert.Contains(sentence, Assert.Throws<TokenizerException>(() => Tokenizer.Load(file)).Message);
    }

    [Fact]
    public void Damage_anywhere_never_crashes()
    {
        using var folder = new TemporaryFolder();
        var pieces = Enumerable.Range(0, 50).Select(i => ($"\u2581{(char)('a' + (i % 26))}{i}", -(float)i, PieceKind.Normal)).Prepend(("<unk>", 0f, PieceKind.Unknown))
            .Append(("</s>", 0f, PieceKind.Control));
        var good = Model(pieces, modelType: 1, new byte[40]);
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var bytes = random.Next(3) == 0 ? good[..random.Next(good.Length)] : [.. good];
            for (var flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Tokenizer.Load(folder.Write("spiece.model", bytes)).Encode("a0 b1 \U0001F600\u0301");
            }
            catch (TokenizerException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
        }
    }

    private static void AssertGolden(Tokenizer tokenizer, string kind, int expected)
    {
        var cases = TokenizerCases.OfJson(kind)
            .Where(c => c.Pair is null && !c.Text.Contains('<') && !LibraryOnly.Any(start => c.Text.StartsWith(start, StringComparison.Ordinal)))
            .ToList();
        Assert.InRange(cases.Count, expected - 3, 62);
        foreach (var c in cases) Assert.Equal((c.Text, string.Join(' ', c.IdsNoSpecial)), (c.Text, string.Join(' ', tokenizer.EncodeToIds(c.Text))));
    }

    private static JsonDocument Json(string kind) => JsonDocument.Parse(File.ReadAllText(Path.Combine(TokenizerCases.JsonFolder(kind), "tokenizer.json")));

    private static byte[] Model(
        IEnumerable<(string Text, float Score, PieceKind Kind)> pieces, int modelType, byte[] rules, bool byteFallback = false, bool removeExtraSpaces = true, bool spacesEndWords = false)
    {
        var file = new List<byte>();
        foreach (var (text, score, kind) in pieces)
        {
            var number = new byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(number, score);
            Bytes(file, 1, [.. Field(1, System.Text.Encoding.UTF8.GetBytes(text)), (2 << 3) | 5, .. number, 3 << 3, (byte)kind]);
        }
        List<byte> trainer = [3 << 3, (byte)modelType];
        if (spacesEndWords) Number(trainer, 24, 1);
        if (byteFallback) Number(trainer, 35, 1);
        Bytes(file, 2, [.. trainer]);
        List<byte> normalizer = [4 << 3, (byte)(removeExtraSpaces ? 1 : 0)];
        if (rules.Length > 0) Bytes(normalizer, 2, rules);
        Bytes(file, 3, [.. normalizer]);
        return [.. file];
    }

    private static List<byte> Field(int number, byte[] content)
    {
        var field = new List<byte>();
        Bytes(field, number, content);
        return field;
    }

    private static void Bytes(List<byte> message, int field, byte[] content)
    {
        Varint(message, (field << 3) | 2);
        Varint(message, content.Length);
        message.AddRange(content);
    }

    private static void Number(List<byte> message, int field, int value)
    {
        Varint(message, field << 3);
        Varint(message, value);
    }

    private static void Varint(List<byte> message, int value)
    {
        for (; value >= 0x80; value >>= 7) message.Add((byte)(value | 0x80));
        message.Add((byte)value);
    }
}
