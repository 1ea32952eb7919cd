namespace AttentionServer.Graphs;

public sealed partial class GraphBuilder
{
    /// <summary>The same elements in another shape; the sizes must agree as products of numbers and symbols.</summary>
    public Value Reshape(Value x, params Dim[] dims)
    {
        var shape = new Shape(dims);
        if (x.Shape.Size != shape.Size)
            throw Mismatch("Reshape", [x], $"{x.Shape.Size} elements do not make {shape}");
        return Emit("Reshape", x.Type, shape, [x, ShapeTensor(shape)]);
    }

    /// <summary>Axes in another order.</summary>
    public Value Transpose(Value x, params int[] order)
    {
        if (!order.Order().SequenceEqual(Enumerable.Range(0, x.Rank)))
            throw Mismatch("Transpose", [x], $"({string.Join(',', order)}) is not an order of its axes");
        return Emit("Transpose", x.Type, new([.. order.Select(i => x.Shape[i])]), [x], ("perm", order.Select(i => (long)i).ToArray()));
    }

    /// <summary>Rows of a table by index.</summary>
    public Value Gather(Value table, Value indices)
    {
        if (indices.Type != ElementType.Int64)
            throw Mismatch("Gather", [table, indices], $"indices must be Int64, not {indices.Type}");
        if (table.Rank == 0)
            throw Mismatch("Gather", [table, indices], "a scalar has no rows");
        return Emit("Gather", table.Type, new([.. indices.Shape, .. table.Shape.Skip(1)]), [table, indices], ("axis", 0L));
    }

    /// <summary>Elements start…end (exclusive) of one axis; the end may be a symbol.</summary>
    public Value Slice(Value x, int axis, long start, Dim end)
    {
        axis = axis < 0 ? axis + x.Rank : axis;
        var length = x.Shape[axis];
        if (axis >= x.Rank || start < 0 || (end.IsKnown && end.Factor <= start) || (end.IsKnown && length.IsKnown && end.Factor > length.Factor))
            throw Mismatch("Slice", [x], $"{start}…{end} is not inside axis {axis}");
        if (start != 0 && !end.IsKnown)
            throw Mismatch("Slice", [x], "a slice up to a symbol starts at 0");
        return Emit("Slice", x.Type, x.Shape.With(axis, end.IsKnown ? end.Factor - start : end), [x, Integers(start), ShapeTensor(new(end)), Integers(axis)]);
    }

    /// <summary>Values one after another along an axis.</summary>
    public Value Concat(int axis, params Value[] values)
    {
        var first = values[0];
        axis = axis < 0 ? axis + first.Rank : axis;
        Dim total = first.Shape[axis];
        foreach (var next in values.Skip(1))
        {
            if (next.Type != first.Type || next.Rank != first.Rank || !next.Shape.With(axis, 1L).Equals(first.Shape.With(axis, 1L)))
                throw Mismatch("Concat", [first, next], $"they differ in more than axis {axis}");
            if (!total.IsKnown || !next.Shape[axis].IsKnown)
                throw Mismatch("Concat", [first, next], $"axis {axis} must be a number in each");
            total = total.Factor + next.Shape[axis].Factor;
        }

        return Emit("Concat", first.Type, first.Shape.With(axis, total), values, ("axis", (long)axis));
    }

    /// <summary>A shape as a tensor; the parts known only at run time are read off the input that has them, once a graph.</summary>
    private Value ShapeTensor(Shape shape)
    {
        if (shape.All(d => d.IsKnown))
            return Integers([.. shape.Select(d => d.Factor)]);
        if (_runtimeShapes.TryGetValue(shape, out var known))
            return known;

        // One unknown dimension can be inferred by Reshape itself.
        if (shape.Rank > 1 && shape.Count(d => !d.IsKnown) == 1)
            return _runtimeShapes[shape] = Integers([.. shape.Select(d => d.IsKnown ? d.Factor : -1)]);
        var parts = shape.Select(d => d.IsKnown ? Integers(d.Factor) : RuntimeDim(d)).ToArray();
        return _runtimeShapes[shape] = parts.Length == 1 ? parts[0] : Concat(0, parts);
    }

    private Value RuntimeDim(Dim dim)
    {
        foreach (var input in _inputs)
            for (var axis = 0; axis < input.Rank; axis++)
                if (input.Shape[axis] == dim)
                    return Emit("Shape", ElementType.Int64, new(1L), [input], ("start", (long)axis), ("end", (long)axis + 1));
        throw new GraphException($"Reshape: no input has the dimension {dim}, so it is not known when the graph runs");
    }
}
