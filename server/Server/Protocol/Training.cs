namespace AttentionServer.Server.Protocol;

/// <summary>Parameters of <c>attention/train</c>: a new model out of another one and files. One of minutes, epochs and steps; one pass where none is given.</summary>
public sealed record TrainParams
{
    /// <summary>mlm, qa or classification.</summary>
    public required string Objective { get; init; }

    /// <summary>Files to train on.</summary>
    public required string[] Data { get; init; }

    /// <summary>Files to judge the model by; a tenth of the data is set aside for that where absent.</summary>
    public string[]? Dev { get; init; }

    /// <summary>The model it starts from.</summary>
    public required string Model { get; init; }

    /// <summary>Train for about so long.</summary>
    public double? Minutes { get; init; }

    /// <summary>Train for so many passes over the data.</summary>
    public double? Epochs { get; init; }

    /// <summary>Train for so many steps.</summary>
    public long? Steps { get; init; }

    /// <summary>What all random choices follow from; 1 where absent.</summary>
    public int? Seed { get; init; }

    /// <summary>The name of the new model, or the path of its folder.</summary>
    public required string Output { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>Parameters of requests about one training.</summary>
public sealed record TrainingParams
{
    /// <summary>The name of the model, or the path of its folder.</summary>
    public required string Output { get; init; }

    /// <summary>Reports progress under this token.</summary>
    public string? WorkDoneToken { get; init; }
}

/// <summary>A training: what it is, how far it is, and its course.</summary>
public sealed record TrainingReport
{
    /// <summary>The name of the model, or the path of its folder, as it was given.</summary>
    public required string Output { get; init; }

    /// <summary>The folder of the model.</summary>
    public required string Folder { get; init; }

    /// <summary>"my-model: hidden words of notes.txt, from attention-mini".</summary>
    public required string Title { get; init; }

    /// <summary>working, stopped or finished.</summary>
    public required string State { get; init; }

    /// <summary>How far it is, in words.</summary>
    public required string Progress { get; init; }

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Steps it will have had, as far as is known.</summary>
    public required long Total { get; init; }

    /// <summary>The curve, from the first step.</summary>
    public required LossPoint[] Points { get; init; }

    /// <summary>Looks at the data it is judged by.</summary>
    public required DevLook[] Looks { get; init; }

    /// <summary>The step of the look that was best, whose model is kept; absent where there was none.</summary>
    public long? Kept { get; init; }

    /// <summary>What readers should know.</summary>
    public required string[] Notes { get; init; }
}

/// <summary>Steps in a row of a training, as one point of its curve.</summary>
public sealed record LossPoint
{
    /// <summary>The first of them.</summary>
    public required long First { get; init; }

    /// <summary>The last of them.</summary>
    public required long Step { get; init; }

    /// <summary>Their mean loss.</summary>
    public required double Loss { get; init; }

    /// <summary>The lowest.</summary>
    public required double Low { get; init; }

    /// <summary>The highest.</summary>
    public required double High { get; init; }

    /// <summary>The loss without its jumps.</summary>
    public required double Smoothed { get; init; }

    /// <summary>The learning rate.</summary>
    public required double Rate { get; init; }
}

/// <summary>A look at the data that a model is judged by.</summary>
public sealed record DevLook
{
    /// <summary>After which step.</summary>
    public required long Step { get; init; }

    /// <summary>The mean loss.</summary>
    public required double Loss { get; init; }

    /// <summary>The share of right guesses, from 0 to 1.</summary>
    public required double Accuracy { get; init; }
}
