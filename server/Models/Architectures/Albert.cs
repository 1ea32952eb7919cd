using AttentionServer.Graphs;

namespace AttentionServer.Models.Architectures;

/// <summary>ALBERT (Lan et al. 2020): narrow word embeddings, projected once, and blocks whose weights many layers share.</summary>
public sealed class Albert : Architecture
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["albert"];

    /// <inheritdoc/>
    public override string Title => "ALBERT";

    /// <inheritdoc/>
    public override string WordTable => "albert.embeddings.word_embeddings.weight";

    /// <inheritdoc/>
    public override IReadOnlyCollection<HeadKind> Heads =>
        [HeadKind.MaskedLanguageModel, HeadKind.QuestionAnswering, HeadKind.Classification, HeadKind.TokenClassification];

    /// <inheritdoc/>
    public override BlockLayout Block(ModelConfig config, int layer)
    {
        var (groups, blocks) = config.Shared;
        var group = layer / blocks * groups / (config.Layers / blocks);
        var name = $"albert.encoder.albert_layer_groups.{group}.albert_layers.{layer % blocks}";
        return new()
        {
            Query = $"{name}.attention.query",
            Key = $"{name}.attention.key",
            Value = $"{name}.attention.value",
            Output = $"{name}.attention.dense",
            AttentionNorm = $"{name}.attention.LayerNorm",
            Up = $"{name}.ffn",
            Down = $"{name}.ffn_output",
            OutputNorm = $"{name}.full_layer_layer_norm",
        };
    }

    /// <inheritdoc/>
    protected override Value Embed(Composer composer) =>
        composer.Linear(composer.Embed("albert.embeddings"), "albert.encoder.embedding_hidden_mapping_in", composer.Config.Hidden);

    /// <inheritdoc/>
    protected override void ComposeHead(Composer composer, HeadKind head, Value rows)
    {
        var (graph, config) = (composer.Graph, composer.Config);
        switch (head)
        {
            case HeadKind.MaskedLanguageModel:
                var words = composer.Activation(composer.Linear(composer.WordRows(rows), "predictions.dense", config.EmbeddingSize));
                words = composer.LayerNorm(words, "predictions.LayerNorm");
                composer.OutputWords(head, words, ["predictions.decoder.weight", WordTable], ["predictions.bias", "predictions.decoder.bias"]);
                break;
            case HeadKind.QuestionAnswering:
                composer.OutputSpan(composer.Linear(rows, "qa_outputs", 2));
                break;
            case HeadKind.Classification:
                var pooled = graph.Tanh(composer.Linear(composer.FirstRows(rows), "albert.pooler", config.Hidden));
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
