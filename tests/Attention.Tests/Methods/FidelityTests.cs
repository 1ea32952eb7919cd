using AttentionServer.Methods;
using AttentionServer.Methods.Fidelity;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Methods;

public sealed class FidelityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attention-fidelity-").FullName;

    [Fact]
    public void Every_golden_model_holds_what_is_promised()
    {
        var folders = GoldenModel.Under(Golden.Data());
        Assert.Equal(GoldenModels.All.Count(), folders.Count);
        foreach (var folder in folders)
        {
            var (architecture, head) = (Path.GetFileName(Path.GetDirectoryName(folder))!, Path.GetFileName(folder));
            using var model = GoldenModels.Open(architecture, head);
            SelfCheck.Weights(model.Checkpoint);
            var texts = SelfCheck.Texts(model);
            Assert.All([SelfCheck.Padding(model, texts, CancellationToken.None), SelfCheck.Half(model, texts[0], CancellationToken.None)], a => Assert.True(a.Holds, $"{folder}: {a}"));
        }
    }

    [Fact]
    public void The_page_is_about_every_golden_model_and_every_method_with_references()
    {
        var page = File.ReadAllText(Path.Combine(Golden.Root, "docs", "FIDELITY.md"));
        Assert.All(GoldenModels.All, model => Assert.Contains($"| {model.Architecture}/{model.Head} |", page, StringComparison.Ordinal));
        using var expected = GoldenModels.Expected("bert", "A");
        Assert.All(MethodRegistry.All.Where(m => expected.Has(m.Id)), m => Assert.Contains($"| `{m.Id}` |", page, StringComparison.Ordinal));
    }

    [Fact]
    public void A_weight_that_is_no_number_is_found_and_named()
    {
        var folder = Path.Combine(_folder, "broken");
        Directory.CreateDirectory(folder);
        File.Copy(Golden.Data("bert", "cls", "config.json"), Path.Combine(folder, "config.json"));
        var bytes = File.ReadAllBytes(Golden.Data("bert", "cls", "model.safetensors"));
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.NaN);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), bytes);
        using var checkpoint = Checkpoint.Open(folder);
        var error = Assert.Throws<CheckpointException>(() => SelfCheck.Weights(checkpoint));
        Assert.Contains("tensor '", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_difference_is_relative_to_the_largest_number_and_infinite_for_none()
    {
        Assert.Equal(0.25, Agreement.Between([1, -4], [2, -4]));
        Assert.Equal(0, Agreement.Between([0, 0], [0, 0]));
        Assert.Equal(double.PositiveInfinity, Agreement.Between([1], [float.NaN]));
        Assert.Equal(double.PositiveInfinity, Agreement.Between([1, 2], [1]));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
