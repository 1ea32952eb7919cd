using AttentionServer.Graphs;

namespace AttentionServer.Models.Architectures;

/// <summary>
/// ELECTRA (Clark et al. 2020): BERT's blocks, word embeddings that may be narrower than the hidden states, and two
/// models in one family: a generator that fills masks and a discriminator that spots replaced tokens.
/// </summary>
public sealed class Electra : Architecture
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["electra"];

    /// <inheritdoc/>
    public override string Title => "ELECTRA";

    /// <inheritdoc/>
    public override string WordTable => "electra.embeddings.word_embeddings.weight";

    /// <inheritdoc/>
    public override IReadOnlyCollection<HeadKind> Heads =>
        [HeadKind.MaskedLanguageModel, HeadKind.ReplacedTokenDetection, HeadKind.QuestionAnswering, HeadKind.Classification, HeadKind.TokenClassification];

    /// <inheritdoc/>
    public override BlockLayout Block(ModelConfig config, int layer) => BlockLayout.OfBert($"electra.encoder.layer.{layer}");

    /// <inheritdoc/>
    protected override Value Embed(Composer composer)
    {
        var rows = composer.Embed("electra.embeddings");
        var config = composer.Config;
        return config.EmbeddingSize == config.Hidden ? rows : composer.Linear(rows, "electra.embeddings_project", config.Hidden);
    }

    /// <inheritdoc/>
    protected override void ComposeHead(Composer composer, HeadKind head, Value rows)
    {
        var (graph, config) = (composer.Graph, composer.Config);
        switch (head)
        {
            case HeadKind.MaskedLanguageModel:
                var words = graph.Gelu(composer.Linear(composer.WordRows(rows), "generator_predictions.dense", config.EmbeddingSize));
                words = composer.LayerNorm(words, "generator_predictions.LayerNorm");
                composer.OutputWords(head, words, ["generator_lm_head.weight", WordTable], ["generator_lm_head.bias"]);
                break;
            case HeadKind.ReplacedTokenDetection:
                var judged = composer.Activation(composer.Linear(rows, "discriminator_predictions.dense", config.Hidden));
                composer.OutputReplaced(composer.Linear(judged, "discriminator_predictions.dense_prediction", 1));
                break;
            case HeadKind.QuestionAnswering:
                composer.OutputSpan(composer.Linear(rows, "qa_outputs", 2));
                break;
            case HeadKind.Classification:
                var first = graph.Gelu(composer.Linear(composer.FirstRows(rows), "classifier.dense", config.Hidden));
                composer.OutputClasses(composer.Linear(first, "classifier.out_proj", config.Labels.Count));
                break;
            case HeadKind.TokenClassification:
                composer.OutputTokenClasses(rows, "classifier");
                break;
            default:
                throw NoHead(head);
        }
    }
}
