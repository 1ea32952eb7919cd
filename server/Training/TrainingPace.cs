using System.Globalization;

namespace AttentionServer.Training;

/// <summary>How a training gets on: a loss that does not jump about, tokens a second, the time that is left.</summary>
/// <param name="minutes">How long it is to take, where that was asked for: its plan knows only after some steps how many there will be.</param>
public sealed class TrainingPace(double minutes = 0)
{
    private const int Recent = 30;

    private readonly Queue<(int Tokens, double Seconds)> _recent = new();

    /// <summary>The step done last; null before the first.</summary>
    public StepReport? Last { get; private set; }

    /// <summary>A running mean of losses.</summary>
    public double Loss { get; private set; }

    /// <summary>Over the last steps.</summary>
    public double TokensPerSecond => _recent.Sum(r => r.Tokens) / Math.Max(_recent.Sum(r => r.Seconds), 1e-9);

    /// <summary>For the steps that are left, as far as is known.</summary>
    public TimeSpan Left => Last == null ? default : TimeSpan.FromSeconds(Math.Clamp((Total - Last.Step) * PerStep, 0, 1e7));

    /// <summary>Steps in all, as far as is known; a training by time has a hundred at least.</summary>
    public long Total => Last == null ? 0
        : minutes > 0 ? Math.Min(Last.Total, Math.Max(100, Last.Step + (long)Math.Ceiling(Math.Max(0, (60 * minutes) - Last.Seconds) / PerStep)))
        : Last.Total;

    private double PerStep => Math.Max(_recent.Sum(r => r.Seconds) / _recent.Count, 1e-9);

    /// <summary>Takes a step.</summary>
    public void Add(StepReport step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Loss = Last == null ? step.Loss : (0.9 * Loss) + (0.1 * step.Loss);
        Last = step;
        _recent.Enqueue((step.StepTokens, step.StepSeconds));
        if (_recent.Count > Recent)
            _recent.Dequeue();
    }

    /// <summary>"step 12 of 340 · loss 3.210 · 1,234 tokens/s · 0:02:34 left".</summary>
    public override string ToString() => Last == null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"step {Last.Step:N0} of {Total:N0} · loss {Loss:0.000}{(Last.DevLoss is { } dev ? $" · dev loss {dev:0.000}" : "")} · {TokensPerSecond:N0} tokens/s · {(int)Left.TotalHours}:{Left:mm\\:ss} left");
}
