using AttentionServer.Graphs;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Architectures;

/// <summary>A family of models: how its graph is composed from a checkpoint's tensors.</summary>
public abstract class Architecture
{
    /// <summary>The <c>model_type</c> values of config.json it stands for.</summary>
    public abstract IReadOnlyList<string> ModelTypes { get; }

    /// <summary>What people call it.</summary>
    public abstract string Title { get; }

    /// <summary>The table of word vectors.</summary>
    public abstract string WordTable { get; }

    /// <summary>The heads it can compute.</summary>
    public abstract IReadOnlyCollection<HeadKind> Heads { get; }

    /// <summary>True when a token sees only itself and what came before.</summary>
    public virtual bool Causal => false;

    /// <summary>True when positions depend on which tokens are padding, so that a run is told them.</summary>
    public virtual bool TakesPositions => false;

    /// <summary>Composes a graph with what the spec asks for.</summary>
    public GraphBuilder Compose(IWeightSource weights, GraphSpec spec)
    {
        var composer = new Composer(weights, spec, this);
        var first = spec.FirstLayer ?? 0;
        var rows = composer.Hidden(first, composer.Resumed() ?? composer.Drop(Embed(composer), GraphNames.DroppedEmbedding));
        for (var layer = first; layer < composer.Config.Layers; layer++)
        {
            rows = composer.Block(rows, Block(composer.Config, layer), layer);
            if (layer == composer.Config.Layers - 1)
                rows = Finish(composer, rows);
            rows = composer.Hidden(layer + 1, rows);
        }

        if (spec.Head is { } head)
            ComposeHead(composer, head, rows);
        composer.AppendGradients();
        composer.AppendLoss();
        return composer.Graph;
    }

    /// <summary>The head the checkpoint was saved with; null for a bare encoder.</summary>
    public HeadKind? HeadOf(Checkpoint checkpoint) => checkpoint.Config.Architectures
        .Select(name => HeadKinds.FromClass(name, Heads))
        .FirstOrDefault(head => head != null);

    /// <summary>The names and the order of a block.</summary>
    public abstract BlockLayout Block(ModelConfig config, int layer);

    /// <summary>The most tokens a text can have.</summary>
    public virtual int MaxTokens(ModelConfig config) => config.MaxPositions;

    /// <summary>The position of each token among these ids; asked only of those that take positions.</summary>
    public virtual long[] Positions(ModelConfig config, ReadOnlySpan<long> ids) => throw new NotSupportedException($"{Title} counts positions from 0");

    /// <summary>The roles of tokens as far as ids tell, for folders without a vocabulary.</summary>
    public virtual TokenRoles Roles(ModelConfig config, ReadOnlySpan<int> ids) => TokenRoles.OfIds(config, ids);

    /// <summary>The rows that enter the first block.</summary>
    protected abstract Value Embed(Composer composer);

    /// <summary>What happens to the rows that leave the last block.</summary>
    protected virtual Value Finish(Composer composer, Value rows) => rows;

    /// <summary>A head on top of the last hidden states.</summary>
    protected abstract void ComposeHead(Composer composer, HeadKind head, Value rows);

    /// <summary>The error for a head that the family does not have.</summary>
    protected NotSupportedException NoHead(HeadKind head) => new($"{Title} has no {head.Title()} head");
}
