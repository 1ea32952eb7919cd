namespace AttentionServer.Methods.Heads;

/// <summary>Multidimensional scaling: points in the plane whose distances come near given ones.</summary>
public static class Scaling
{
    private const int Starts = 4;
    private const int MostRounds = 300;
    private const double Settled = 1e-10;

    /// <summary>
    /// Torgerson's solution [n,2]: the two leading eigenvectors of −½ J D² J, by their roots. Signs are such that the coordinate of
    /// largest size is positive.
    /// </summary>
    public static double[] Classical(double[] distances, int count)
    {
        var centred = new double[count * count];
        var means = new double[count];
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++)
                means[i] += distances[(i * count) + j] * distances[(i * count) + j] / count;
        var mean = means.Average();
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++)
                centred[(i * count) + j] = -0.5 * ((distances[(i * count) + j] * distances[(i * count) + j]) - means[i] - means[j] + mean);

        var (values, vectors) = Eigen.Symmetric(centred, count);
        var plane = new double[count * 2];
        foreach (var (which, axis) in Enumerable.Range(0, count).OrderByDescending(k => values[k]).Take(Math.Min(2, count)).Select((which, axis) => (which, axis)))
        {
            var largest = Enumerable.Range(0, count).MaxBy(i => Math.Abs(vectors[(i * count) + which]));
            var length = Math.Sqrt(Math.Max(0, values[which])) * (vectors[(largest * count) + which] < 0 ? -1 : 1);
            for (var i = 0; i < count; i++)
                plane[(i * 2) + axis] = vectors[(i * count) + which] * length;
        }

        return plane;
    }

    /// <summary>
    /// The best of several starts of SMACOF (de Leeuw 1977), the classical solution first: each round moves all points to where a
    /// parabola above the stress Σ (d − d̂)² is lowest. The same result every time.
    /// </summary>
    public static (double[] Plane, double Stress) Smacof(double[] distances, int count, CancellationToken cancellation)
    {
        var random = new Random(1);
        var spread = distances.Length == 0 ? 1 : Math.Max(1e-12, distances.Max());
        var best = (Plane: new double[count * 2], Stress: double.PositiveInfinity);
        for (var start = 0; start < Starts; start++)
        {
            var plane = start == 0 ? Classical(distances, count) : [.. Enumerable.Range(0, count * 2).Select(_ => (random.NextDouble() - 0.5) * spread)];
            var stress = Stress(distances, plane, count);
            for (var round = 0; round < MostRounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                plane = Guttman(distances, plane, count);
                var now = Stress(distances, plane, count);
                if (stress - now <= Settled * Math.Max(stress, 1e-300))
                    break;
                stress = now;
            }

            stress = Stress(distances, plane, count);
            if (stress < best.Stress)
                best = (plane, stress);
        }

        return best;
    }

    /// <summary>Σ over pairs of (d − d̂)².</summary>
    public static double Stress(double[] distances, double[] plane, int count)
    {
        var stress = 0.0;
        for (var i = 0; i < count; i++)
            for (var j = i + 1; j < count; j++)
            {
                var difference = distances[(i * count) + j] - Apart(plane, i, j);
                stress += difference * difference;
            }

        return stress;
    }

    private static double[] Guttman(double[] distances, double[] plane, int count)
    {
        var moved = new double[count * 2];
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++)
            {
                if (i == j)
                    continue;
                var apart = Apart(plane, i, j);
                var ratio = apart > 1e-300 ? distances[(i * count) + j] / apart : 0;
                moved[i * 2] += ratio * (plane[i * 2] - plane[j * 2]) / count;
                moved[(i * 2) + 1] += ratio * (plane[(i * 2) + 1] - plane[(j * 2) + 1]) / count;
            }

        return moved;
    }

    private static double Apart(double[] plane, int i, int j) => Math.Sqrt(Math.Pow(plane[i * 2] - plane[j * 2], 2) + Math.Pow(plane[(i * 2) + 1] - plane[(j * 2) + 1], 2));
}
