using System.Globalization;

namespace AttentionServer.Training;

/// <summary>Steps in a row of a training, as one point of its curve.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Step">The last of them.</param>
/// <param name="Loss">Their mean loss.</param>
/// <param name="Low">The lowest.</param>
/// <param name="High">The highest.</param>
/// <param name="Rate">The learning rate of the last.</param>
public sealed record CoursePoint(long First, long Step, double Loss, double Low, double High, double Rate);

/// <summary>A look at the dev set.</summary>
/// <param name="Step">After which step.</param>
/// <param name="Loss">The mean loss.</param>
/// <param name="Accuracy">The share of right guesses.</param>
public sealed record CourseLook(long Step, double Loss, double Accuracy);

/// <summary>
/// The course of a training so far: few enough points to draw, each of as many steps as any other but the last. It can be added to
/// while it is read.
/// </summary>
public sealed class TrainingCourse
{
    private const int MostPoints = 600;

    private readonly Lock _lock = new();
    private readonly List<CoursePoint> _points = [];
    private readonly List<CourseLook> _looks = [];
    private long _each = 1;

    /// <summary>Tokens seen.</summary>
    public long Tokens { get; private set; }

    /// <summary>Seconds of work.</summary>
    public double Seconds { get; private set; }

    /// <summary>What losses.csv in a folder tells, up to a step; nothing where there is none. Lines that are cut are left out.</summary>
    public static TrainingCourse Read(string folder, long upTo = long.MaxValue)
    {
        var course = new TrainingCourse();
        var path = Path.Combine(folder, LossLog.FileName);
        if (!File.Exists(path))
            return course;
        // Another process may be writing it.
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split(',');
            if (cells.Length == 8 && long.TryParse(cells[0], CultureInfo.InvariantCulture, out var step) && step <= upTo
                && Number(cells[1]) is { } loss && Number(cells[2]) is { } rate && long.TryParse(cells[4], CultureInfo.InvariantCulture, out var tokens) && Number(cells[5]) is { } seconds)
                course.Add(step, loss, rate, tokens, seconds, Number(cells[6]), Number(cells[7]));
        }

        return course;
    }

    /// <summary>Takes a step.</summary>
    public void Add(StepReport step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Add(step.Step, step.Loss, step.Rate, step.Tokens, step.Seconds, step.DevLoss, step.DevAccuracy);
    }

    /// <summary>The points and looks there are.</summary>
    public (IReadOnlyList<CoursePoint> Points, IReadOnlyList<CourseLook> Looks) Snapshot()
    {
        lock (_lock)
            return ([.. _points], [.. _looks]);
    }

    /// <summary>
    /// The losses of points smoothed: an exponential mean over about a fiftieth of the steps, at least ten, without the pull
    /// towards 0 of the first (Kingma and Ba 2015, section 3).
    /// </summary>
    public static double[] Smoothed(IReadOnlyList<CoursePoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var span = points.Count == 0 ? 1 : Math.Max(10, points[^1].Step / 50.0);
        var (sum, weight) = (0.0, 0.0);
        return [.. points.Select(point =>
        {
            var kept = Math.Exp(-(point.Step - point.First + 1) / span);
            (sum, weight) = ((kept * sum) + ((1 - kept) * point.Loss), (kept * weight) + (1 - kept));
            return sum / weight;
        })];
    }

    private void Add(long step, double loss, double rate, long tokens, double seconds, double? devLoss, double? devAccuracy)
    {
        lock (_lock)
        {
            (Tokens, Seconds) = (tokens, seconds);
            if (devLoss is { } dev)
                _looks.Add(new(step, dev, devAccuracy ?? double.NaN));
            if (_points.Count > 0 && _points[^1] is var last && last.Step - last.First + 1 < _each)
                _points[^1] = Joined(last, new(step, step, loss, loss, loss, rate));
            else
                _points.Add(new(step, step, loss, loss, loss, rate));
            if (_points.Count < MostPoints)
                return;
            // Twice as many steps to a point from now on.
            for (var i = 0; i < MostPoints / 2; i++)
                _points[i] = Joined(_points[2 * i], _points[(2 * i) + 1]);
            _points.RemoveRange(MostPoints / 2, MostPoints / 2);
            _each *= 2;
        }
    }

    private static CoursePoint Joined(CoursePoint a, CoursePoint b)
    {
        double m = a.Step - a.First + 1, n = b.Step - b.First + 1;
        return new(a.First, b.Step, ((m * a.Loss) + (n * b.Loss)) / (m + n), Math.Min(a.Low, b.Low), Math.Max(a.High, b.High), b.Rate);
    }

    private static double? Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
