using AttentionServer.Models;

namespace AttentionServer.Engine;

/// <summary>What to differentiate: which logits there are, and with respect to what.</summary>
public sealed record GradientRequest(GradientParts Parts)
{
    /// <summary>Tokens whose word logits are computed; null for all. The same in each text of a batch.</summary>
    public int[]? WordsAt { get; init; }
}

/// <summary>A text on its way back: the gradient that its logits are given and, where it is not its own words that are read, their vectors.</summary>
public sealed record BackwardInput(TokenInput Text, Tensor LogitGradient)
{
    /// <summary>Vectors [T,E] in the place of the words'; null for the words' own.</summary>
    public Tensor? WordVectors { get; init; }
}

/// <summary>What came back for one text; only what was asked for is there.</summary>
public sealed record GradientTrace
{
    /// <summary>The logits on the way forward.</summary>
    public required Tensor Logits { get; init; }

    /// <summary>With respect to word vectors [T,E].</summary>
    public Tensor? Words { get; init; }

    /// <summary>With respect to what enters the first block [T,D].</summary>
    public Tensor? Embedded { get; init; }

    /// <summary>With respect to attention probabilities of each layer [H,T,T].</summary>
    public IReadOnlyList<Tensor> Attentions { get; init; } = [];
}
