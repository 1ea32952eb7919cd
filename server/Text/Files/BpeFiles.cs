using System.Text;

namespace AttentionServer.Text;

/// <summary>Byte-level BPE as GPT-2 and RoBERTa were published: vocab.json and merges.txt (or encoder.json and vocab.bpe).</summary>
internal static class BpeFiles
{
    private const string Qwen2Words =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static BpeTokenizer Read(string vocabularyFile, string mergesFile, TokenizerConfig config)
    {
        if (!File.Exists(mergesFile))
            throw new TokenizerException($"{vocabularyFile} needs {Path.GetFileName(mergesFile)} beside it, which is not there.");
        var json = JsonPart.Read(vocabularyFile);
        var vocabulary = new Vocabulary(ModelFormat.ReadIds(json), json.Place);
        return KindOf(config, vocabulary) switch
        {
            "roberta" => Build(vocabulary, mergesFile, config, Roberta(vocabulary, config)),
            "qwen2" => Build(vocabulary, mergesFile, config, Qwen2(vocabulary, config)),
            _ => Build(vocabulary, mergesFile, config, Gpt2(vocabulary, config)),
        };
    }

    private sealed record Flavour(
        List<AddedToken> Added, Template Template, Normalizer? Normalizer = null, RangeTrimmer? Trimmer = null, PreTokenizer? Words = null);

    private static string KindOf(TokenizerConfig config, Vocabulary vocabulary)
    {
        switch (config.Kind)
        {
            case "roberta" or "longformer" or "bart" or "led": return "roberta";
            case "qwen2" or "qwen3": return "qwen2";
            case "gpt2" or "gptneo" or "opt" or "codegen" or "gptj": return "gpt2";
            case null: return vocabulary.IdOf("<s>") is not null && vocabulary.IdOf("</s>") is not null ? "roberta" : "gpt2";
            case var other:
                throw new TokenizerException($"The tokenizer \"{other}\" cannot be read from vocabulary files: save it as tokenizer.json.");
        }
    }

    private static BpeTokenizer Build(Vocabulary vocabulary, string mergesFile, TokenizerConfig config, Flavour flavour)
    {
        var added = new AddedTokens(flavour.Added.Concat(config.AddedTokens()), flavour.Normalizer);
        var origin = Path.GetFileName(mergesFile);
        var words = new ByteLevelPreTokenizer(config.Flag("add_prefix_space") ?? false, usePattern: flavour.Words is null);
        var parts = new TokenizerParts
        {
            Added = added,
            PreTokenizer = flavour.Words is null ? words : new SequencePreTokenizer([flavour.Words, words]),
            Template = flavour.Template,
            Trimmer = flavour.Trimmer,
            Decoder = new ByteLevelDecoder(),
            CleansUp = config.Flag("clean_up_tokenization_spaces") ?? true,
            Special = SpecialTokenRoles.Find(config, token => added.Find(token)?.Id ?? vocabulary.IdOf(token)),
        };
        var merges = new BpeMerges(ReadMerges(mergesFile, origin), vocabulary, "", origin);
        return new BpeTokenizer(vocabulary, parts, merges, new BpeOptions(origin));
    }

    private static Flavour Gpt2(Vocabulary vocabulary, TokenizerConfig config)
    {
        const string Usual = "<|endoftext|>";
        var added = Known(vocabulary, config, ("eos_token", Usual), ("bos_token", Usual), ("unk_token", Usual), ("pad_token", "<pad>"));
        var begins = config.Flag("add_bos_token") ?? false;
        var template = begins ? Template.Begun(Needed(vocabulary, config, "bos_token", Usual)) : Template.Bare;
        return new Flavour(added, template);
    }

    private static Flavour Roberta(Vocabulary vocabulary, TokenizerConfig config)
    {
        var added = Known(
            vocabulary, config, ("bos_token", "<s>"), ("eos_token", "</s>"), ("cls_token", "<s>"), ("sep_token", "</s>"),
            ("pad_token", "<pad>"), ("unk_token", "<unk>"));
        added.RemoveAll(token => token.Content == (config.TokenFor("mask_token") ?? "<mask>"));
        // The mask stands for a word and takes the space before it, as the space is part of the word's token.
        added.AddRange(Known(vocabulary, config, ("mask_token", "<mask>")).Select(mask => mask with { StripLeft = true }));
        var template = Template.Roberta(Needed(vocabulary, config, "cls_token", "<s>"), Needed(vocabulary, config, "sep_token", "</s>"));
        return new Flavour(added, template, Trimmer: new RangeTrimmer(config.Flag("add_prefix_space") ?? false));
    }

    private static Flavour Qwen2(Vocabulary vocabulary, TokenizerConfig config) => new(
        Known(vocabulary, config, ("eos_token", "<|endoftext|>"), ("pad_token", "<|endoftext|>")),
        Template.Bare,
        new UnicodeNormalizer(NormalizationForm.FormC),
        Words: new SplitPreTokenizer(new PatternFinder(Pattern.Parse(Qwen2Words)), SplitBehavior.Isolated, invert: false));

    private static (int Id, string Content) Needed(Vocabulary vocabulary, TokenizerConfig config, string role, string usual)
    {
        var content = config.TokenFor(role) ?? usual;
        return (vocabulary.IdOf(content) ?? throw TokenizerConfig.Missing(role, content, "The vocabulary"), content);
    }

    /// <summary>The special tokens that the vocabulary really has.</summary>
    private static List<AddedToken> Known(Vocabulary vocabulary, TokenizerConfig config, params (string Role, string Usual)[] roles) =>
        [.. roles.Select(role => config.TokenFor(role.Role) ?? role.Usual).Distinct()
            .Where(content => vocabulary.IdOf(content) is not null)
            .Select(content => new AddedToken(vocabulary.IdOf(content)!.Value, content))];

    private static IEnumerable<(string Left, string Right)> ReadMerges(string file, string origin)
    {
        var number = 0;
        foreach (var line in TextLines.Read(file))
        {
            number++;
            if (line.Length == 0 || (number == 1 && line.StartsWith("#version", StringComparison.Ordinal))) continue;
            yield return line.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right]
                ? (left, right)
                : throw new TokenizerException($"{origin}, line {number}: \"{line}\" is not a pair of tokens.");
        }
    }
}
