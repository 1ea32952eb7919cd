namespace AttentionServer.Graphs;

public sealed partial class GraphBuilder
{
    /// <summary>a + b.</summary>
    public Value Add(Value a, Value b) => Binary("Add", a, b);

    /// <summary>a − b.</summary>
    public Value Subtract(Value a, Value b) => Binary("Sub", a, b);

    /// <summary>a ⊙ b.</summary>
    public Value Multiply(Value a, Value b) => Binary("Mul", a, b);

    /// <summary>a / b.</summary>
    public Value Divide(Value a, Value b) => Binary("Div", a, b);

    /// <summary>Hyperbolic tangent.</summary>
    public Value Tanh(Value x) => Unary("Tanh", x);

    /// <summary>1 / (1 + e^−x).</summary>
    public Value Sigmoid(Value x) => Unary("Sigmoid", x);

    /// <summary>max(0, x).</summary>
    public Value Relu(Value x) => Unary("Relu", x);

    /// <summary>x Φ(x) with the exact normal distribution (Hendrycks and Gimpel 2016).</summary>
    public Value Gelu(Value x) => Unary("Gelu", x);

    /// <summary>The tanh approximation of gelu, as GPT-2 computes it.</summary>
    public Value GeluTanh(Value x)
    {
        RequireFloat("Gelu", x);
        return Emit("Gelu", x.Type, x.Shape, [x], ("approximate", "tanh"));
    }

    /// <summary>Each row e^x / Σ e^x over the last axis.</summary>
    public Value Softmax(Value x)
    {
        RequireFloat("Softmax", x);
        return Emit("Softmax", x.Type, x.Shape, [x], ("axis", -1L));
    }

    /// <summary>(x − mean) / sqrt(var + epsilon) ⊙ scale + bias over the last axis, biased variance (Ba et al. 2016).</summary>
    public Value LayerNorm(Value x, Value scale, Value bias, float epsilon)
    {
        var width = new Shape(x.Shape[-1]);
        if (!scale.Shape.Equals(width) || !bias.Shape.Equals(width))
            throw Mismatch("LayerNormalization", [x, scale, bias], $"scale and bias must be {width}");
        return Emit("LayerNormalization", x.Type, x.Shape, [x, scale, bias], ("axis", -1L), ("epsilon", epsilon));
    }

    /// <summary>The same numbers as another type.</summary>
    public Value Cast(Value x, ElementType type) => Emit("Cast", type, x.Shape, [x], ("to", (long)type));

    private Value Unary(string op, Value x)
    {
        RequireFloat(op, x);
        return Emit(op, x.Type, x.Shape, [x]);
    }

    private Value Binary(string op, Value a, Value b)
    {
        if (a.Type != b.Type)
            throw Mismatch(op, [a, b], $"{a.Type} does not mix with {b.Type}");
        var shape = Shape.Broadcast(a.Shape, b.Shape) ?? throw Mismatch(op, [a, b], "they do not broadcast");
        return Emit(op, a.Type, shape, [a, b]);
    }

    private static void RequireFloat(string op, Value x)
    {
        if (x.Type is not (ElementType.Float or ElementType.Double))
            throw Mismatch(op, [x], $"it needs floats and {x.Name} is {x.Type}");
    }

    private static GraphException Mismatch(string op, Value[] operands, string why) =>
        new($"{op}: {string.Join(" and ", operands.Select(o => o.Shape))}: {why} ({string.Join(", ", operands.Select(o => o.Name))})");
}
