using AttentionServer.Graphs;

namespace AttentionServer.Models.Architectures;

/// <summary>
/// RoBERTa (Liu et al. 2019), and CamemBERT and XLM-RoBERTa, which are the same graph: BERT's blocks without a pooler,
/// with positions that count real tokens from the padding token's id on.
/// </summary>
public sealed class Roberta : Architecture
{
    // What Hugging Face's classes take where config.json is silent.
    private const int UsualPadding = 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["roberta", "camembert", "xlm-roberta"];

    /// <inheritdoc/>
    public override string Title => "RoBERTa";

    /// <inheritdoc/>
    public override string WordTable => "roberta.embeddings.word_embeddings.weight";

    /// <inheritdoc/>
    public override IReadOnlyCollection<HeadKind> Heads =>
        [HeadKind.MaskedLanguageModel, HeadKind.QuestionAnswering, HeadKind.Classification, HeadKind.TokenClassification];

    /// <inheritdoc/>
    public override bool TakesPositions => true;

    /// <inheritdoc/>
    public override BlockLayout Block(ModelConfig config, int layer) => BlockLayout.OfBert($"roberta.encoder.layer.{layer}");

    /// <inheritdoc/>
    public override int MaxTokens(ModelConfig config) => config.MaxPositions - Padding(config) - 1;

    /// <inheritdoc/>
    public override long[] Positions(ModelConfig config, ReadOnlySpan<long> ids)
    {
        long padding = Padding(config), last = padding;
        var positions = new long[ids.Length];
        for (var i = 0; i < ids.Length; i++)
            positions[i] = ids[i] == padding ? padding : ++last;
        return positions;
    }

    /// <inheritdoc/>
    // RoBERTa, CamemBERT and XLM-RoBERTa append <mask> to the vocabulary they train.
    public override TokenRoles Roles(ModelConfig config, ReadOnlySpan<int> ids) => base.Roles(config, ids) with { Blank = config.VocabularySize - 1 };

    /// <inheritdoc/>
    protected override Value Embed(Composer composer) => composer.Embed("roberta.embeddings");

    /// <inheritdoc/>
    protected override void ComposeHead(Composer composer, HeadKind head, Value rows)
    {
        var (graph, config) = (composer.Graph, composer.Config);
        switch (head)
        {
            case HeadKind.MaskedLanguageModel:
                var words = graph.Gelu(composer.Linear(composer.WordRows(rows), "lm_head.dense", config.Hidden));
                words = composer.LayerNorm(words, "lm_head.layer_norm");
                composer.OutputWords(head, words, ["lm_head.decoder.weight", WordTable], ["lm_head.bias", "lm_head.decoder.bias"]);
                break;
            case HeadKind.QuestionAnswering:
                composer.OutputSpan(composer.Linear(rows, "qa_outputs", 2));
                break;
            case HeadKind.Classification:
                var first = graph.Tanh(composer.Linear(composer.FirstRows(rows), "classifier.dense", config.Hidden));
                composer.OutputClasses(composer.Linear(first, "classifier.out_proj", config.Labels.Count));
                break;
            case HeadKind.TokenClassification:
                composer.OutputTokenClasses(rows, "classifier");
                break;
            default:
                throw NoHead(head);
        }
    }

    private static int Padding(ModelConfig config) => config.PadTokenId ?? UsualPadding;
}
