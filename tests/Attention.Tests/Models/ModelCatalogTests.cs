using AttentionServer.Models.Catalog;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Models;

/// <summary>Names that lead to bundled models, folders and the Hugging Face cache, and names that do not.</summary>
public sealed class ModelCatalogTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const string Newer = "fedcba9876543210fedcba9876543210fedcba98";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Hub => _folder.File("hub");

    private ModelCatalog Catalog => new(Path.Combine(Golden.Root, "models"), Hub);

    [Fact]
    public void TheBundledModelsAreUsableAndHaveACard()
    {
        var models = new ModelCatalog(hubFolder: Hub).List();
        Assert.Equal(["attention-mini", "attention-mini-qa", .. Enumerable.Range(2, 4).Select(seed => $"attention-mini-qa-{seed}")], models.Select(m => m.Name));
        foreach (var model in models)
        {
            Assert.Null(model.Problem);
            Assert.Equal(("bundled", "bert", 4, 4, 192, "F16"), (model.Source, model.Architecture, model.Layers, model.Heads, model.Hidden, model.StoredAs));
            Assert.Equal(new FileInfo(Path.Combine(model.Folder, "model.safetensors")).Length, model.Bytes);
            Assert.InRange(model.Parameters, 3_400_000, 3_600_000);
            Assert.NotNull(model.Card);
        }
        Assert.Equal([["mlm"], .. Enumerable.Repeat<string[]>(["qa"], 5)], models.Select(m => m.HeadIds));
        Assert.Equal(["masked LM", .. Enumerable.Repeat("question answering", 5)], models.Select(m => m.Head));
        Assert.InRange(models.Sum(m => m.Bytes), 1, 90_000_000);
    }

    [Theory]
    [InlineData("cls", "cls")]
    [InlineData("qa", "qa")]
    [InlineData("mlm", "mlm")]
    [InlineData("mlm_legacy", "mlm")]
    public void TheHeadsOfAFolderAreFound(string folder, string head)
    {
        var model = Catalog.Resolve(Golden.Data("bert", folder));
        Assert.Null(model.Problem);
        Assert.Equal("folder", model.Source);
        Assert.Equal([head], model.HeadIds);
    }

    [Fact]
    public void ACachedModelIsFoundByBranchByCommitAndByTheBeginningOfOne()
    {
        Cache("owner/name", Commit, "main");
        Cache("owner/name", Newer, null);
        Assert.EndsWith(Commit, Catalog.Resolve("owner/name").Folder, StringComparison.Ordinal);
        Assert.EndsWith(Commit, Catalog.Resolve("owner/name@main").Folder, StringComparison.Ordinal);
        Assert.EndsWith(Newer, Catalog.Resolve($"owner/name@{Newer}").Folder, StringComparison.Ordinal);
        Assert.EndsWith(Newer, Catalog.Resolve("owner/name@fedcba9").Folder, StringComparison.Ordinal);
        var listed = Assert.Single(Catalog.List(), m => m.Source == "cached");
        Assert.Equal(("owner/name", "bert", null), (listed.Name, listed.Architecture, listed.Problem));
    }

    [Fact]
    public void AModelWhoseMainWasNeverFetchedIsListedWithItsNewestRevision()
    {
        Cache("single", Commit, "refs/pr/3");
        Assert.Equal("cached", Catalog.Resolve("single").Source);
        Assert.EndsWith(Commit, Catalog.Resolve("single@refs/pr/3").Folder, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => Catalog.Resolve("single@main"));
    }

    [Theory]
    [InlineData("owner/name@../../../../secret")]
    [InlineData("../secret")]
    [InlineData("owner/../secret")]
    [InlineData("owner/name/more")]
    [InlineData("owner/name@nobody")]
    [InlineData("owner/name@")]
    [InlineData("owner/")]
    [InlineData("")]
    [InlineData("@main")]
    [InlineData("a\\b")]
    public void NamesThatLeadNowhereStayInside(string name)
    {
        Cache("owner/name", Commit, "main");
        Directory.CreateDirectory(_folder.File("secret"));
        Assert.Throws<CheckpointException>(() => Catalog.Resolve(name));
    }

    [Fact]
    public void ABranchFileThatPointsOutsideIsNotFollowed()
    {
        var model = Cache("owner/name", Commit, "main");
        File.WriteAllText(Path.Combine(model, "refs", "evil"), "../../../../");
        Assert.Throws<CheckpointException>(() => Catalog.Resolve("owner/name@evil"));
    }

    [Fact]
    public void AnUnknownNameGetsNamesLikeIt()
    {
        var message = Assert.Throws<CheckpointException>(() => Catalog.Resolve("atention-mini")).Message;
        Assert.Contains("did you mean attention-mini", message, StringComparison.Ordinal);
        Assert.Contains("there are attention-mini, attention-mini-qa", Assert.Throws<CheckpointException>(() => Catalog.Resolve("zzzzzzzzzzzzzzzzzzzzzzzzzz")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenModelsAreListedWithTheirReasonAndOtherFoldersAreNot()
    {
        var models = _folder.File("models");
        foreach (var name in new[] { "no-weights", "no-config", "wrong-head", "not-a-model" })
            Directory.CreateDirectory(Path.Combine(models, name));
        File.Copy(Golden.Data("bert", "qa", "config.json"), Path.Combine(models, "no-weights", "config.json"));
        File.Copy(Golden.Data("bert", "qa", "model.safetensors"), Path.Combine(models, "no-config", "model.safetensors"));
        File.Copy(Golden.Data("bert", "qa", "config.json"), Path.Combine(models, "wrong-head", "config.json"));
        File.Copy(Golden.Data("bert", "cls", "model.safetensors"), Path.Combine(models, "wrong-head", "model.safetensors"));
        var listed = new ModelCatalog(models, Hub).List();
        Assert.Equal(["no-config", "no-weights", "wrong-head"], listed.Select(m => m.Name));
        Assert.Contains("config.json", listed[0].Problem, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", listed[1].Problem, StringComparison.Ordinal);
        Assert.Contains("BertForQuestionAnswering", listed[2].Problem, StringComparison.Ordinal);
    }

    /// <summary>A cached revision as Hugging Face tools make it: a snapshot of links into blobs.</summary>
    private string Cache(string id, string commit, string? branch)
    {
        var model = Path.Combine(Hub, $"models--{id.Replace("/", "--", StringComparison.Ordinal)}");
        var snapshot = Directory.CreateDirectory(Path.Combine(model, "snapshots", commit)).FullName;
        var blobs = Directory.CreateDirectory(Path.Combine(model, "blobs")).FullName;
        foreach (var file in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Golden.Data("bert", "qa", file), Path.Combine(blobs, file), overwrite: true);
            if (OperatingSystem.IsWindows())
                File.Copy(Path.Combine(blobs, file), Path.Combine(snapshot, file));
            else
                File.CreateSymbolicLink(Path.Combine(snapshot, file), $"../../blobs/{file}");
        }
        if (branch != null)
        {
            var reference = Path.Combine(model, "refs", branch);
            Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
            File.WriteAllText(reference, commit);
        }
        return model;
    }
}
