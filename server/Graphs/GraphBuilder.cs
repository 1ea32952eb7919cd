using System.Runtime.InteropServices;

namespace AttentionServer.Graphs;

/// <summary>
/// Builds an ONNX graph one operator at a time and knows every shape while doing so: a wrong broadcast is an
/// exception at the line that made it, not a failure when the model runs.
/// </summary>
public sealed partial class GraphBuilder
{
    private readonly List<Node> _nodes = [];
    private readonly List<Value> _inputs = [];
    private readonly List<Value> _weights = [];
    private readonly Dictionary<string, Value> _outputs = [];
    private readonly Dictionary<string, (Constant Constant, Value Value)> _constants = [];
    private readonly Dictionary<Shape, Value> _runtimeShapes = [];
    private readonly HashSet<string> _names = [];
    private readonly HashSet<string> _broadcast = [];
    private int _made;

    /// <summary>The operators in the order they were added, which is an order they can run in.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>What a run must be given.</summary>
    public IReadOnlyList<Value> Inputs => _inputs;

    /// <summary>Large constants that stay outside the model; a session is given their memory by name.</summary>
    public IReadOnlyList<Value> Weights => _weights;

    /// <summary>What a run returns, by the name it is returned under.</summary>
    public IReadOnlyDictionary<string, Value> Outputs => _outputs;

    internal IEnumerable<Constant> Constants => _constants.Values.Select(c => c.Constant);

    /// <summary>Declares an input.</summary>
    public Value Input(string name, ElementType type, params Dim[] shape)
    {
        var value = new Value(Claim(name), type, new(shape));
        _inputs.Add(value);
        return value;
    }

    /// <summary>
    /// Declares an input that broadcasts over whatever it meets: each of its axes is, at each run, 1 or as long as the other
    /// operand's.
    /// </summary>
    public Value BroadcastInput(string name, ElementType type, int rank)
    {
        var value = Input(name, type, [.. Enumerable.Repeat((Dim)1L, rank)]);
        _broadcast.Add(value.Name);
        return value;
    }

    internal bool Broadcasts(Value input) => _broadcast.Contains(input.Name);

    /// <summary>Declares a weight whose memory the session brings along.</summary>
    public Value Weight(string name, params Dim[] shape)
    {
        var value = new Value(Claim(name), ElementType.Float, new(shape));
        _weights.Add(value);
        return value;
    }

    /// <summary>Returns a value from the run under this name.</summary>
    public void Output(string name, Value value)
    {
        Claim(name);
        // The writer gives the value the output's name; only a value that has a name to keep is copied.
        if (_outputs.ContainsValue(value) || _inputs.Contains(value) || _weights.Contains(value))
            value = Emit("Identity", value.Type, value.Shape, [value]);
        _outputs.Add(name, value);
    }

    /// <summary>A number.</summary>
    public Value Scalar(float value) =>
        AddConstant($"f32:{BitConverter.SingleToUInt32Bits(value):x8}", ElementType.Float, [], MemoryMarshal.AsBytes([value]));

    /// <summary>A short list of integers, such as axes.</summary>
    public Value Integers(params long[] values) =>
        AddConstant($"i64:{string.Join(',', values)}", ElementType.Int64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()));

    /// <summary>Puts other operators in the place of a node; the last of them makes what the node made.</summary>
    internal void Replace(Node node, Action<GraphBuilder> spell)
    {
        var (place, end) = (_nodes.IndexOf(node), _nodes.Count);
        spell(this);
        var spelled = _nodes[end..];
        spelled[^1] = spelled[^1] with { Outputs = node.Outputs };
        _nodes.RemoveRange(end, _nodes.Count - end);
        _nodes.RemoveAt(place);
        _nodes.InsertRange(place, spelled);
    }

    private Value AddConstant(string name, ElementType type, long[] dims, ReadOnlySpan<byte> data)
    {
        if (_constants.TryGetValue(name, out var known))
            return known.Value;
        var value = new Value(Claim(name), type, new(dims.Select(d => (Dim)d).ToArray()));
        _constants.Add(name, (new(name, type, dims, data.ToArray()), value));
        return value;
    }

    private Value Emit(string op, ElementType type, Shape shape, Value[] inputs, params (string Name, object Value)[] attributes) =>
        Emit(op, "", [(type, shape)], inputs, attributes)[0];

    private Value[] Emit(string op, string domain, (ElementType Type, Shape Shape)[] outputs, Value[] inputs, params (string Name, object Value)[] attributes)
    {
        var made = outputs.Select((o, i) => new Value(Claim($"{op}:{_made}.{i}"), o.Type, o.Shape)).ToArray();
        _made++;
        _nodes.Add(new(op, domain, inputs, made, attributes.ToDictionary(a => a.Name, a => a.Value)));
        return made;
    }

    private string Claim(string name) =>
        _names.Add(name) ? name : throw new GraphException($"The graph already has a value named '{name}'");
}
