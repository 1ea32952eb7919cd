namespace AttentionServer.Studies.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class Normal
{
    /// <summary>The probability of a value below x; exact to fourteen digits in the middle and as a share in the tails.</summary>
    public static double Below(double x) => x > 0 ? 1 - Tail(x) : Tail(-x);

    /// <summary>The value that is exceeded from below with that probability.</summary>
    public static double Quantile(double probability)
    {
        if (probability is <= 0 or >= 1)
            return probability <= 0 ? double.NegativeInfinity : double.PositiveInfinity;
        var (low, high) = (-40.0, 40.0);
        while (high - low > 1e-12)
        {
            var middle = (low + high) / 2;
            if (Below(middle) < probability)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>The probability of a value above x, for x ≥ 0 (Abramowitz and Stegun 1964, 26.2.11 and 26.2.14).</summary>
    internal static double Tail(double x)
    {
        var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (x < 3)
        {
            var (term, sum) = (x, x);
            for (var k = 3; term > 1e-17 * sum; k += 2)
                sum += term *= x * x / k;
            return 0.5 - (density * sum);
        }

        var fraction = x;
        for (var k = 60; k > 0; k--)
            fraction = x + (k / fraction);
        return density / fraction;
    }
}
