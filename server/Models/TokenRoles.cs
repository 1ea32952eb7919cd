namespace AttentionServer.Models;

/// <summary>
/// Which tokens of a text are scaffolding, and which token stands for "nothing here" when a token is blanked out: the mask,
/// or for causal models the end of text.
/// </summary>
public sealed record TokenRoles(int? Blank, IReadOnlySet<int> Special)
{
    /// <summary>
    /// What the ids alone tell, for folders without a vocabulary: the tokens that config.json calls begin and end, or else the
    /// first and the last of the text when they follow each other in the vocabulary, as [CLS] and [SEP] do; the mask follows them.
    /// </summary>
    public static TokenRoles OfIds(ModelConfig config, ReadOnlySpan<int> ids)
    {
        var (first, last) = (config.BosTokenId ?? ids[0], config.EosTokenId ?? ids[^1]);
        var framed = ids[0] == first && ids[^1] == last && (config.EosTokenId != null || last == first + 1);
        var special = framed ? new HashSet<int> { first, last } : [];
        if (config.PadTokenId is { } pad)
            special.Add(pad);
        return new(last == first + 1 && last + 1 < config.VocabularySize ? last + 1 : null, special);
    }
}
