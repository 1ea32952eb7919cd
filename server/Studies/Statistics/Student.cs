namespace AttentionServer.Studies.Statistics;

/// <summary>
/// Student's t distribution with any number of degrees of freedom above 0 (Student 1908, The Probable Error of a Mean), by way of the incomplete beta
/// function (Abramowitz and Stegun 1964, 26.5.8 and 26.7.1).
/// </summary>
public static class Student
{
    /// <summary>The probability that |T| is at least that large.</summary>
    public static double TwoSided(double t, double degrees) =>
        double.IsInfinity(t) ? 0 : double.IsNaN(t) ? double.NaN : IncompleteBeta(degrees / 2, 0.5, degrees / (degrees + (t * t)));

    /// <summary>What |T| stays below with that probability: 12.7 for 0.95 and one degree of freedom, 1.96 for very many.</summary>
    public static double TwoSidedQuantile(double confidence, double degrees)
    {
        // The tail falls with t, so halving an interval finds it; 1e-12 is reached long before the last step.
        var (low, high) = (0.0, 1.0);
        while (TwoSided(high, degrees) > 1 - confidence && high < 1e100)
            high *= 2;
        for (var step = 0; step < 200 && high - low > 1e-12 * high; step++)
        {
            var middle = (low + high) / 2;
            if (TwoSided(middle, degrees) > 1 - confidence)
                low = middle;
            else
                high = middle;
        }

        return high;
    }

    private static double IncompleteBeta(double a, double b, double x)
    {
        if (x <= 0)
            return 0;
        if (x >= 1)
            return 1;
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x)));
        return x < (a + 1) / (a + b + 2) ? front * ContinuedFraction(a, b, x) / a : 1 - (front * ContinuedFraction(b, a, 1 - x) / b);
    }

    // Lentz's way of computing a continued fraction from the front (Lentz 1976); this one converges fast for x < (a + 1) / (a + b + 2).
    private static double ContinuedFraction(double a, double b, double x)
    {
        const double tiny = 1e-300;
        var c = 1.0;
        var d = 1 / NotZero(1 - ((a + b) * x / (a + 1)));
        var result = d;
        for (var m = 1; m < 10_000; m++)
        {
            foreach (var term in (ReadOnlySpan<double>)
            [
                m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m))),
                -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1)),
            ])
            {
                d = 1 / NotZero(1 + (term * d));
                c = NotZero(1 + (term / c));
                result *= c * d;
            }

            if (Math.Abs((c * d) - 1) < 1e-15)
                break;
        }

        return result;

        static double NotZero(double value) => Math.Abs(value) < tiny ? tiny : value;
    }

    // Lanczos 1964, with the nine coefficients for g = 7 that give fifteen digits.
    private static double LogGamma(double x)
    {
        ReadOnlySpan<double> coefficients =
        [
            0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
            12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
        ];
        if (x < 0.5)
            return Math.Log(Math.PI / Math.Abs(Math.Sin(Math.PI * x))) - LogGamma(1 - x);
        var sum = coefficients[0];
        for (var i = 1; i < coefficients.Length; i++)
            sum += coefficients[i] / (x - 1 + i);
        var t = x + 6.5;
        return (0.5 * Math.Log(2 * Math.PI)) + ((x - 0.5) * Math.Log(t)) - t + Math.Log(sum);
    }
}
