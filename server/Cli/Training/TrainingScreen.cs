using System.Diagnostics;
using System.Globalization;
using AttentionServer.Training;

namespace AttentionServer.Cli.Training;

/// <summary>A training while it runs: a line with the loss, its course, the rate, tokens a second and the time left.</summary>
internal sealed class TrainingScreen(Terminal terminal)
{
    private const int CurveWidth = 24;

    // Often enough to look alive; where nobody watches, a line now and then for the log.
    private static readonly TimeSpan Redraw = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Noted = TimeSpan.FromSeconds(30);

    private readonly LossCurve _curve = new();
    private readonly Queue<(int Tokens, double Seconds)> _recent = new();
    private long _drawn;
    private long _noted = Stopwatch.GetTimestamp();
    private double? _mean;

    public void Report(StepReport step)
    {
        _curve.Add(step.Loss);
        // A running mean, because single steps jump about.
        _mean = _mean is { } mean ? (0.9 * mean) + (0.1 * step.Loss) : step.Loss;
        _recent.Enqueue((step.StepTokens, step.StepSeconds));
        if (_recent.Count > 30)
            _recent.Dequeue();
        if (step.DevLoss is { } dev)
        {
            terminal.Live("");
            terminal.Note(string.Create(CultureInfo.InvariantCulture, $"step {step.Step}: dev loss {dev:0.0000}, right {100 * step.DevAccuracy:0.0} %"));
        }

        if (Console.IsErrorRedirected && Stopwatch.GetElapsedTime(_noted) >= Noted)
        {
            _noted = Stopwatch.GetTimestamp();
            terminal.Note(Line(step));
        }

        if (_drawn != 0 && Stopwatch.GetElapsedTime(_drawn) < Redraw)
            return;
        _drawn = Stopwatch.GetTimestamp();
        terminal.Live(Line(step));
    }

    /// <summary>The whole course at the end, with the highest and lowest loss beside it.</summary>
    public void End()
    {
        terminal.Live("");
        if (Console.IsErrorRedirected)
            return;
        foreach (var line in _curve.Draw(60, 5))
            terminal.Note($"  {line}");
    }

    private string Line(StepReport step)
    {
        var seconds = _recent.Sum(r => r.Seconds);
        var left = TimeSpan.FromSeconds(Math.Clamp((step.Total - step.Step) * seconds / _recent.Count, 0, 1e7));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"step {step.Step}/{step.Total}  loss {_mean:0.000} {_curve.Draw(CurveWidth, 1)[0]}  lr {step.Rate:0.0e-0}  {_recent.Sum(r => r.Tokens) / seconds:N0} tokens/s  {(int)left.TotalHours}:{left:mm\\:ss} left");
    }
}
