using AttentionServer.Engine;

namespace AttentionServer.Methods;

/// <summary>What the numbers of a method are about, axis by axis: L layers, H heads, T tokens.</summary>
public enum ScoreAxes
{
    /// <summary>[L,T,T]: what the row's token draws on the column's in a layer.</summary>
    Map,

    /// <summary>[L,H,T,T]: the same in one head.</summary>
    HeadMaps,

    /// <summary>[T,T]: what the row's token draws on the column's through all layers.</summary>
    TokenPairs,

    /// <summary>[T]: one number for each token of the text.</summary>
    Tokens,

    /// <summary>[T,E]: one vector for each token of the text.</summary>
    TokenVectors,

    /// <summary>[L,T]: one number for each token in a layer.</summary>
    LayerTokens,

    /// <summary>[L,H,T]: one number for each token in a head.</summary>
    HeadTokens,

    /// <summary>[L,H]: one number for each head.</summary>
    Heads,

    /// <summary>[LH,LH]: one number for each two heads, head h of layer l at l·H + h.</summary>
    HeadPairs,

    /// <summary>[LH,2]: a place in the plane for each head.</summary>
    HeadPlane,

    /// <summary>[L,H,P]: one number for each pattern in a head.</summary>
    HeadPatterns,

    /// <summary>[LH−1,4]: joins of heads: the two joined, at which distance, and how many heads are then together.</summary>
    HeadTree,
}

/// <summary>What a method computed.</summary>
public sealed record Scores(ScoreAxes Axes, Tensor Values)
{
    /// <summary>A context map.</summary>
    public static implicit operator Scores(ContextMap map) => new(ScoreAxes.Map, new Tensor(map.Scores, map.Layers, map.Tokens, map.Tokens));

    /// <summary>The scores as a context map; only where they are one.</summary>
    public ContextMap ToMap() => Axes == ScoreAxes.Map ? new(new Tensor(Values.Span.ToArray(), Values.Shape)) : throw new InvalidOperationException($"{Axes} are no context map");
}
