namespace AttentionServer.Methods;

/// <summary>Scores [layers, T(to), T(from)]: the row is the token being built, the column the token it draws on.</summary>
public sealed class ContextMap(int layers, int tokens)
{
    /// <summary>Layers.</summary>
    public int Layers => layers;

    /// <summary>Tokens.</summary>
    public int Tokens => tokens;

    /// <summary>All scores, row-major.</summary>
    public float[] Scores { get; } = new float[checked(layers * tokens * tokens)];

    /// <summary>One layer [T,T].</summary>
    public Span<float> Layer(int layer) => Scores.AsSpan(layer * tokens * tokens, tokens * tokens);
}
