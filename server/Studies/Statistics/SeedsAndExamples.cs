namespace AttentionServer.Studies.Statistics;

/// <summary>
/// The distribution of a mean whose error has two parts: one from examples, of which there are many, normal; one from seeds, of which there are
/// few, Student's with as many degrees of freedom as there are seeds less one. Their sum is that of the Behrens–Fisher problem (Fisher 1935,
/// The Fiducial Argument in Statistical Inference): given the seeds' χ², it is normal, and the χ² is integrated out.
/// </summary>
internal static class SeedsAndExamples
{
    /// <summary>The probability of an error at least that large on either side.</summary>
    public static double TwoSided(double error, double examplePart, double seedPart, int seeds)
    {
        var size = Math.Abs(error);
        if (seedPart <= 0 || seeds < 2)
            return examplePart > 0 ? 2 * Normal.Tail(size / Math.Sqrt(examplePart)) : size > 0 ? 0 : 1;
        var shape = (seeds - 1) / 2.0;
        double sum = 0, weights = 0;
        // u = χ²/(S − 1) on a logarithmic scale, where its density is smooth and the trapezoid rule converges fast; e⁻³⁰ of it lies outside.
        var (high, low) = (Math.Sqrt(60 / shape), -Math.Sqrt(60 / shape) - (30 / shape));
        const int steps = 200;
        for (var step = 0; step <= steps; step++)
        {
            var y = low + ((high - low) * step / steps);
            var u = Math.Exp(y);
            var weight = Math.Exp((shape * y) - (shape * u));
            weights += weight;
            sum += weight * 2 * Normal.Tail(size / Math.Sqrt(examplePart + (seedPart / u)));
        }

        return Math.Min(1, sum / weights);
    }

    /// <summary>The error that is not exceeded with that confidence.</summary>
    public static double HalfWidth(double confidence, double examplePart, double seedPart, int seeds)
    {
        var scale = Math.Sqrt(examplePart + Math.Max(0, seedPart));
        if (scale == 0)
            return 0;
        var (low, high) = (0.0, scale);
        while (TwoSided(high, examplePart, seedPart, seeds) > 1 - confidence)
            high *= 2;
        while (high - low > 1e-6 * high)
        {
            var middle = (low + high) / 2;
            if (TwoSided(middle, examplePart, seedPart, seeds) > 1 - confidence)
                low = middle;
            else
                high = middle;
        }

        return high;
    }
}
