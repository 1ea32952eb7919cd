using System.Text.Json.Nodes;
using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

/// <summary>Whatever is wrong with a file, the answer is one sentence that says what and where, never another exception.</summary>
public class MalformedFileTests
{
    [Theory]
    [InlineData("wordpiece", "model.unk_token", "\"[NONE]\"", "unknown token \"[NONE]\" is not in the vocabulary")]
    [InlineData("wordpiece", "model.vocab", "{}", "vocabulary is empty")]
    [InlineData("wordpiece", "model.vocab", "{\"[UNK]\": 0, \"a\": 0}", "same id 0")]
    [InlineData("wordpiece", "model.vocab", "{\"[UNK]\": 0, \"a\": 99999999999}", "model.vocab.a should be a whole number")]
    [InlineData("wordpiece", "model.vocab", "{\"[UNK]\": 0, \"a\": 2000000000}", "the id 2000000000 of \"a\"")]
    [InlineData("wordpiece", "model.vocab", "{\"[UNK]\": 0, \"a\": -1}", "the id -1 of \"a\"")]
    [InlineData("wordpiece", "model.vocab", "{\"[UNK]\": 0, \"a\": 1.5}", "model.vocab.a should be a whole number")]
    [InlineData("wordpiece", "model.vocab", "{\"[UNK]\": 0, \"a\": 1, \"a\": 2}", "lists the token \"a\" twice")]
    [InlineData("wordpiece", "model.vocab", "\"words\"", "model.vocab should be an object")]
    [InlineData("wordpiece", "model.vocab", "{\"\\ud800\": 0}", "half of a surrogate pair")]
    [InlineData("wordpiece", "model.unk_token", "\"\\udc00\"", "half of a surrogate pair")]
    [InlineData("wordpiece", "model", "null", "has no \"model\"")]
    [InlineData("wordpiece", "model", "[]", "model should be an object")]
    [InlineData("wordpiece", "model.type", "\"Guess\"", "the model \"Guess\" is not supported")]
    [InlineData("wordpiece", "model.max_input_chars_per_word", "\"many\"", "max_input_chars_per_word should be a whole number that fits 32 bits, but is \"many\"")]
    [InlineData("wordpiece", "normalizer", "{\"type\": \"Klingon\"}", "normalizer: the normalizer \"Klingon\" is not supported")]
    [InlineData("wordpiece", "normalizer", "{}", "normalizer has no \"type\"")]
    [InlineData("wordpiece", "normalizer", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"}, {\"type\": \"X\"}]}", "normalizer.normalizers[1]: the normalizer \"X\"")]
    [InlineData("wordpiece", "pre_tokenizer", "{\"type\": \"UnicodeScripts\"}", "the pre-tokenizer \"UnicodeScripts\" is not supported")]
    [InlineData("wordpiece", "pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(?<=a)\"}, \"behavior\": \"Isolated\"}", "pattern.Regex: the pattern \"(?<=a)\" has the group")]
    [InlineData("wordpiece", "pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"String\": \"a\"}, \"behavior\": \"Eaten\"}", "split behavior \"Eaten\"")]
    [InlineData("wordpiece", "pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {}, \"behavior\": \"Isolated\"}", "should have a \"String\" or a \"Regex\"")]
    [InlineData("wordpiece", "post_processor", "{\"type\": \"Wrap\"}", "the post-processor \"Wrap\" is not supported")]
    [InlineData("wordpiece", "post_processor.single", "[]", "post_processor.single should have the text A once")]
    [InlineData("wordpiece", "post_processor.pair", "[{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}]", "should have the texts A and B once each")]
    [InlineData("wordpiece", "post_processor.special_tokens", "{}", "names \"[CLS]\", which special_tokens does not define")]
    [InlineData("wordpiece", "post_processor", "{\"type\": \"BertProcessing\", \"sep\": [\"[SEP]\", 3], \"cls\": [\"[CLS]\", 70000]}", "the id 70000, which the vocabulary lacks")]
    [InlineData("wordpiece", "decoder", "{\"type\": \"CTC\"}", "the decoder \"CTC\" is not supported")]
    [InlineData("wordpiece", "added_tokens", "[{\"id\": 5}]", "added_tokens[0] has no \"content\"")]
    [InlineData("wordpiece", "added_tokens", "[{\"content\": \"x\", \"id\": -3}]", "has the id -3")]
    [InlineData("wordpiece", "added_tokens", "7", "added_tokens should be a list, but is 7")]
    [InlineData("bytelevel_bpe", "model.merges", "[\"a b c\"]", "model.merges[0] should be a pair of tokens")]
    [InlineData("bytelevel_bpe", "model.merges", "[\"a zzzz\"]", "a merge needs the token \"zzzz\"")]
    [InlineData("bytelevel_bpe", "model.merges", "[[\"a\", 1]]", "model.merges[0][1] should be a text")]
    [InlineData("bytelevel_bpe", "model.dropout", "0.1", "a matter of chance")]
    [InlineData("bytelevel_bpe", "model.unk_token", "\"<nope>\"", "unknown token \"<nope>\" is not in the vocabulary")]
    [InlineData("unigram_t5", "model.unk_id", "null", "has no \"unk_id\"")]
    [InlineData("unigram_t5", "model.unk_id", "100000", "names no token")]
    [InlineData("unigram_t5", "model.vocab", "[[\"a\"]]", "model.vocab[0] should be a token and its score")]
    [InlineData("unigram_t5", "model.vocab", "[[\"a\", \"high\"]]", "should be a finite number")]
    [InlineData("unigram_t5", "normalizer.precompiled_charsmap", "\"!!!\"", "precompiled_charsmap")]
    [InlineData("unigram_t5", "normalizer.precompiled_charsmap", "\"AAAA\"", "cut short")]
    [InlineData("unigram_metaspace", "pre_tokenizer.prepend_scheme", "\"sometimes\"", "prepend scheme \"sometimes\"")]
    [InlineData("unigram_metaspace", "pre_tokenizer.replacement", "\"__\"", "should be one character")]
    public void A_wrong_member_is_named(string kind, string member, string value, string sentence)
    {
        using var folder = new TemporaryFolder();
        var text = WithMember(File.ReadAllText(Path.Combine(TokenizerCases.JsonFolder(kind), "tokenizer.json")), member, value);
        var message = Refuse(folder.Write("tokenizer.json", text));
        Assert.Contains(sentence, message);
        Assert.EndsWith(".", message);
    }

