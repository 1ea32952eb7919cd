namespace AttentionServer.Graphs;

/// <summary>Operators that losses are made of.</summary>
public sealed partial class GraphBuilder
{
    /// <summary>Each row x − log Σ e^x over the last axis.</summary>
    public Value LogSoftmax(Value x)
    {
        RequireFloat("LogSoftmax", x);
        return Emit("LogSoftmax", x.Type, x.Shape, [x], ("axis", -1L));
    }

    /// <summary>One number of each row, by its place in the row: rows [n, m], places [n, 1].</summary>
    public Value PickInRows(Value rows, Value places)
    {
        RequirePlaces("GatherElements", rows, places);
        return Emit("GatherElements", rows.Type, new(rows.Shape[0], 1L), [rows, places], ("axis", 1L));
    }

    /// <summary>Rows with an amount [n, 1] added at one place of each.</summary>
    public Value AddInRows(Value rows, Value places, Value amounts)
    {
        RequirePlaces("ScatterElements", rows, places);
        if (!amounts.Shape.Equals(places.Shape))
            throw Mismatch("ScatterElements", [places, amounts], "one amount for each place");
        return Emit("ScatterElements", rows.Type, rows.Shape, [rows, places, amounts], ("axis", 1L), ("reduction", "add"));
    }

    /// <summary>The place of the largest number of each row, [n, 1].</summary>
    public Value LargestInRows(Value rows) => Emit("ArgMax", ElementType.Int64, new(rows.Shape[0], 1L), [rows], ("axis", 1L), ("keepdims", 1L));

    /// <summary>aᵀ · b over rows, without a turned copy of a: what the gradient of a weight is made of.</summary>
    public Value ProductOverRows(Value a, Value b)
    {
        if (a.Rank != 2 || b.Rank != 2 || a.Shape[0] != b.Shape[0])
            throw Mismatch("Gemm", [a, b], "both need two axes and as many rows");
        return Emit("Gemm", a.Type, new(a.Shape[1], b.Shape[1]), [a, b], ("transA", 1L), ("transB", 0L));
    }

    private static void RequirePlaces(string op, Value rows, Value places)
    {
        if (rows.Rank != 2 || places.Type != ElementType.Int64 || !places.Shape.Equals(new Shape(rows.Shape[0], 1L)))
            throw Mismatch(op, [rows, places], "one whole number for each row");
    }
}
