using AttentionServer.Models.Catalog;
using AttentionServer.Training;

namespace AttentionServer.Server.Trainings;

/// <summary>Where a new model goes: a name stands for a folder beside the other models trained here, anything with a slash for itself.</summary>
public static class TrainingFolder
{
    /// <summary>The folder that a name or path stands for.</summary>
    public static string Of(string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (output.AsSpan().ContainsAny('/', Path.DirectorySeparatorChar))
            return Path.GetFullPath(ModelCatalog.Expand(output));
        return TrainedModels.IsName(output) ? Path.Combine(new TrainedModels().Folder, output)
            : throw new TrainingException($"name '{output}': the new model: it is no name for a folder: use letters, digits, dots, hyphens and underscores, or give a path");
    }

    /// <summary>Refuses a place for a new model that something else is at.</summary>
    public static void CheckNew(string output)
    {
        var folder = Of(output);
        if (new ModelCatalog().IsBundled(output))
            throw new TrainingException($"name '{output}': the new model: a model of that name comes with the program: choose another name");
        if (File.Exists(folder))
            throw new TrainingException($"name '{output}': {folder}: it is a file: choose another name");
        if (TrainedModels.IsUnfinished(folder))
            throw new TrainingException($"name '{output}': {folder}: it holds a training that was begun: go on with it, or choose another name");
        if (ModelFolder.HasModel(folder))
            throw new TrainingException($"name '{output}': {folder}: it holds a finished model: choose another name");
    }
}
