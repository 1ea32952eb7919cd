using AttentionServer.Graphs;

namespace AttentionServer.Models.Architectures;

/// <summary>BERT (Devlin et al. 2019): post-LayerNorm encoder with word, position and segment embeddings.</summary>
public sealed class Bert : Architecture
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["bert"];

    /// <inheritdoc/>
    public override IReadOnlyCollection<HeadKind> Heads =>
        [HeadKind.MaskedLanguageModel, HeadKind.QuestionAnswering, HeadKind.Classification, HeadKind.TokenClassification];

    /// <inheritdoc/>
    public override bool TakesTokenTypes => true;

    /// <inheritdoc/>
    protected override Value ComposeBody(Composer composer)
    {
        var x = Embeddings(composer);
        composer.TraceHidden(0, x);
        for (var layer = 0; layer < composer.Config.Layers; layer++)
        {
            x = Block(composer, x, layer);
            composer.TraceHidden(layer + 1, x);
        }

        return x;
    }

    /// <inheritdoc/>
    protected override void ComposeHead(Composer composer, HeadKind head, Value rows)
    {
        var (graph, config) = (composer.Graph, composer.Config);
        switch (head)
        {
            case HeadKind.MaskedLanguageModel:
                var words = composer.Linear(composer.WordRows(rows), "cls.predictions.transform.dense", config.Hidden);
                words = composer.LayerNorm(composer.Activation(words), "cls.predictions.transform.LayerNorm");
                composer.OutputWords(head, graph.Linear(
                    words,
                    composer.TiedWeight(["cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"], config.VocabularySize, config.Hidden),
                    composer.TiedWeight(["cls.predictions.bias", "cls.predictions.decoder.bias"], config.VocabularySize)));
                break;
            case HeadKind.QuestionAnswering:
                composer.OutputSpan(composer.Linear(rows, "qa_outputs", 2));
                break;
            case HeadKind.Classification:
                var pooled = graph.Tanh(composer.Linear(composer.FirstRows(rows), "bert.pooler.dense", config.Hidden));
                graph.Output(GraphNames.Logits(head), composer.Linear(pooled, "classifier", config.Labels.Count));
                break;
            case HeadKind.TokenClassification:
                composer.OutputWords(head, composer.Linear(rows, "classifier", config.Labels.Count));
                break;
            default:
                throw new NotSupportedException($"BERT has no {head.Title()} head");
        }
    }

    private static Value Embeddings(Composer composer)
    {
        var config = composer.Config;
        var words = composer.Embedding("bert.embeddings.word_embeddings.weight", composer.Ids, config.VocabularySize, config.Hidden);
        var types = composer.Embedding("bert.embeddings.token_type_embeddings.weight", composer.TokenTypes!, config.TypeVocabularySize, config.Hidden);
        var sum = composer.AddPositions(composer.Graph.Add(words, types), "bert.embeddings.position_embeddings.weight", config.MaxPositions);
        return composer.LayerNorm(sum, "bert.embeddings.LayerNorm");
    }

    private static Value Block(Composer composer, Value x, int layer)
    {
        var (graph, hidden, inner, name) = (composer.Graph, composer.Config.Hidden, composer.Config.HeadSize * composer.Config.Heads, $"bert.encoder.layer.{layer}");
        var attention = composer.Attention(
            composer.Linear(x, $"{name}.attention.self.query", inner),
            composer.Linear(x, $"{name}.attention.self.key", inner),
            composer.Linear(x, $"{name}.attention.self.value", inner),
            layer);
        var attended = composer.LayerNorm(
            graph.Add(composer.Linear(attention, $"{name}.attention.output.dense", hidden), x),
            $"{name}.attention.output.LayerNorm");

        var up = composer.Activation(composer.Linear(attended, $"{name}.intermediate.dense", composer.Config.Intermediate));
        var down = composer.Linear(up, $"{name}.output.dense", hidden);
        return composer.LayerNorm(graph.Add(down, attended), $"{name}.output.LayerNorm");
    }
}
