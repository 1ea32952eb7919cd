using AttentionServer.Graphs;

namespace AttentionServer.Models.Architectures;

/// <summary>
/// GPT-2 (Radford et al. 2019), also DistilGPT-2: a causal decoder that normalises before each half of a block, with
/// queries, keys and values in one projection and weights stored [in, out].
/// </summary>
public sealed class Gpt2 : Architecture
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["gpt2"];

    /// <inheritdoc/>
    public override string Title => "GPT-2";

    /// <inheritdoc/>
    public override string WordTable => "transformer.wte.weight";

    /// <inheritdoc/>
    public override IReadOnlyCollection<HeadKind> Heads =>
        [HeadKind.CausalLanguageModel, HeadKind.QuestionAnswering, HeadKind.Classification, HeadKind.TokenClassification];

    /// <inheritdoc/>
    public override bool Causal => true;

    /// <inheritdoc/>
    public override BlockLayout Block(ModelConfig config, int layer)
    {
        var name = $"transformer.h.{layer}";
        return new()
        {
            Fused = $"{name}.attn.c_attn",
            Output = $"{name}.attn.c_proj",
            AttentionNorm = $"{name}.ln_1",
            Up = $"{name}.mlp.c_fc",
            Down = $"{name}.mlp.c_proj",
            OutputNorm = $"{name}.ln_2",
            NormFirst = true,
            InputsFirst = true,
        };
    }

    /// <inheritdoc/>
    public override TokenRoles Roles(ModelConfig config, ReadOnlySpan<int> ids) =>
        new(config.EosTokenId, new HashSet<int>(config.EosTokenId is { } end ? [end] : []));

    /// <inheritdoc/>
    protected override Value Embed(Composer composer) =>
        composer.AddPositions(composer.Words(), "transformer.wpe.weight");

    /// <inheritdoc/>
    protected override Value Finish(Composer composer, Value rows) => composer.LayerNorm(rows, "transformer.ln_f");

    /// <inheritdoc/>
    protected override void ComposeHead(Composer composer, HeadKind head, Value rows)
    {
        switch (head)
        {
            case HeadKind.CausalLanguageModel:
                composer.OutputWords(head, composer.WordRows(rows), ["lm_head.weight", WordTable], []);
                break;
            case HeadKind.QuestionAnswering:
                composer.OutputSpan(composer.Linear(rows, "qa_outputs", 2));
                break;
            case HeadKind.Classification:
                composer.OutputClasses(composer.Product(composer.LastRows(rows), "score", composer.Config.Labels.Count));
                break;
            case HeadKind.TokenClassification:
                composer.OutputTokenClasses(rows, "classifier");
                break;
            default:
                throw NoHead(head);
        }
    }
}
