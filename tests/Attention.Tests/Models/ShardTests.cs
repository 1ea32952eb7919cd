using System.Text;
using System.Text.Json.Nodes;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Models;

/// <summary>A model split into files, linked files, and folders that lack something.</summary>
public sealed class ShardTests : IDisposable
{
    private static readonly string Whole = Golden.Data("bert", "mlm");
    private readonly TemporaryFolder _folder = new();

    public ShardTests() => File.Copy(Path.Combine(Whole, "config.json"), _folder.File("config.json"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AModelInThreeFilesIsTheSameModel()
    {
        Split(3);
        using Checkpoint whole = Checkpoint.Open(Whole), split = Checkpoint.Open(_folder.Path);
        foreach (var tensor in whole.Stored)
            Assert.True(whole.Get(tensor.Name, tensor.Shape).Floats.SequenceEqual(split.Get(tensor.Name, tensor.Shape).Floats), tensor.Name);
        Assert.Equal(whole.Hash, split.Hash);
        Assert.NotEqual(whole.Fingerprint, split.Fingerprint);
    }

    [Fact]
    public void OneChangedBitChangesTheHash()
    {
        var path = _folder.File("model.safetensors");
        File.Copy(Path.Combine(Whole, "model.safetensors"), path);
        string before, fingerprint;
        using (var checkpoint = Checkpoint.Open(_folder.Path))
            (before, fingerprint) = (checkpoint.Hash, checkpoint.Fingerprint);
        using (var stream = File.OpenWrite(path))
        {
            stream.Seek(-1, SeekOrigin.End);
            stream.WriteByte(0x5A);
        }
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(2));
        using var changed = Checkpoint.Open(_folder.Path);
        Assert.NotEqual(before, changed.Hash);
        Assert.NotEqual(fingerprint, changed.Fingerprint);
        Assert.Matches("^[0-9a-f]{64}$", changed.Hash);
    }

    [Fact]
    public void LinkedFilesAreFollowedAsCachesMakeThem()
    {
        if (OperatingSystem.IsWindows())
            return; // Links need a privilege there.
        File.CreateSymbolicLink(_folder.File("model.safetensors"), Path.Combine(Whole, "model.safetensors"));
        using Checkpoint whole = Checkpoint.Open(Whole), linked = Checkpoint.Open(_folder.Path);
        Assert.Equal(whole.Hash, linked.Hash);
        Assert.Equal(whole.Fingerprint, linked.Fingerprint);
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a\\b.safetensors")]
    [InlineData("C:x.safetensors")]
    public void AnIndexCannotReachOutsideItsFolder(string shard)
    {
        WriteIndex(new JsonObject { ["w"] = shard });
        Refused("is no file of this folder");
    }

    [Fact]
    public void AMissingShardIsNamed()
    {
        Split(3);
        File.Delete(_folder.File("model-2.safetensors"));
        Refused("the shard model-2.safetensors is missing");
    }

    [Fact]
    public void ATensorThatIsNotInItsShardIsNamed()
    {
        Split(2);
        WriteIndex(new JsonObject { ["nobody"] = "model-0.safetensors" });
        Refused("tensor 'nobody'");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"weight_map\": []}")]
    [InlineData("{\"weight_map\": {\"w\": null}}")]
    [InlineData("{\"weight_map\": {\"w\": 3}}")]
    public void ABrokenIndexIsRefused(string json)
    {
        _folder.Write("model.safetensors.index.json", Encoding.UTF8.GetBytes(json));
        Refused("it is not an index of shards");
    }

    [Theory]
    [InlineData("tf_model.h5")]
    [InlineData("flax_model.msgpack")]
    public void WeightsInAnotherFormatAreNamed(string name)
    {
        _folder.Write(name, [1]);
        Refused(name);
    }

    [Fact]
    public void AFolderWithoutWeightsOrConfigSaysWhichIsMissing()
    {
        Refused("model.safetensors");
        File.Delete(_folder.File("config.json"));
        Refused("config.json");
        Assert.Contains("no such folder", Assert.Throws<CheckpointException>(() => Checkpoint.Open(_folder.File("gone"))).Message, StringComparison.Ordinal);
    }

    private void Refused(string says)
    {
        var message = Assert.Throws<CheckpointException>(() => Checkpoint.Open(_folder.Path)).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, message, StringComparison.Ordinal);
    }

    private void Split(int shards)
    {
        using var whole = SafetensorsFile.Open(Path.Combine(Whole, "model.safetensors"));
        var map = new JsonObject();
        foreach (var part in whole.Tensors.Values.Select((t, i) => (Tensor: t, Shard: i % shards)).GroupBy(p => p.Shard, p => p.Tensor))
        {
            var name = $"model-{part.Key}.safetensors";
            SafetensorsWriter.Write(_folder.File(name), [.. part.Select(t => new SafetensorsEntry(t.Name, t.Type, t.Shape, s => s.Write(t.Bytes)))], new Dictionary<string, string>());
            foreach (var tensor in part)
                map[tensor.Name] = name;
        }
        WriteIndex(map);
    }

    private void WriteIndex(JsonObject map) => _folder.Write(
        "model.safetensors.index.json",
        Encoding.UTF8.GetBytes(new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString()));
}
