namespace AttentionServer.Graphs;

/// <summary>
/// One dimension: a number, a symbol known at run time ("B", "T"), or a product of both ("12*B*T").
/// A product is kept as a monomial, so that a reshape can be checked when the graph is built.
/// </summary>
public readonly struct Dim : IEquatable<Dim>
{
    private readonly string _symbols; // sorted, joined by '*'; default(Dim) is 0, which no tensor here has

    private Dim(long factor, string symbols)
    {
        Factor = factor;
        _symbols = symbols;
    }

    /// <summary>The known part.</summary>
    public long Factor { get; }

    /// <summary>The unknown part, "" for a plain number.</summary>
    public string Symbols => _symbols ?? "";

    /// <summary>True for a plain number.</summary>
    public bool IsKnown => Symbols.Length == 0;

    /// <summary>True for exactly 1, which broadcasts.</summary>
    public bool IsOne => IsKnown && Factor == 1;

    /// <summary>A number as a dimension.</summary>
    public static implicit operator Dim(long value) => new(value, "");

    /// <summary>A symbol as a dimension.</summary>
    public static implicit operator Dim(string symbol) => new(1, symbol);

    /// <summary>The product of two dimensions.</summary>
    public static Dim operator *(Dim left, Dim right)
    {
        if (left.IsKnown || right.IsKnown)
            return new(checked(left.Factor * right.Factor), left.Symbols + right.Symbols);
        var symbols = left.Symbols.Split('*').Concat(right.Symbols.Split('*')).Order(StringComparer.Ordinal);
        return new(checked(left.Factor * right.Factor), string.Join('*', symbols));
    }

    /// <summary>See <see cref="Equals(Dim)"/>.</summary>
    public static bool operator ==(Dim left, Dim right) => left.Equals(right);

    /// <summary>See <see cref="Equals(Dim)"/>.</summary>
    public static bool operator !=(Dim left, Dim right) => !left.Equals(right);

    /// <summary>Same number and same symbols.</summary>
    public bool Equals(Dim other) => Factor == other.Factor && Symbols == other.Symbols;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Dim other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Factor, Symbols);

    /// <inheritdoc/>
    public override string ToString() => IsKnown ? $"{Factor}" : Factor == 1 ? Symbols : $"{Factor}*{Symbols}";
}
