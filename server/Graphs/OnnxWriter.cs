namespace AttentionServer.Graphs;

/// <summary>Where a saved model finds one of its weights: a file beside it, the offset and the length in bytes.</summary>
public sealed record WeightLocation(string File, long Offset, long Bytes);

/// <summary>Writes a graph as an ONNX ModelProto (field numbers: onnx.proto3 of IR version 10).</summary>
public static class OnnxWriter
{
    /// <summary>Operators are used as this version of the ONNX operator set defines them.</summary>
    public const int Opset = 21;

    /// <summary>The domain of the operators that ONNX Runtime adds to the standard ones.</summary>
    public const string RuntimeDomain = "com.microsoft";

    private const int IrVersion = 10;

    /// <summary>
    /// The file that weights are said to lie in when a session brings their memory. The runtime insists that it exists;
    /// it is empty, so that a read of it, which would mean that the memory was not used, fails instead of giving zeros.
    /// </summary>
    public const string WeightsInMemory = "weights-in-memory";

    private static readonly WeightLocation InSession = new(WeightsInMemory, 0, 0);

    /// <summary>The model; weights lie outside it, where <paramref name="locate"/> says, or in the memory a session is given.</summary>
    public static byte[] Write(GraphBuilder graph, Func<Value, WeightLocation>? locate = null)
    {
        var model = new Protobuf()
            .Int(1, IrVersion)
            .String(2, "attention-vscode")
            .Message(7, g => WriteGraph(g, graph, locate))
            .Message(8, o => o.String(1, "").Int(2, Opset));
        if (graph.Nodes.Any(n => n.Domain == RuntimeDomain))
            model.Message(8, o => o.String(1, RuntimeDomain).Int(2, 1));
        return model.Written.ToArray();
    }

    private static void WriteGraph(Protobuf graph, GraphBuilder from, Func<Value, WeightLocation>? locate)
    {
        var outputNames = from.Outputs.ToDictionary(o => o.Value.Name, o => o.Key);
        string NameOf(Value value) => outputNames.GetValueOrDefault(value.Name, value.Name);

        foreach (var node in from.Nodes)
            graph.Message(1, n => WriteNode(n, node, NameOf));
        graph.String(2, "graph");
        foreach (var constant in from.Constants)
            graph.Message(5, t => WriteConstant(t, constant));
        foreach (var weight in from.Weights)
            graph.Message(5, t => WriteWeight(t, weight, locate?.Invoke(weight) ?? InSession));
        foreach (var input in from.Inputs)
            graph.Message(11, v => WriteValue(v, input.Name, from.Broadcasts(input) ? input with { Shape = Open(input) } : input));
        foreach (var (name, value) in from.Outputs)
            graph.Message(12, v => WriteValue(v, name, value));
    }

    private static void WriteNode(Protobuf proto, Node node, Func<Value, string> nameOf)
    {
        foreach (var input in node.Inputs)
            proto.String(1, nameOf(input));
        foreach (var output in node.Outputs)
            proto.String(2, nameOf(output));
        proto.String(3, node.Outputs[0].Name).String(4, node.Operator);
        foreach (var (name, value) in node.Attributes)
            proto.Message(5, a => WriteAttribute(a.String(1, name), value));
        if (node.Domain.Length > 0)
            proto.String(7, node.Domain);
    }

    private static void WriteAttribute(Protobuf proto, object value)
    {
        switch (value)
        {
            case float f:
                proto.Float(2, f).Int(20, 1);
                break;
            case long i:
                proto.Int(3, i).Int(20, 2);
                break;
            case string s:
                proto.String(4, s).Int(20, 3);
                break;
            case Constant tensor:
                proto.Message(5, t => WriteConstant(t, tensor)).Int(20, 4);
                break;
            case long[] list:
                foreach (var i in list)
                    proto.Int(8, i);
                proto.Int(20, 7);
                break;
            default:
                throw new GraphException($"An attribute cannot be a {value.GetType().Name}");
        }
    }

    private static void WriteConstant(Protobuf proto, Constant constant) =>
        proto.Packed(1, constant.Dims).Int(2, (int)constant.Type).String(8, constant.Name).Bytes(9, constant.Data);

    private static void WriteWeight(Protobuf proto, Value weight, WeightLocation location) => proto
        .Packed(1, weight.Shape.Select(d => d.Factor))
        .Int(2, (int)weight.Type)
        .String(8, weight.Name)
        .Message(13, e => e.String(1, "location").String(2, location.File))
        .Message(13, e => e.String(1, "offset").String(2, $"{location.Offset}"))
        .Message(13, e => e.String(1, "length").String(2, $"{(location.Bytes > 0 ? location.Bytes : weight.Shape.Size.Factor * sizeof(float))}"))
        .Int(14, 1);

    // Named after the input: dimensions of one name must be equal in a run.
    private static Shape Open(Value input) => new([.. Enumerable.Range(0, input.Rank).Select(axis => (Dim)$"{input.Name}.{axis}")]);

    private static void WriteValue(Protobuf proto, string name, Value value) => proto.String(1, name).Message(2, type => type.Message(1, tensor => tensor
        .Int(1, (int)value.Type)
        .Message(2, shape =>
        {
            foreach (var dim in value.Shape)
                shape.Message(1, d => _ = dim.IsKnown ? d.Int(1, dim.Factor) : d.String(2, dim.ToString()));
        })));
}
