using System.Diagnostics;
using System.Globalization;
using AttentionServer.Training;

namespace AttentionServer.Cli.Training;

/// <summary>A training while it runs: a line with the loss, its course, the rate, tokens a second and the time left.</summary>
internal sealed class TrainingScreen(Terminal terminal, double minutes)
{
    private const int CurveWidth = 24;

    // Often enough to look alive; where nobody watches, a line now and then for the log.
    private static readonly TimeSpan Redraw = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Noted = TimeSpan.FromSeconds(30);

    private readonly LossCurve _curve = new();
    private readonly TrainingPace _pace = new(minutes);
    private long _drawn;
    private long _noted = Stopwatch.GetTimestamp();

    public void Report(StepReport step)
    {
        _curve.Add(step.Loss);
        _pace.Add(step);
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

    private string Line(StepReport step) => string.Create(CultureInfo.InvariantCulture, $"{_curve.Draw(CurveWidth, 1)[0]} {_pace} · rate {step.Rate:0.0e-0}");
}
