namespace AttentionServer.Training;

/// <summary>What a model can be trained to do, and the settings that suit it.</summary>
/// <param name="Id">What commands and messages call it.</param>
/// <param name="LearningRate">The highest learning rate.</param>
/// <param name="Shape">How the rate falls.</param>
/// <param name="BatchTokens">Tokens of a batch.</param>
public sealed record TrainingDefaults(string Id, double LearningRate, RateShape Shape, int BatchTokens)
{
    /// <summary>Guessing hidden words, or the next one.</summary>
    public static readonly TrainingDefaults Words = new("mlm", 1e-3, RateShape.Cosine, 2048);

    /// <summary>Finding answers in passages.</summary>
    public static readonly TrainingDefaults Answers = new("qa", 5e-4, RateShape.Linear, 4096);

    /// <summary>Telling classes of texts.</summary>
    public static readonly TrainingDefaults Classes = new("classification", 3e-4, RateShape.Linear, 2048);

    /// <summary>Those of an objective.</summary>
    public static TrainingDefaults Of(string objective) => new[] { Words, Answers, Classes }.FirstOrDefault(d => d.Id == objective)
        ?? throw new TrainingException($"objective '{objective}': training: use {Words.Id}, {Answers.Id} or {Classes.Id}");

    /// <summary>The settings that hold where none are given.</summary>
    public TrainingSettings Settings => new() { LearningRate = LearningRate, Shape = Shape };
}
