using AttentionServer.Models.Catalog;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Models;

/// <summary>Models trained here: listed, found by name, unfinished or not, deleted.</summary>
public sealed class TrainedModelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelCatalog _catalog;

    public TrainedModelsTests()
    {
        Copy("mine");
        Copy("half");
        File.Move(_folder.File("trained/half/model.safetensors"), _folder.File("trained/half/training.safetensors"));
        Directory.CreateDirectory(_folder.File("trained/no-model"));
        _catalog = new(hubFolder: _folder.File("hub"), trainedFolder: _folder.File("trained"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void They_stand_between_those_of_the_program_and_those_of_the_cache()
    {
        var listed = _catalog.List();
        Assert.Equal(["half", "mine"], listed.Where(m => m.Source == "trained").Select(m => m.Name));
        Assert.Equal("bundled", listed[0].Source);
        var mine = _catalog.Resolve("mine");
        Assert.Equal(("trained", null, false, _folder.File("trained/mine")), (mine.Source, mine.Problem, mine.Unfinished, mine.Folder));
    }

    [Fact]
    public void One_whose_training_stopped_says_how_to_go_on()
    {
        var half = _catalog.Resolve("half");
        Assert.True(half.Unfinished);
        Assert.Contains("its training is not finished: go on", half.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Deleting_takes_the_folder_and_no_other()
    {
        Assert.True(_catalog.BytesOf("mine") > 1_000_000);
        Assert.True(_catalog.Delete("mine") > 1_000_000);
        Assert.False(Directory.Exists(_folder.File("trained/mine")));
        Assert.True(Directory.Exists(_folder.File("trained/half")));
        Assert.Throws<CheckpointException>(() => new TrainedModels(_folder.File("trained")).Delete("../hub"));
    }

    [Theory]
    [InlineData("a-1.2_b", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("-a", false)]
    [InlineData("a b", false)]
    public void A_name_is_one_of_a_folder_anywhere(string name, bool allowed) => Assert.Equal(allowed, TrainedModels.IsName(name));

    private void Copy(string name)
    {
        Directory.CreateDirectory(_folder.File($"trained/{name}"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Golden.Root, "models", "attention-mini")))
            File.Copy(file, _folder.File($"trained/{name}/{Path.GetFileName(file)}"));
    }
}
