namespace AttentionServer.Methods.Compare;

/// <summary>
/// Spearman's rank correlation (Spearman 1904, The Proof and Measurement of Association between Two Things): the correlation of ranks,
/// equal numbers sharing the mean of theirs. It asks whether two lists order things alike, whatever their scales.
/// </summary>
public static class RankCorrelation
{
    /// <summary>From −1 to 1; not a number where a list has no order: fewer than two entries, or all equal.</summary>
    public static double Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count)
            throw new ArgumentException($"{first.Count} numbers cannot be compared with {second.Count}", nameof(second));
        var (a, b) = (Ranks(first), Ranks(second));
        var mean = (first.Count - 1) / 2.0;
        double product = 0, squaresA = 0, squaresB = 0;
        for (var i = 0; i < a.Length; i++)
        {
            product += (a[i] - mean) * (b[i] - mean);
            squaresA += (a[i] - mean) * (a[i] - mean);
            squaresB += (b[i] - mean) * (b[i] - mean);
        }

        return squaresA == 0 || squaresB == 0 ? double.NaN : product / Math.Sqrt(squaresA * squaresB);
    }

    /// <summary>How large a correlation of so many entries is by chance in one case of twenty: 1.96 / √(n − 1).</summary>
    public static double ByChance(int entries) => entries < 2 ? 1 : Math.Min(1, 1.96 / Math.Sqrt(entries - 1));

    private static double[] Ranks(IReadOnlyList<double> numbers)
    {
        var order = Enumerable.Range(0, numbers.Count).OrderBy(i => numbers[i]).ToArray();
        var ranks = new double[numbers.Count];
        for (var first = 0; first < order.Length;)
        {
            var end = first + 1;
            while (end < order.Length && numbers[order[end]] == numbers[order[first]])
                end++;
            for (var at = first; at < end; at++)
                ranks[order[at]] = (first + end - 1) / 2.0;
            first = end;
        }

        return ranks;
    }
}
