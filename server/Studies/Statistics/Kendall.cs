namespace AttentionServer.Studies.Statistics;

/// <summary>
/// Kendall's τ-b (Kendall 1945, The Treatment of Ties in Ranking Problems): of all pairs, how many more are ordered alike than the other way, ties
/// taken out on either side.
/// </summary>
public static class Kendall
{
    /// <summary>From −1 to 1; not a number where a list has no order.</summary>
    public static double Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count)
            throw new ArgumentException($"{first.Count} numbers cannot be compared with {second.Count}", nameof(second));
        long alike = 0, inFirst = 0, inSecond = 0;
        for (var i = 0; i < first.Count; i++)
            for (var j = 0; j < i; j++)
            {
                int a = first[i].CompareTo(first[j]), b = second[i].CompareTo(second[j]);
                alike += a * b;
                inFirst += a * a;
                inSecond += b * b;
            }

        return inFirst == 0 || inSecond == 0 ? double.NaN : alike / Math.Sqrt((double)inFirst * inSecond);
    }
}
