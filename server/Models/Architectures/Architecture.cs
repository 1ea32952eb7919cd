using AttentionServer.Graphs;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Architectures;

/// <summary>A family of models: how its graph is composed from a checkpoint's tensors.</summary>
public abstract class Architecture
{
    /// <summary>The <c>model_type</c> values of config.json it stands for.</summary>
    public abstract IReadOnlyList<string> ModelTypes { get; }

    /// <summary>The heads it can compute.</summary>
    public abstract IReadOnlyCollection<HeadKind> Heads { get; }

    /// <summary>True when texts and pairs are told apart by token types.</summary>
    public abstract bool TakesTokenTypes { get; }

    /// <summary>Composes a graph with what the spec asks for.</summary>
    public GraphBuilder Compose(Checkpoint checkpoint, GraphSpec spec)
    {
        var composer = new Composer(checkpoint, spec, TakesTokenTypes);
        var rows = ComposeBody(composer);
        if (spec.Head is { } head)
            ComposeHead(composer, head, rows);
        return composer.Graph;
    }

    /// <summary>The head the checkpoint was saved with; null for a bare encoder.</summary>
    public HeadKind? HeadOf(Checkpoint checkpoint) => checkpoint.Config.Architectures
        .Select(name => HeadKinds.FromClass(name, Heads))
        .FirstOrDefault(head => head != null);

    /// <summary>Embeddings and blocks; returns the last hidden states as rows.</summary>
    protected abstract Value ComposeBody(Composer composer);

    /// <summary>A head on top of the last hidden states.</summary>
    protected abstract void ComposeHead(Composer composer, HeadKind head, Value rows);
}
