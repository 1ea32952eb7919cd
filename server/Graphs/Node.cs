namespace AttentionServer.Graphs;

/// <summary>A tensor that flows through the graph.</summary>
public sealed record Value(string Name, ElementType Type, Shape Shape)
{
    /// <summary>How many dimensions.</summary>
    public int Rank => Shape.Rank;

    /// <inheritdoc/>
    public override string ToString() => $"{Name}{Shape}";
}

/// <summary>A constant written into the model itself; large ones are weights instead.</summary>
public sealed record Constant(string Name, ElementType Type, long[] Dims, byte[] Data);

/// <summary>One operator applied once; attribute values are long, float, string, long[] or <see cref="Constant"/>.</summary>
public sealed record Node(string Operator, string Domain, Value[] Inputs, Value[] Outputs, IReadOnlyDictionary<string, object> Attributes);
