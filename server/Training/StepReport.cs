namespace AttentionServer.Training;

/// <summary>What a step came to.</summary>
public sealed record StepReport
{
    /// <summary>Steps so far.</summary>
    public required long Step { get; init; }

    /// <summary>Steps in all, as far as is known.</summary>
    public required long Total { get; init; }

    /// <summary>How far the training is, from 0 to 1.</summary>
    public required double Progress { get; init; }

    /// <summary>The mean loss of the step's choices.</summary>
    public required double Loss { get; init; }

    /// <summary>The learning rate.</summary>
    public required double Rate { get; init; }

    /// <summary>The length of the gradient before clipping.</summary>
    public required double Norm { get; init; }

    /// <summary>Tokens seen so far.</summary>
    public required long Tokens { get; init; }

    /// <summary>Seconds of work so far, those before an interruption included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Tokens of this step.</summary>
    public required int StepTokens { get; init; }

    /// <summary>Seconds of this step.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>The mean loss on the dev set; null where it was not looked at.</summary>
    public double? DevLoss { get; init; }

    /// <summary>The share of right guesses on the dev set.</summary>
    public double? DevAccuracy { get; init; }
}

/// <summary>What a training came to.</summary>
/// <param name="Steps">Steps.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="Seconds">Seconds of work.</param>
/// <param name="Loss">The loss over the last steps.</param>
/// <param name="DevLoss">The dev loss of the model that was kept; null without a dev set.</param>
/// <param name="DevAccuracy">Its share of right guesses.</param>
/// <param name="KeptStep">The step the kept model is from.</param>
/// <param name="StoppedEarly">True when the dev loss rose for too long.</param>
public sealed record TrainingResult(long Steps, long Tokens, double Seconds, double Loss, double? DevLoss, double? DevAccuracy, long KeptStep, bool StoppedEarly);
