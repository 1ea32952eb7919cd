using AttentionServer.Graphs;

namespace AttentionServer.Models.Architectures;

/// <summary>DistilBERT (Sanh et al. 2019): BERT's blocks, half as many, without segments and without a pooler.</summary>
public sealed class DistilBert : Architecture
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["distilbert"];

    /// <inheritdoc/>
    public override string Title => "DistilBERT";

    /// <inheritdoc/>
    public override string WordTable => "distilbert.embeddings.word_embeddings.weight";

    /// <inheritdoc/>
    public override IReadOnlyCollection<HeadKind> Heads =>
        [HeadKind.MaskedLanguageModel, HeadKind.QuestionAnswering, HeadKind.Classification, HeadKind.TokenClassification];

    /// <inheritdoc/>
    public override BlockLayout Block(ModelConfig config, int layer)
    {
        var name = $"distilbert.transformer.layer.{layer}";
        return new()
        {
            Query = $"{name}.attention.q_lin",
            Key = $"{name}.attention.k_lin",
            Value = $"{name}.attention.v_lin",
            Output = $"{name}.attention.out_lin",
            AttentionNorm = $"{name}.sa_layer_norm",
            Up = $"{name}.ffn.lin1",
            Down = $"{name}.ffn.lin2",
            OutputNorm = $"{name}.output_layer_norm",
        };
    }

    /// <inheritdoc/>
    protected override Value Embed(Composer composer) => composer.Embed("distilbert.embeddings");

    /// <inheritdoc/>
    protected override void ComposeHead(Composer composer, HeadKind head, Value rows)
    {
        var (graph, config) = (composer.Graph, composer.Config);
        switch (head)
        {
            case HeadKind.MaskedLanguageModel:
                var words = composer.Activation(composer.Linear(composer.WordRows(rows), "vocab_transform", config.Hidden));
                words = composer.LayerNorm(words, "vocab_layer_norm");
                composer.OutputWords(head, words, ["vocab_projector.weight", WordTable], ["vocab_projector.bias"]);
                break;
            case HeadKind.QuestionAnswering:
                composer.OutputSpan(composer.Linear(rows, "qa_outputs", 2));
                break;
            case HeadKind.Classification:
                var first = graph.Relu(composer.Linear(composer.FirstRows(rows), "pre_classifier", config.Hidden));
                composer.OutputClasses(composer.Linear(first, "classifier", config.Labels.Count));
                break;
            case HeadKind.TokenClassification:
                composer.OutputTokenClasses(rows, "classifier");
                break;
            default:
                throw NoHead(head);
        }
    }
}
