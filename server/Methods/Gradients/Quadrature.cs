namespace AttentionServer.Methods.Gradients;

/// <summary>Where and with what weight to look at a function between 0 and 1 in order to integrate it.</summary>
internal static class Quadrature
{
    /// <summary>The middles of n equal parts.</summary>
    public static (double At, double Weight)[] Midpoints(int n) => [.. Enumerable.Range(0, n).Select(k => ((k + 0.5) / n, 1.0 / n))];

    /// <summary>
    /// Gauss–Legendre: exact for polynomials up to degree 2n − 1. Its nodes are the roots of the Legendre polynomial, found by
    /// Newton's method from Tricomi's approximation, and mapped from [−1, 1].
    /// </summary>
    public static (double At, double Weight)[] GaussLegendre(int n)
    {
        var nodes = new (double, double)[n];
        for (var k = 0; k < n; k++)
        {
            var x = Math.Cos(Math.PI * (k + 0.75) / (n + 0.5));
            var slope = 0.0;
            for (var round = 0; round < 100; round++)
            {
                double before = 1, value = x;
                for (var degree = 2; degree <= n; degree++)
                    (before, value) = (value, (((2 * degree) - 1) * x * value - ((degree - 1) * before)) / degree);
                slope = n * ((x * value) - before) / ((x * x) - 1);
                var step = value / slope;
                x -= step;
                if (Math.Abs(step) < 1e-15)
                    break;
            }

            nodes[n - 1 - k] = ((x + 1) / 2, 1 / ((1 - (x * x)) * slope * slope));
        }

        return nodes;
    }
}
