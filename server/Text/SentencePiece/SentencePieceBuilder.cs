using System.Text;

namespace AttentionServer.Text;

/// <summary>Builds a tokenizer from a SentencePiece model and the habits of the model family that it comes with.</summary>
internal sealed class SentencePieceBuilder(SentencePieceModel model, TokenizerConfig config, string origin)
{
    private readonly List<SentencePiece> pieces = [.. model.Pieces];

    public Tokenizer Build()
    {
        var family = Family();
        if (family == "xlmroberta") MoveToFairseqIds();
        if (family == "t5") AddSentinels();
        var entries = pieces.Select((piece, id) => KeyValuePair.Create(piece.Text, id)).ToList();
        var vocabulary = new Vocabulary(entries, origin);
        var defined = pieces.Index().Where(piece => piece.Item.Kind == PieceKind.UserDefined)
            .Select(piece => new AddedToken(piece.Index, piece.Item.Text, Normalized: true, Special: false)
            {
                NormalForm = piece.Item.Text,
            })
            .ToList();
        var untouched = new TokenFinder(defined.Select(token => (token.Content, token)));
        var normalizer = new SequenceNormalizer([.. FamilySteps(family), new SentencePieceNormalizer(model, untouched)]);
        var mask = config.TokenFor("mask_token") ?? (family == "albert" ? "[MASK]" : family == "xlmroberta" ? "<mask>" : null);
        var special = pieces.Index().Where(piece => piece.Item.Kind is PieceKind.Control or PieceKind.Unknown)
            .Select(piece => new AddedToken(piece.Index, piece.Item.Text, StripLeft: piece.Item.Text == mask));
        var tokens = new AddedTokens([.. special, .. defined, .. config.AddedTokens()], normalizer);
        var parts = new TokenizerParts
        {
            Added = tokens,
            Template = TemplateOf(family, vocabulary),
            Decoder = new SequenceDecoder([
                new ReplaceDecoder(new StringFinder(Metaspace.Text), " "), new ByteFallbackDecoder(), new FuseDecoder(),
                new StripDecoder(' ', model.AddDummyPrefix ? 1 : 0, 0)]),
            CleansUp = config.Flag("clean_up_tokenization_spaces") ?? false,
            Special = SpecialTokenRoles.Find(config, token => tokens.Find(token)?.Id ?? vocabulary.IdOf(token)),
        };
        return model.ModelType == 1 ? Unigram(vocabulary, parts) : Bpe(vocabulary, parts);
    }

    private string Family() => config.Kind switch
    {
        "albert" => "albert",
        "xlmroberta" => "xlmroberta",
        "t5" or "mt5" => "t5",
        "llama" or "gemma" or "mistral" => "llama",
        null when Has("[CLS]") => "albert",
        null when model.ModelType == 2 => "llama",
        null when origin == "sentencepiece.bpe.model" => "xlmroberta",
        null => "t5",
        var other => throw new TokenizerException(
            $"{origin}: the tokenizer \"{other}\" cannot be read from its SentencePiece model: save it as tokenizer.json."),
    };

    private bool Has(string text) => pieces.Exists(piece => piece.Text == text);

    /// <summary>XLM-R numbers its tokens as fairseq did: four special tokens, then the pieces from the fourth on, then the mask.</summary>
    private void MoveToFairseqIds()
    {
        SentencePiece Control(string text) => new(text, 0, text == "<unk>" ? PieceKind.Unknown : PieceKind.Control);
        pieces.RemoveRange(0, Math.Min(3, pieces.Count));
        pieces.InsertRange(0, [Control("<s>"), Control("<pad>"), Control("</s>"), Control("<unk>")]);
        pieces.Add(Control("<mask>"));
    }

