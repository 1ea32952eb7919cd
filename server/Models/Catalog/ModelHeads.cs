using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Catalog;

/// <summary>Which heads a checkpoint holds: its tensors are the evidence, its class name decides between heads that look alike.</summary>
internal static class ModelHeads
{
    // One tensor that nothing but this head has.
    private static readonly (HeadKind Head, string Tensor)[] Evidence =
    [
        (HeadKind.MaskedLanguageModel, "cls.predictions.transform.dense.weight"),
        (HeadKind.MaskedLanguageModel, "lm_head.dense.weight"),
        (HeadKind.MaskedLanguageModel, "vocab_transform.weight"),
        (HeadKind.MaskedLanguageModel, "generator_predictions.dense.weight"),
        (HeadKind.MaskedLanguageModel, "predictions.dense.weight"),
        (HeadKind.QuestionAnswering, "qa_outputs.weight"),
        (HeadKind.ReplacedTokenDetection, "discriminator_predictions.dense.weight"),
        (HeadKind.Classification, "classifier.out_proj.weight"),
        (HeadKind.Classification, "pre_classifier.weight"),
        (HeadKind.Classification, "score.weight"),
    ];

    // Classes of a text and classes of its tokens are the same matrix: only the class name tells.
    private const string Classifier = "classifier.weight";

    /// <summary>The heads that can be computed, the one the model was saved with first.</summary>
    public static IReadOnlyList<HeadKind> Of(Checkpoint checkpoint, HeadKind? saved, IReadOnlyCollection<HeadKind> computable)
    {
        var found = Evidence.Where(e => checkpoint.Has(e.Tensor)).Select(e => e.Head).ToList();
        if (saved is HeadKind.TokenClassification or HeadKind.Classification && checkpoint.Has(Classifier))
            found.Add(saved.Value);
        // GPT-2's words are read with the embedding, so no tensor shows this head; a classifier was tuned away from it.
        if (computable.Contains(HeadKind.CausalLanguageModel) && found.Count == 0)
            found.Add(HeadKind.CausalLanguageModel);
        return [.. found.Distinct().Where(computable.Contains).OrderByDescending(h => h == saved)];
    }
}
