namespace AttentionServer.Cli.Training;

/// <summary>The course of a loss in braille dots: two columns and four rows of them to a character.</summary>
internal sealed class LossCurve
{
    private const int MostPoints = 4096;

    // The dot of column 0 or 1 and row 0 (top) to 3 in a braille cell (Unicode 2800).
    private static readonly int[,] Dots = { { 0x01, 0x02, 0x04, 0x40 }, { 0x08, 0x10, 0x20, 0x80 } };

    private readonly List<double> _points = [];
    private double _sum;
    private int _count;
    private int _each = 1;

    /// <summary>The mean of the last points.</summary>
    public double Last => _points.Count > 0 ? _points[^1] : _sum / Math.Max(1, _count);

    public void Add(double loss)
    {
        _sum += loss;
        if (++_count < _each)
            return;
        _points.Add(_sum / _count);
        (_sum, _count) = (0, 0);
        if (_points.Count < MostPoints)
            return;
        // Twice as many losses to a point from now on.
        for (var i = 0; i < MostPoints / 2; i++)
            _points[i] = (_points[2 * i] + _points[(2 * i) + 1]) / 2;
        _points.RemoveRange(MostPoints / 2, MostPoints / 2);
        _each *= 2;
    }

    /// <summary>Lines of so many characters, the highest loss at the top.</summary>
    public IReadOnlyList<string> Draw(int width, int height)
    {
        var (columns, rows) = (width * 2, height * 4);
        var values = Columns(columns);
        if (values.Count == 0)
            return [.. Enumerable.Repeat(new string('\u2800', width), height)];
        double low = values.Min(), high = values.Max();
        var cells = new int[height, width];
        for (var x = 0; x < values.Count; x++)
        {
            var y = high > low ? (int)Math.Round((high - values[x]) / (high - low) * (rows - 1)) : rows - 1;
            cells[y / 4, x / 2] |= Dots[x % 2, y % 4];
        }

        return [.. Enumerable.Range(0, height).Select(y => string.Concat(Enumerable.Range(0, width).Select(x => (char)(0x2800 + cells[y, x]))))];
    }

    private List<double> Columns(int columns)
    {
        if (_points.Count <= columns)
            return _points;
        return [.. Enumerable.Range(0, columns).Select(x =>
        {
            int from = (int)((long)x * _points.Count / columns), to = (int)((long)(x + 1) * _points.Count / columns);
            return _points.GetRange(from, to - from).Average();
        })];
    }
}
