namespace AttentionServer.Studies.Statistics;

/// <summary>A confidence interval.</summary>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Half of its width.</summary>
    public double HalfWidth => (High - Low) / 2;

    /// <summary>True when the number lies in it.</summary>
    public bool Contains(double value) => value >= Low && value <= High;

    /// <summary>
    /// The percentile interval of resampled values (Efron 1979, Bootstrap Methods; Efron and Tibshirani 1993, chapter 13). What is no number is left out.
    /// </summary>
    public static Interval OfPercentiles(IEnumerable<double> values, double confidence)
    {
        var sorted = values.Where(v => !double.IsNaN(v)).Order().ToArray();
        return sorted.Length == 0 ? new(double.NaN, double.NaN) : new(At(sorted, (1 - confidence) / 2), At(sorted, (1 + confidence) / 2));
    }

    /// <summary>
    /// The bias-corrected percentile interval (Efron 1981, Nonparametric Standard Errors and Confidence Intervals): for what resampling shifts, as it
    /// lowers a rank correlation by adding noise to what is ranked.
    /// </summary>
    public static Interval OfCorrectedPercentiles(IEnumerable<double> values, double estimate, double confidence)
    {
        var sorted = values.Where(v => !double.IsNaN(v)).Order().ToArray();
        if (sorted.Length == 0)
            return new(double.NaN, double.NaN);
        var below = (sorted.Count(v => v < estimate) + (0.5 * sorted.Count(v => v == estimate))) / sorted.Length;
        // Where all lie on one side the shift cannot be told; half a resample keeps it finite.
        var shift = Normal.Quantile(Math.Clamp(below, 0.5 / sorted.Length, 1 - (0.5 / sorted.Length)));
        var z = Normal.Quantile((1 + confidence) / 2);
        return new(At(sorted, Normal.Below((2 * shift) - z)), At(sorted, Normal.Below((2 * shift) + z)));
    }

    private static double At(double[] sorted, double probability)
    {
        // The order statistic of (B + 1)·p, with what lies between two of them in proportion.
        var place = Math.Clamp(((sorted.Length + 1) * probability) - 1, 0, sorted.Length - 1);
        var (below, share) = ((int)place, place - (int)place);
        return below + 1 < sorted.Length ? sorted[below] + (share * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
