using AttentionServer.Models.Catalog;

namespace AttentionServer.Tests.Models;

/// <summary>Tests that change the process itself, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(ModelCatalogProcessTests), DisableParallelization = true)]
public sealed class ProcessCollection;

/// <summary>How the working directory and the environment bear on the catalog.</summary>
[Collection(nameof(ModelCatalogProcessTests))]
public sealed class ModelCatalogProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ABundledNameIsNotTakenByAFolderInTheWorkingDirectory()
    {
        Directory.CreateDirectory(_folder.File("attention-mini"));
        var before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = _folder.Path;
            Assert.Equal("bundled", new ModelCatalog(Path.Combine(Golden.Root, "models"), _folder.File("hub")).Resolve("attention-mini").Source);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [Fact]
    public void ThePlaceOfTheCacheFollowsTheVariablesOfHuggingFace()
    {
        string[] names = ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"];
        var before = names.ToDictionary(n => n, Environment.GetEnvironmentVariable);
        try
        {
            foreach (var name in names)
                Environment.SetEnvironmentVariable(name, null);
            Assert.EndsWith(Path.Combine(".cache", "huggingface", "hub"), HubCache.Standard().Folder, StringComparison.Ordinal);
            foreach (var (name, folder) in new[] { ("XDG_CACHE_HOME", Path.Combine("x", "huggingface", "hub")), ("HF_HOME", Path.Combine("x", "hub")), ("HUGGINGFACE_HUB_CACHE", "x"), ("HF_HUB_CACHE", "x") })
            {
                Environment.SetEnvironmentVariable(name, "x");
                Assert.Equal(folder, HubCache.Standard().Folder);
            }
        }
        finally
        {
            foreach (var (name, value) in before)
                Environment.SetEnvironmentVariable(name, value);
        }
    }
}
