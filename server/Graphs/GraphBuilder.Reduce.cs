using System.Runtime.InteropServices;

namespace AttentionServer.Graphs;

/// <summary>Operators that gradients are made of.</summary>
public sealed partial class GraphBuilder
{
    /// <summary>−x.</summary>
    public Value Negate(Value x) => Unary("Neg", x);

    /// <summary>e^x.</summary>
    public Value Exp(Value x) => Unary("Exp", x);

    /// <summary>Natural logarithm.</summary>
    public Value Log(Value x) => Unary("Log", x);

    /// <summary>Square root.</summary>
    public Value Sqrt(Value x) => Unary("Sqrt", x);

    /// <summary>The error function.</summary>
    public Value Erf(Value x) => Unary("Erf", x);

    /// <summary>slope · x + offset, held between 0 and 1: one pass over memory for what would be two.</summary>
    public Value HardSigmoid(Value x, float slope, float offset)
    {
        RequireFloat("HardSigmoid", x);
        return Emit("HardSigmoid", x.Type, x.Shape, [x], ("alpha", slope), ("beta", offset));
    }

    /// <summary>−1, 0 or 1.</summary>
    public Value Sign(Value x) => Unary("Sign", x);

    /// <summary>Sums over axes, which stay with length 1.</summary>
    public Value ReduceSum(Value x, params int[] axes) => Reduce("ReduceSum", x, axes);

    /// <summary>Means over axes of known length, which stay with length 1.</summary>
    public Value ReduceMean(Value x, params int[] axes)
    {
        if (axes.Any(axis => !x.Shape[axis].IsKnown))
            throw Mismatch("ReduceMean", [x], "the axis must have a known length");
        return Reduce("ReduceMean", x, axes);
    }

    /// <summary>x repeated to the shape of another value.</summary>
    public Value ExpandLike(Value x, Value like)
    {
        if (x.Shape.Equals(like.Shape))
            return x;
        if (Shape.Broadcast(x.Shape, like.Shape) is not { } shape || !shape.Equals(like.Shape))
            throw Mismatch("Expand", [x, like], "the first does not broadcast to the second");
        return Emit("Expand", x.Type, like.Shape, [x, ShapeOf(like)]);
    }

    /// <summary>Zeros of a table's shape, with rows added at indices; rows of equal indices add up.</summary>
    public Value ScatterAdd(Value like, Value indices, Value rows)
    {
        var zeros = Emit("ConstantOfShape", like.Type, like.Shape, [ShapeOf(like)], ("value", new Constant("zero", ElementType.Float, [1], new byte[sizeof(float)])));
        var places = Reshape(indices, [.. indices.Shape, 1L]);
        return Emit("ScatterND", like.Type, like.Shape, [zeros, places, rows], ("reduction", "add"));
    }

    /// <summary>x with zeros before and after it on an axis, so that it becomes as long as another value.</summary>
    public Value PadLike(Value x, Value like, int axis, long start)
    {
        if (!like.Shape.With(axis, x.Shape[axis]).Equals(x.Shape))
            throw Mismatch("Pad", [x, like], $"they differ in more than axis {axis}");
        var (length, whole) = (x.Shape[axis], like.Shape[axis]);
        var after = length.IsKnown && whole.IsKnown
            ? Integers(whole.Factor - start - length.Factor)
            : Emit("Sub", ElementType.Int64, new(1L), [LengthOf(like, axis), Emit("Add", ElementType.Int64, new(1L), [Integers(start), LengthOf(x, axis)])]);
        return Emit("Pad", x.Type, like.Shape, [x, Concat(0, Integers(start), after), Scalar(0), Integers(axis)]);
    }

    private Value Reduce(string op, Value x, int[] axes)
    {
        RequireFloat(op, x);
        var over = axes.Select(axis => (long)(axis < 0 ? axis + x.Rank : axis)).Order().ToArray();
        var shape = over.Aggregate(x.Shape, (s, axis) => s.With((int)axis, 1L));
        return Emit(op, x.Type, shape, [x, Integers(over)], ("keepdims", 1L));
    }

    /// <summary>The numbers of a constant list, as gradient rules read axes.</summary>
    internal long[] ReadIntegers(Value constant) => MemoryMarshal.Cast<byte, long>(_constants[constant.Name].Constant.Data).ToArray();

    private Value ShapeOf(Value x) => Emit("Shape", ElementType.Int64, new((long)x.Rank), [x]);

    private Value LengthOf(Value x, int axis) => Emit("Shape", ElementType.Int64, new(1L), [x], ("start", (long)axis), ("end", (long)axis + 1));
}
