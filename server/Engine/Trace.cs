namespace AttentionServer.Engine;

/// <summary>What one forward pass recorded about one text; only what was asked for is there.</summary>
public sealed class Trace : IDisposable
{
    private readonly IDisposable? _owner;

    internal Trace(IDisposable? owner, TokenInput input) => (_owner, Input) = (owner, input);

    /// <summary>The text the model was fed.</summary>
    public TokenInput Input { get; }

    /// <summary>The first layer that was computed; lists by layer start there. 0 but for a pass that was resumed.</summary>
    public int FirstLayer { get; internal init; }

    /// <summary>Attention of each layer [H,T,T].</summary>
    public IReadOnlyList<Tensor> Attentions { get; internal init; } = [];

    /// <summary>Queries of each layer [H,T,d].</summary>
    public IReadOnlyList<Tensor> Queries { get; internal init; } = [];

    /// <summary>Keys of each layer [H,T,d].</summary>
    public IReadOnlyList<Tensor> Keys { get; internal init; } = [];

    /// <summary>Values of each layer [H,T,d].</summary>
    public IReadOnlyList<Tensor> Values { get; internal init; } = [];

    /// <summary>Hidden states [T,D], the embedding block's first.</summary>
    public IReadOnlyList<Tensor> HiddenStates { get; internal init; } = [];

    /// <summary>Of each layer [T,D]: its input plus what its attention adds, before any normalisation.</summary>
    public IReadOnlyList<Tensor> AttentionSums { get; internal init; } = [];

    /// <summary>Of each layer [T,D]: what leaves its attention half plus what its feed-forward network adds, before any normalisation.</summary>
    public IReadOnlyList<Tensor> BlockSums { get; internal init; } = [];

    /// <summary>What the head says: [T,V], [2,T] or [labels].</summary>
    public Tensor? Logits { get; internal init; }

    /// <inheritdoc/>
    public void Dispose() => _owner?.Dispose();
}
