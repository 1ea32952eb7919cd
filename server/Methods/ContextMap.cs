using AttentionServer.Engine;

namespace AttentionServer.Methods;

/// <summary>Scores [layers, T(to), T(from)]: the row is the token being built, the column the token it draws on.</summary>
public sealed class ContextMap
{
    /// <summary>A map of zeros.</summary>
    public ContextMap(int layers, int tokens) => (Layers, Tokens, Scores) = (layers, tokens, new float[checked(layers * tokens * tokens)]);

    internal ContextMap(Tensor scores) => (Layers, Tokens, Scores) = (scores.Shape[0], scores.Shape[1], scores.Span.ToArray());

    /// <summary>Layers.</summary>
    public int Layers { get; }

    /// <summary>Tokens.</summary>
    public int Tokens { get; }

    /// <summary>All scores, row-major.</summary>
    public float[] Scores { get; }

    /// <summary>One layer [T,T].</summary>
    public Span<float> Layer(int layer) => Scores.AsSpan(layer * Tokens * Tokens, Tokens * Tokens);
}
