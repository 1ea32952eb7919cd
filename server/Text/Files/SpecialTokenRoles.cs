namespace AttentionServer.Text;

/// <summary>Finds the tokens with a role: as the configuration names them, else under the names that models have used for them.</summary>
internal static class SpecialTokenRoles
{
    public static SpecialTokens Find(TokenizerConfig config, Func<string, int?> idOf)
    {
        int? Role(string role, params string[] usual) =>
            config.TokenFor(role) is { } named ? idOf(named) : usual.Select(idOf).FirstOrDefault(id => id is not null);
        // GPT-2 has one token for everything that is not text.
        var bos = Role("bos_token", "<s>", "<|begin_of_text|>", "<bos>", "<|endoftext|>");
        var eos = Role("eos_token", "</s>", "<|end_of_text|>", "<eos>", "<|endoftext|>");
        return new SpecialTokens
        {
            Pad = Role("pad_token", "[PAD]", "<pad>"),
            Unk = Role("unk_token", "[UNK]", "<unk>"),
            Cls = Role("cls_token", "[CLS]", "<s>"),
            Sep = Role("sep_token", "[SEP]", "</s>"),
            Mask = Role("mask_token", "[MASK]", "<mask>"),
            Bos = bos,
            Eos = eos,
        };
    }
}
