namespace AttentionServer.Studies.Statistics;

/// <summary>How p-values are corrected for the number of tests.</summary>
public enum Correction
{
    /// <summary>Holm: among all cells, a false alarm at all has at most the chosen probability.</summary>
    Holm,

    /// <summary>Benjamini and Hochberg: among the cells called significant, at most the chosen share is false on average.</summary>
    BenjaminiHochberg,
}

/// <summary>p-values adjusted for being a family: to be compared with the level itself.</summary>
public static class Families
{
    /// <summary>The p-values adjusted in that way, in their order.</summary>
    public static double[] Adjust(IReadOnlyList<double> pValues, Correction correction) => correction switch
    {
        Correction.Holm => Holm(pValues),
        _ => BenjaminiHochberg(pValues),
    };

    /// <summary>Holm 1979, A Simple Sequentially Rejective Multiple Test Procedure: max over smaller ones of (m − rank + 1)·p. However the tests depend on each other.</summary>
    public static double[] Holm(IReadOnlyList<double> pValues)
    {
        var adjusted = new double[pValues.Count];
        var (largest, rank) = (0.0, 0);
        foreach (var i in Order(pValues))
            adjusted[i] = largest = Math.Max(largest, Math.Min(1, (pValues.Count - rank++) * pValues[i]));
        return adjusted;
    }

    /// <summary>
    /// Benjamini and Hochberg 1995, Controlling the False Discovery Rate: min over larger ones of m / rank · p. For tests that are independent or depend
    /// positively on each other (Benjamini and Yekutieli 2001), as cells measured on the same examples do.
    /// </summary>
    public static double[] BenjaminiHochberg(IReadOnlyList<double> pValues)
    {
        var adjusted = new double[pValues.Count];
        var (smallest, rank) = (1.0, pValues.Count);
        foreach (var i in Order(pValues).Reverse())
            adjusted[i] = smallest = Math.Min(smallest, (double)pValues.Count / rank-- * pValues[i]);
        return adjusted;
    }

    private static IEnumerable<int> Order(IReadOnlyList<double> pValues) => Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]);
}
