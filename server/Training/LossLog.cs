using System.Globalization;

namespace AttentionServer.Training;

/// <summary>
/// The course of a training as losses.csv: one line a step, numbers in full, so that two courses can be compared exactly.
/// Lines after the state that a training goes on from are dropped and written again.
/// </summary>
internal sealed class LossLog : IDisposable
{
    public const string FileName = "losses.csv";

    /// <summary>How many last losses are told of.</summary>
    public const int MostBefore = 50;

    private const string Header = "step,loss,learning_rate,gradient_norm,tokens,seconds,dev_loss,dev_accuracy";

    private readonly StreamWriter _writer;

    /// <summary>The losses of the last steps before the state that a training goes on from.</summary>
    public IReadOnlyList<double> Before { get; }

    public LossLog(string folder, long after)
    {
        var path = Path.Combine(folder, FileName);
        var kept = new List<string> { Header };
        if (after > 0 && File.Exists(path))
            kept.AddRange(File.ReadLines(path).Skip(1).Where(line => long.TryParse(line.Split(',')[0], out var step) && step <= after));
        Before = [.. kept.Skip(1).TakeLast(MostBefore).Select(line => double.TryParse(line.Split(',')[1], CultureInfo.InvariantCulture, out var loss) ? loss : double.NaN).Where(double.IsFinite)];
        _writer = new(path, append: false) { NewLine = "\n" };
        foreach (var line in kept)
            _writer.WriteLine(line);
        _writer.Flush();
    }

    public void Add(StepReport report) => _writer.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{report.Step},{report.Loss:R},{report.Rate:R},{report.Norm:R},{report.Tokens},{report.Seconds:0.000},{report.DevLoss:R},{report.DevAccuracy:R}"));

    public void Flush() => _writer.Flush();

    public void Dispose() => _writer.Dispose();
}
