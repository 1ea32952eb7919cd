using AttentionServer.Graphs;

namespace AttentionServer.Models.Architectures;

/// <summary>BERT (Devlin et al. 2019): post-LayerNorm encoder with word, position and segment embeddings.</summary>
public sealed class Bert : Architecture
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["bert"];

    /// <inheritdoc/>
    public override string Title => "BERT";

    /// <inheritdoc/>
    public override string WordTable => "bert.embeddings.word_embeddings.weight";

    /// <inheritdoc/>
    public override IReadOnlyCollection<HeadKind> Heads =>
        [HeadKind.MaskedLanguageModel, HeadKind.QuestionAnswering, HeadKind.Classification, HeadKind.TokenClassification];

    /// <inheritdoc/>
    public override BlockLayout Block(ModelConfig config, int layer) => BlockLayout.OfBert($"bert.encoder.layer.{layer}");

    /// <inheritdoc/>
    protected override Value Embed(Composer composer) => composer.Embed("bert.embeddings");

    /// <inheritdoc/>
    protected override void ComposeHead(Composer composer, HeadKind head, Value rows)
    {
        var (graph, config) = (composer.Graph, composer.Config);
        switch (head)
        {
            case HeadKind.MaskedLanguageModel:
                var words = composer.Linear(composer.WordRows(rows), "cls.predictions.transform.dense", config.Hidden);
                words = composer.LayerNorm(composer.Activation(words), "cls.predictions.transform.LayerNorm");
                composer.OutputWords(head, words, ["cls.predictions.decoder.weight", WordTable], ["cls.predictions.bias", "cls.predictions.decoder.bias"]);
                break;
            case HeadKind.QuestionAnswering:
                composer.OutputSpan(composer.Linear(rows, "qa_outputs", 2));
                break;
            case HeadKind.Classification:
                var pooled = graph.Tanh(composer.Linear(composer.FirstRows(rows), "bert.pooler.dense", config.Hidden));
                composer.OutputClasses(composer.Linear(pooled, "classifier", config.Labels.Count));
                break;
            case HeadKind.TokenClassification:
                composer.OutputTokenClasses(rows, "classifier");
                break;
            default:
                throw NoHead(head);
        }
    }
}
