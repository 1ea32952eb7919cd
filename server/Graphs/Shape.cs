using System.Collections;

namespace AttentionServer.Graphs;

/// <summary>The dimensions of a value, outermost first.</summary>
public sealed class Shape(params Dim[] dims) : IReadOnlyList<Dim>, IEquatable<Shape>
{
    /// <summary>No dimensions: one number.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>How many dimensions.</summary>
    public int Rank => dims.Length;

    /// <inheritdoc/>
    public int Count => dims.Length;

    /// <summary>How many elements, as a product of numbers and symbols.</summary>
    public Dim Size => dims.Aggregate((Dim)1L, (a, b) => a * b);

    /// <summary>A dimension; negative indices count from the end.</summary>
    public Dim this[int index] => dims[index < 0 ? index + dims.Length : index];

    /// <summary>The shape two values broadcast to, by numpy's rules; null where they do not.</summary>
    public static Shape? Broadcast(Shape left, Shape right)
    {
        var result = new Dim[Math.Max(left.Rank, right.Rank)];
        for (var i = 1; i <= result.Length; i++)
        {
            Dim a = i <= left.Rank ? left[-i] : 1L, b = i <= right.Rank ? right[-i] : 1L;
            if (a != b && !a.IsOne && !b.IsOne)
                return null;
            result[^i] = a.IsOne ? b : a;
        }

        return new(result);
    }

    /// <summary>This shape with one dimension replaced.</summary>
    public Shape With(int index, Dim dim)
    {
        var copy = (Dim[])dims.Clone();
        copy[index < 0 ? index + copy.Length : index] = dim;
        return new(copy);
    }

    /// <inheritdoc/>
    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => dims.GetEnumerator();

    /// <summary>Same dimensions in the same order.</summary>
    public bool Equals(Shape? other) => other is not null && dims.AsSpan().SequenceEqual(other.ToArray());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => dims.Aggregate(dims.Length, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(',', dims)}]";
}
