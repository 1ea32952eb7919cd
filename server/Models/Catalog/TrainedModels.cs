using System.Text.RegularExpressions;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Models.Catalog;

/// <summary>Models that were trained here and given a name instead of a folder; each lies in a folder of that name.</summary>
public sealed partial class TrainedModels(string? folder = null)
{
    /// <summary>The file of a model's folder that a training goes on from; there is none when it is finished.</summary>
    public const string StateFile = "training.safetensors";

    /// <summary>The file of a model's folder that says how it is trained.</summary>
    public const string SettingsFile = "training.json";

    /// <summary>Where they lie. ATTENTION_MODELS names another place.</summary>
    public string Folder { get; } = folder ?? UserData.FolderOf("models", "ATTENTION_MODELS");

    /// <summary>Whether a model can have this name.</summary>
    public static bool IsName(string name) => Name().IsMatch(name);

    /// <summary>Whether a folder holds a training that was begun and has not come to its end.</summary>
    public static bool IsUnfinished(string folder) => File.Exists(Path.Combine(folder, StateFile))
        || (File.Exists(Path.Combine(folder, SettingsFile)) && !File.Exists(Path.Combine(folder, "model.safetensors")));

    /// <summary>Names and folders, by name.</summary>
    public IEnumerable<(string Name, string Folder)> List() => !Directory.Exists(Folder) ? [] :
        Directory.EnumerateDirectories(Folder).Where(f => IsName(Path.GetFileName(f)) && File.Exists(Path.Combine(f, "config.json"))).Order(StringComparer.Ordinal).Select(f => (Path.GetFileName(f), f));

    /// <summary>The folder of a model; null when there is none of that name.</summary>
    public string? Find(string name) => List().FirstOrDefault(m => m.Name == name).Folder;

    /// <summary>Removes a model; returns the bytes that are free now.</summary>
    public long Delete(string name)
    {
        var found = new DirectoryInfo(Find(name) ?? throw new CheckpointException($"model '{name}': {Folder}: it is not there: there is nothing to delete"));
        var bytes = BytesOf(name);
        try
        {
            // Of a link, only the link goes.
            found.Delete(recursive: found.LinkTarget == null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"model '{name}': {found.FullName}: it cannot be deleted ({e.Message.TrimEnd('.')}): is it in use?", e);
        }

        return bytes;
    }

    /// <summary>Bytes that a model takes; 0 when there is none of that name.</summary>
    public long BytesOf(string name) => Find(name) is { } found ? new DirectoryInfo(found).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.LinkTarget == null).Sum(f => f.Length) : 0;

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$")]
    private static partial Regex Name();
}
