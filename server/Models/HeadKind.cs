namespace AttentionServer.Models;

/// <summary>What a model was trained to say on top of its hidden states.</summary>
public enum HeadKind
{
    /// <summary>A word for each masked place.</summary>
    MaskedLanguageModel,

    /// <summary>The next word.</summary>
    CausalLanguageModel,

    /// <summary>Start and end of an answer in the passage.</summary>
    QuestionAnswering,

    /// <summary>A class for the whole text.</summary>
    Classification,

    /// <summary>A class for each token.</summary>
    TokenClassification,

    /// <summary>Whether each token was replaced.</summary>
    ReplacedTokenDetection,
}

/// <summary>The short names of heads, as tensors and the command line spell them.</summary>
public static class HeadKinds
{
    private static readonly (HeadKind Kind, string Id, string Title, string Suffix)[] Table =
    [
        // Before the masked LM's own line: what ELECTRA calls pre-training is this, and nobody else has it.
        (HeadKind.ReplacedTokenDetection, "disc", "replaced-token detection", "ForPreTraining"),
        (HeadKind.MaskedLanguageModel, "mlm", "masked LM", "ForMaskedLM"),
        (HeadKind.MaskedLanguageModel, "mlm", "masked LM", "ForPreTraining"),
        (HeadKind.CausalLanguageModel, "lm", "causal LM", "LMHeadModel"),
        (HeadKind.QuestionAnswering, "qa", "question answering", "ForQuestionAnswering"),
        (HeadKind.Classification, "cls", "classification", "ForSequenceClassification"),
        (HeadKind.TokenClassification, "tokens", "token classification", "ForTokenClassification"),
    ];

    /// <summary>mlm, lm, qa, cls, tokens or disc; the prefix of the head's tensors.</summary>
    public static string Id(this HeadKind kind) => Table.First(t => t.Kind == kind).Id;

    /// <summary>The head in words.</summary>
    public static string Title(this HeadKind kind) => Table.First(t => t.Kind == kind).Title;

    /// <summary>The head of that short name; null when there is none.</summary>
    public static HeadKind? FromId(string id) => Table.Where(t => t.Id == id).Select(t => (HeadKind?)t.Kind).FirstOrDefault();

    /// <summary>The head a Hugging Face class name speaks of ("BertForMaskedLM"), among those an architecture has.</summary>
    public static HeadKind? FromClass(string className, IReadOnlyCollection<HeadKind> among) => Table
        .Where(t => className.EndsWith(t.Suffix, StringComparison.Ordinal) && among.Contains(t.Kind))
        .Select(t => (HeadKind?)t.Kind)
        .FirstOrDefault();
}