    [Theory]
    [InlineData("tokenizer.json", "{\"model\": ", "is not valid JSON (line 1)")]
    [InlineData("tokenizer.json", "", "is not valid JSON")]
    [InlineData("tokenizer.json", "[1, 2]", "should be an object")]
    [InlineData("tokenizer.json", "\"text\"", "should be an object")]
    [InlineData("vocab.txt", "", "vocabulary is empty")]
    [InlineData("vocab.txt", "a\nb\n", "does not list the unk token \"[UNK]\"")]
    [InlineData("vocab.txt", "[UNK]\n[CLS]\n", "does not list the sep token \"[SEP]\"")]
    [InlineData("vocab.json", "{\"a\": 0}", "needs merges.txt beside it")]
    [InlineData("encoder.json", "{\"a\": 0}", "needs vocab.bpe beside it")]
    [InlineData("spiece.model", "not a model", "is not a SentencePiece model")]
    [InlineData("spiece.model", "", "it has no pieces")]
    [InlineData("notes.md", "hello", "is not a tokenizer file that is known here")]
    public void A_broken_file_is_named(string name, string content, string sentence)
    {
        using var folder = new TemporaryFolder();
        var message = Refuse(folder.Write(name, content));
        Assert.Contains(sentence, message);
        Assert.Contains(name, message);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        using var folder = new TemporaryFolder();
        var deep = string.Concat(Enumerable.Repeat("{\"type\":\"Sequence\",\"normalizers\":[", 2000)) + string.Concat(Enumerable.Repeat("]}", 2000));
        Assert.Contains("is not valid JSON", Refuse(folder.Write("tokenizer.json", $"{{\"normalizer\": {deep}}}")));
    }

    [Fact]
    public void Places_without_a_tokenizer_are_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("holds no tokenizer: expected one of tokenizer.json, vocab.txt", Refuse(folder.ToString()));
        Assert.Contains("neither a folder nor a file", Refuse(Path.Combine(folder.ToString(), "missing")));
    }

    [Fact]
    public void Files_beside_the_vocabulary_are_checked_too()
    {
        using var folder = new TemporaryFolder();
        var vocabulary = folder.Write("vocab.txt", "[UNK]\n[CLS]\n[SEP]\na\n");
        folder.Write("tokenizer_config.json", "{\"do_lower_case\": \"yes\"}");
        Assert.Contains("tokenizer_config.json: do_lower_case should be true or false", Refuse(vocabulary));
        folder.Write("tokenizer_config.json", "{\"added_tokens_decoder\": {\"x\": {\"content\": \"y\"}}}");
        Assert.Contains("should be named by a token id", Refuse(vocabulary));
        folder.Write("tokenizer_config.json", "{\"mask_token\": {\"content\": \"<m>\"}}");
        Assert.Null(Tokenizer.Load(vocabulary).Special.Mask);
    }

    [Theory]
    [InlineData("#version: 0.2\nh e x\n", "merges.txt, line 2")]
    [InlineData("h\n", "merges.txt, line 1")]
    [InlineData("#version: 0.2\nzz q\n", "a merge needs the token \"zz\"")]
    public void A_wrong_merge_is_named(string merges, string sentence)
    {
        using var folder = new TemporaryFolder();
        folder.Write("vocab.json", File.ReadAllText(Path.Combine(TokenizerCases.FilesFolder("gpt2"), "vocab.json")));
        Assert.Contains(sentence, Refuse(folder.Write("merges.txt", merges)));
    }

    /// <summary>Every cut and every flipped byte of a good file either loads or is refused in a sentence.</summary>
    [Theory]
    [InlineData("wordpiece")]
    [InlineData("bytelevel_llama3")]
    [InlineData("unigram_metaspace")]
    [InlineData("bpe_byte_fallback")]
    public void Damage_anywhere_never_crashes(string kind)
    {
        using var folder = new TemporaryFolder();
        var good = File.ReadAllBytes(Path.Combine(TokenizerCases.JsonFolder(kind), "tokenizer.json"));
        var random = new Random(11);
        for (var i = 0; i < 60; i++)
        {
            var bytes = random.Next(3) == 0 ? good[..random.Next(good.Length)] : [.. good];
            for (var flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Tokenizer.Load(folder.Write("tokenizer.json", bytes)).Encode("The cat's mat, 漢字 🙂!", "e\u0301 [MASK]");
            }
            catch (TokenizerException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
        }
    }

    private static string Refuse(string path) => Assert.Throws<TokenizerException>(() => Tokenizer.Load(path)).Message;

    /// <summary>Replaces a member by raw JSON, which may hold what a JSON library would not write.</summary>
    private static string WithMember(string json, string member, string value)
    {
        var root = JsonNode.Parse(json)!;
        var parts = member.Split('.');
        var parent = parts[..^1].Aggregate(root, (node, part) => node[part]!);
        parent[parts[^1]] = "$here";
        return root.ToJsonString().Replace("\"$here\"", value);
    }
}
