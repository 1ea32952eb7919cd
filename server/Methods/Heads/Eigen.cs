namespace AttentionServer.Methods.Heads;

/// <summary>Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations (1846): slow for large matrices, and right to the last digits.</summary>
internal static class Eigen
{
    private const int MostSweeps = 60;

    /// <summary>The values, and the vectors as columns; in no order.</summary>
    public static (double[] Values, double[] Vectors) Symmetric(double[] matrix, int size)
    {
        var a = (double[])matrix.Clone();
        var vectors = new double[size * size];
        for (var i = 0; i < size; i++)
            vectors[(i * size) + i] = 1;
        for (var sweep = 0; sweep < MostSweeps; sweep++)
        {
            double off = 0, all = 0;
            for (var i = 0; i < size; i++)
                for (var j = 0; j < size; j++)
                {
                    var square = a[(i * size) + j] * a[(i * size) + j];
                    all += square;
                    off += i == j ? 0 : square;
                }

            if (off <= 1e-26 * all)
                break;
            for (var p = 0; p < size; p++)
                for (var q = p + 1; q < size; q++)
                    if (a[(p * size) + q] != 0)
                        Rotate(a, vectors, size, p, q);
        }

        return ([.. Enumerable.Range(0, size).Select(i => a[(i * size) + i])], vectors);
    }

    private static void Rotate(double[] a, double[] vectors, int size, int p, int q)
    {
        var theta = (a[(q * size) + q] - a[(p * size) + p]) / (2 * a[(p * size) + q]);
        var t = (theta < 0 ? -1 : 1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var c = 1 / Math.Sqrt((t * t) + 1);
        var s = t * c;
        for (var k = 0; k < size; k++)
        {
            var (x, y) = (a[(k * size) + p], a[(k * size) + q]);
            (a[(k * size) + p], a[(k * size) + q]) = ((c * x) - (s * y), (s * x) + (c * y));
        }

        for (var k = 0; k < size; k++)
        {
            var (x, y) = (a[(p * size) + k], a[(q * size) + k]);
            (a[(p * size) + k], a[(q * size) + k]) = ((c * x) - (s * y), (s * x) + (c * y));
            (x, y) = (vectors[(k * size) + p], vectors[(k * size) + q]);
            (vectors[(k * size) + p], vectors[(k * size) + q]) = ((c * x) - (s * y), (s * x) + (c * y));
        }
    }
}