    /// <summary>T5's sentinels follow the pieces in falling order.</summary>
    private void AddSentinels()
    {
        var count = config.Integer("extra_ids") ?? 100;
        if (count is < 0 or > 10_000) throw new TokenizerException($"tokenizer_config.json asks for {count} extra_ids, which no model has.");
        for (var i = count - 1; i >= 0; i--)
            if (!Has($"<extra_id_{i}>")) pieces.Add(new SentencePiece($"<extra_id_{i}>", 0, PieceKind.Control));
    }

    /// <summary>ALBERT cleans its text before SentencePiece sees it.</summary>
    private IEnumerable<Normalizer> FamilySteps(string family)
    {
        if (family != "albert") yield break;
        foreach (var quotes in new[] { "``", "''" }) yield return new ReplaceNormalizer(new StringFinder(quotes), "\"");
        if (!(config.Flag("keep_accents") ?? false))
        {
            yield return new UnicodeNormalizer(NormalizationForm.FormKD);
            yield return new MarkRemover(Characters.IsCombiningMark);
        }
        if (config.Flag("do_lower_case") ?? true) yield return new LowerCaseNormalizer();
    }

    private Template TemplateOf(string family, Vocabulary vocabulary)
    {
        (int, string) Token(string role, string usual)
        {
            var content = config.TokenFor(role) ?? usual;
            return (vocabulary.IdOf(content) ?? throw TokenizerConfig.Missing(role, content, origin), content);
        }
        return family switch
        {
            "albert" => Template.Bert(Token("cls_token", "[CLS]"), Token("sep_token", "[SEP]")),
            "xlmroberta" => Template.Roberta(Token("cls_token", "<s>"), Token("sep_token", "</s>")),
            "llama" when config.Flag("add_bos_token") ?? true => Template.Begun(Token("bos_token", "<s>")),
            "t5" => Template.Ended(Token("eos_token", "</s>")),
            _ => Template.Bare,
        };
    }

    private UnigramTokenizer Unigram(Vocabulary vocabulary, TokenizerParts parts)
    {
        var unreachable = pieces.Index().Where(piece => piece.Item.Kind != PieceKind.Normal).Select(piece => piece.Index).ToHashSet();
        var normal = pieces.Where(piece => piece.Kind == PieceKind.Normal).Select(piece => piece.Score);
        var scores = pieces.Select(piece => piece.Score).ToArray();
        return new UnigramTokenizer(vocabulary, parts, new UnigramOptions(scores, Unknown(), model.ByteFallback)
        {
            Unreachable = unreachable,
            LowestScore = normal.DefaultIfEmpty().Min(),
        });
    }

    /// <summary>Here any two neighbours merge whose text together is a piece, those of the highest score first.</summary>
    private BpeTokenizer Bpe(Vocabulary vocabulary, TokenizerParts parts)
    {
        var byScore = pieces.Where(piece => piece.Kind is PieceKind.Normal or PieceKind.Unused)
            .GroupBy(piece => piece.Score).OrderByDescending(group => group.Key);
        var merges = byScore.SelectMany((group, rank) =>
            group.SelectMany(piece => Splits(piece.Text, vocabulary)).Select(split => (split.Left, split.Right, rank)));
        var unknown = pieces[Unknown()].Text;
        var options = new BpeOptions(origin) { UnknownToken = unknown, FuseUnknown = true, ByteFallback = model.ByteFallback };
        return new BpeTokenizer(vocabulary, parts, new BpeMerges(merges, vocabulary, "", origin), options);
    }

    private static IEnumerable<(string Left, string Right)> Splits(string text, Vocabulary vocabulary)
    {
        for (var at = 1; at < text.Length; at++)
        {
            var (left, right) = (text[..at], text[at..]);
            if (vocabulary.IdOf(left) is not null && vocabulary.IdOf(right) is not null) yield return (left, right);
        }
    }

    private int Unknown() =>
        pieces.FindIndex(piece => piece.Kind == PieceKind.Unknown) is var id and >= 0 ? id
        : throw new TokenizerException($"{origin} has no unknown piece.");
}
