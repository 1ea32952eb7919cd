using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Architectures;

/// <summary>The architectures that can be composed; a new one is a file and a line here.</summary>
public static class ArchitectureRegistry
{
    private static readonly Architecture[] All =
    [
        new Bert(),
        new Roberta(),
        new DistilBert(),
        new Electra(),
        new Albert(),
        new Gpt2(),
    ];

    /// <summary>The model types that can be composed.</summary>
    public static IReadOnlyList<string> ModelTypes { get; } = [.. All.SelectMany(a => a.ModelTypes)];

    /// <summary>What people call the family of a model type; null when it is not known.</summary>
    public static string? TitleOf(string modelType) => All.FirstOrDefault(a => a.ModelTypes.Contains(modelType))?.Title;

    /// <summary>The architecture of a checkpoint, by config.json's model_type.</summary>
    public static Architecture For(IWeightSource checkpoint) =>
        All.FirstOrDefault(a => a.ModelTypes.Contains(checkpoint.Config.ModelType))
        ?? throw new CheckpointException(
            $"model_type '{checkpoint.Config.ModelType}': {checkpoint.Folder}/config.json: supported are {string.Join(", ", ModelTypes)}");
}
