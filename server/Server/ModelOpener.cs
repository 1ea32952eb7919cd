using AttentionServer.Engine;
using AttentionServer.Models.Catalog;

namespace AttentionServer.Server;

/// <summary>From the name a user gives to a model that runs.</summary>
public static class ModelOpener
{
    /// <summary>Resolves a bundled name, a folder or a cached Hub id, and opens it.</summary>
    public static Model Open(string name, ExecutionSettings settings)
    {
        var resolved = new ModelCatalog().Resolve(name);
        return Model.Open(resolved.Name, resolved.Folder, settings);
    }
}
