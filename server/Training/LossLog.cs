using System.Globalization;

namespace AttentionServer.Training;

/// <summary>
/// The course of a training as losses.csv: one line a step, numbers in full, so that two courses can be compared exactly.
/// Lines after the state that a training goes on from are dropped and written again.
/// </summary>
internal sealed class LossLog : IDisposable
{
    public const string FileName = "losses.csv";

    private const string Header = "step,loss,learning_rate,gradient_norm,tokens,seconds,dev_loss,dev_accuracy";

    private readonly StreamWriter _writer;

    public LossLog(string folder, long after)
    {
        var path = Path.Combine(folder, FileName);
        var kept = new List<string> { Header };
        if (after > 0 && File.Exists(path))
            kept.AddRange(File.ReadLines(path).Skip(1).Where(line => long.TryParse(line.Split(',')[0], out var step) && step <= after));
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
