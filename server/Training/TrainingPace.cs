using System.Globalization;

namespace AttentionServer.Training;

/// <summary>How a training gets on: a loss that does not jump about, tokens a second, the time that is left.</summary>
public sealed class TrainingPace
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
    public TimeSpan Left => Last == null ? default : TimeSpan.FromSeconds(Math.Clamp((Last.Total - Last.Step) * _recent.Sum(r => r.Seconds) / _recent.Count, 0, 1e7));

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
        $"step {Last.Step:N0} of {Last.Total:N0} · loss {Loss:0.000}{(Last.DevLoss is { } dev ? $" · dev loss {dev:0.000}" : "")} · {TokensPerSecond:N0} tokens/s · {(int)Left.TotalHours}:{Left:mm\\:ss} left");
}
