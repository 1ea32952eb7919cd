namespace AttentionServer.Methods.Fidelity;

/// <summary>How far numbers are from what they should be, relative to the largest of those.</summary>
public sealed record Agreement(string What, double Difference, double Limit)
{
    /// <summary>True when it is within the limit.</summary>
    public bool Holds => Difference <= Limit;

    /// <summary>max|actual − expected| / max|expected|; infinite when one of them is not a number.</summary>
    public static double Between(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length)
            return double.PositiveInfinity;
        double largest = 0, worst = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            var difference = Math.Abs((double)actual[i] - expected[i]);
            worst = double.IsFinite(difference) ? Math.Max(worst, difference) : double.PositiveInfinity;
        }

        return worst == 0 ? 0 : worst / largest;
    }

    /// <summary>The worst of each kind.</summary>
    public static IReadOnlyList<Agreement> Worst(IEnumerable<Agreement> agreements) =>
        [.. agreements.GroupBy(a => a.What).Select(g => g.MaxBy(a => a.Difference)!)];
}
