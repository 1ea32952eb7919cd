namespace AttentionServer.Graphs;

public sealed partial class GraphBuilder
{
    /// <summary>Matrix product over the last two axes; leading axes broadcast.</summary>
    public Value MatMul(Value a, Value b)
    {
        if (a.Rank < 2 || b.Rank < 2)
            throw Mismatch("MatMul", [a, b], "both need at least two axes");
        if (a.Shape[-1] != b.Shape[-2])
            throw Mismatch("MatMul", [a, b], $"inner dimensions {a.Shape[-1]} and {b.Shape[-2]} differ");
        var leading = Shape.Broadcast(new([.. a.Shape.SkipLast(2)]), new([.. b.Shape.SkipLast(2)]))
            ?? throw Mismatch("MatMul", [a, b], "leading dimensions do not broadcast");
        return Emit("MatMul", a.Type, new([.. leading, a.Shape[-2], b.Shape[-1]]), [a, b]);
    }

    /// <summary>Matrix product of which one operand is turned, without a turned copy of it: a · bᵀ, or aᵀ · b. An operator of the runtime's own.</summary>
    public Value MatMulTurned(Value a, Value b, bool turnFirst)
    {
        if (a.Rank < 2 || b.Rank < 2)
            throw Mismatch("FusedMatMul", [a, b], "both need at least two axes");
        var (rows, left) = turnFirst ? (a.Shape[-1], a.Shape[-2]) : (a.Shape[-2], a.Shape[-1]);
        var (right, columns) = turnFirst ? (b.Shape[-2], b.Shape[-1]) : (b.Shape[-1], b.Shape[-2]);
        if (left != right)
            throw Mismatch("FusedMatMul", [a, b], $"inner dimensions {left} and {right} differ");
        var leading = Shape.Broadcast(new([.. a.Shape.SkipLast(2)]), new([.. b.Shape.SkipLast(2)]))
            ?? throw Mismatch("FusedMatMul", [a, b], "leading dimensions do not broadcast");
        return Emit("FusedMatMul", OnnxWriter.RuntimeDomain, [(a.Type, new([.. leading, rows, columns]))], [a, b], (turnFirst ? "transA" : "transB", 1L))[0];
    }

    /// <summary>x · weightᵀ + bias for rows x [n, in], weight [out, in] as PyTorch stores it, bias [out] or none; x · weight for a weight [in, out].</summary>
    public Value Linear(Value rows, Value weight, Value? bias, bool inputsFirst = false)
    {
        if (rows.Rank != 2 || weight.Rank != 2)
            throw Mismatch("Gemm", [rows, weight], "both need two axes");
        var (inner, outer) = inputsFirst ? (weight.Shape[0], weight.Shape[1]) : (weight.Shape[1], weight.Shape[0]);
        if (rows.Shape[1] != inner)
            throw Mismatch("Gemm", [rows, weight], $"the rows are {rows.Shape[1]} wide and the weight takes {inner}");
        if (bias != null && !bias.Shape.Equals(new Shape(outer)))
            throw Mismatch("Gemm", [weight, bias], $"the bias must be [{outer}]");
        return Emit("Gemm", rows.Type, new(rows.Shape[0], outer), bias == null ? [rows, weight] : [rows, weight, bias], ("transB", inputsFirst ? 0L : 1L));
    }
}
