namespace AttentionServer.Training;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum RateShape
{
    /// <summary>Along half a cosine (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>Along a line.</summary>
    Linear,
}

/// <summary>How a model is trained, whatever it is trained to do.</summary>
public sealed record TrainingSettings
{
    /// <summary>What all random choices follow from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Train for so many steps; 0 for what the epochs or the minutes come to.</summary>
    public long Steps { get; init; }

    /// <summary>Train for so many passes over the data.</summary>
    public double Epochs { get; init; }

    /// <summary>Train for about so many minutes of work.</summary>
    public double Minutes { get; init; }

    /// <summary>The highest learning rate.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>The share of the training during which the rate rises along a line.</summary>
    public double WarmUp { get; init; } = 0.06;

    /// <summary>How the rate falls afterwards.</summary>
    public RateShape Shape { get; init; }

    /// <summary>Weight decay of matrices.</summary>
    public double Decay { get; init; } = 0.01;

    /// <summary>How slowly the mean of gradients changes.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How slowly the mean of squared gradients changes.</summary>
    public double Beta2 { get; init; } = 0.98;

    /// <summary>What is added to the root of squared gradients.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>The greatest length of the gradient; 0 for no limit.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>Batches whose gradients make one step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>The share of numbers that is dropped at each place; 0 for none.</summary>
    public double Dropout { get; init; }

    /// <summary>Stop after so many looks at the dev set without a better one; 0 to go on.</summary>
    public int Patience { get; init; }

    /// <summary>How often in a training the dev set is looked at.</summary>
    public int Looks { get; init; } = 20;

    /// <summary>Seconds between two saved states.</summary>
    public double SaveEvery { get; init; } = 60;

    /// <summary>Store the model's weights with 16 bits.</summary>
    public bool Half { get; init; }

    /// <summary>The learning rate at a part of the training from 0 to 1.</summary>
    public double RateAt(double progress)
    {
        if (progress < WarmUp)
            return LearningRate * Math.Max(progress / WarmUp, 0.01);
        var left = Math.Clamp((1 - progress) / (1 - WarmUp), 0, 1);
        return LearningRate * (Shape == RateShape.Cosine ? 0.5 - (0.5 * Math.Cos(Math.PI * left)) : left);
    }

    /// <summary>What a training that goes on must have in common with how it began.</summary>
    internal string Fingerprint => string.Join(' ', Seed, Steps, Epochs, Minutes, LearningRate, WarmUp, Shape, Decay, Beta1, Beta2, Epsilon, Clip, Accumulate, Dropout, Patience, Looks);
}
