using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Models;

/// <summary>Every golden model folder, each weight asked for under the one name that the architecture uses.</summary>
public sealed class GoldenCheckpointTests
{
    /// <summary>Every folder with a config.json, as "bert/mlm".</summary>
    public static TheoryData<string> Folders =>
        [.. Directory.EnumerateFiles(Golden.Data(), "config.json", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Golden.Data(), Path.GetDirectoryName(f)!).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void EveryWeightIsFoundInItsShapeAndNoneIsLeftOver(string folder)
    {
        using var checkpoint = Checkpoint.Open(Golden.Data(folder));
        var left = checkpoint.Stored.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (names, shape) in GoldenNames.Of(checkpoint.Config, Path.GetFileName(folder)))
        {
            var weight = checkpoint.GetFirst(names, shape);
            Assert.Equal(shape, weight.Shape);
            Assert.Null(checkpoint.FirstNonFinite(names.First(checkpoint.Has)));
            left.Remove(weight.Name);
        }
        Assert.Empty(left);
    }

    [Fact]
    public void AllFoldersAreThere() => Assert.Equal(20, Folders.Count);

    [Fact]
    public void TheOldSpellingOfBertGivesTheSameWeights() => SameWeights("bert/mlm", "bert/mlm_legacy");

    [Fact]
    public void TheOldSpellingOfGpt2GivesTheSameWeights() => SameWeights("gpt2/lm", "gpt2/lm_legacy");

    [Fact]
    public void TheCausalMaskOfOldGpt2IsNotABias()
    {
        using var checkpoint = Checkpoint.Open(Golden.Data("gpt2/lm_legacy"));
        Assert.False(checkpoint.Has("transformer.h.0.attn.bias"));
        Assert.True(checkpoint.Has("transformer.h.0.attn.c_attn.bias"));
        Assert.DoesNotContain(checkpoint.Stored, t => t.Name == "h.0.attn.bias");
    }

    [Fact]
    public void TiedWeightsComeAsOneAddress()
    {
        using var checkpoint = Checkpoint.Open(Golden.Data("bert/mlm"));
        var tied = checkpoint.GetFirst(["cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"], 120, 32);
        Assert.Equal(checkpoint.Get("embeddings.word_embeddings.weight", 120, 32).Pointer, tied.Pointer);
    }

    private static void SameWeights(string folder, string legacy)
    {
        using var now = Checkpoint.Open(Golden.Data(folder));
        using var old = Checkpoint.Open(Golden.Data(legacy));
        foreach (var stored in now.Stored)
            Assert.True(now.Get(stored.Name, stored.Shape).Floats.SequenceEqual(old.Get(stored.Name, stored.Shape).Floats), stored.Name);
        Assert.NotEqual(now.Hash, old.Hash);
    }
}
