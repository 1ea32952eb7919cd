using System.Text;
using System.Text.Json.Nodes;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Models.Checkpoints.Torch;

namespace AttentionServer.Tests.Models;

/// <summary>Files that PyTorch itself wrote (TorchFiles/make.py), in both of its formats, against the same numbers as safetensors.</summary>
public sealed class TorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static string Data(string name) => Path.Combine(Golden.Root, "tests", "Attention.Tests", "Models", "TorchFiles", name);

    [Theory]
    [InlineData("zip.bin")]
    [InlineData("zip4.bin")]
    [InlineData("old.bin")]
    public void EveryTensorIsTheOneThatWasSaved(string name)
    {
        using var torch = TorchFile.Open(Data(name));
        using var expected = SafetensorsFile.Open(Data("expected.safetensors"));
        Assert.Equal(expected.Tensors.Keys.Order(StringComparer.Ordinal), torch.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var tensor in expected.Tensors.Values)
        {
            var read = torch.Tensors[tensor.Name];
            Assert.Equal(tensor.Type, read.Type);
            Assert.Equal(tensor.Shape, read.Shape);
            Assert.Equal(tensor.Bytes, read.Bytes);
        }
    }

    [Fact]
    public void APickledModuleIsRefusedByTheNameOfItsClass()
    {
        var message = Assert.Throws<CheckpointException>(() => TorchFile.Open(Data("module.bin"))).Message;
        Assert.Contains("torch.nn.modules.linear.Linear", message, StringComparison.Ordinal);
        Assert.Contains("module.bin", message, StringComparison.Ordinal);
        Assert.Contains("safetensors", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithPyTorchWeightsIsACheckpoint()
    {
        Folder(("pytorch_model.bin", "zip.bin"));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        using var expected = SafetensorsFile.Open(Data("expected.safetensors"));
        foreach (var name in new[] { "linear.weight", "transposed", "slice", "permuted", "half", "bfloat", "double", "scalar" }.Where(n => expected.Tensors[n].Type.IsFloat()))
            Assert.Equal(expected.Tensors[name].ToFloats(), checkpoint.Get(name, expected.Tensors[name].Shape).Floats.ToArray());
        Assert.Equal(0, checkpoint.Get("transposed", 7, 6).Pointer % 4);
        Assert.DoesNotContain(checkpoint.Stored, t => t.Name == "position_ids");
        Assert.Matches("^[0-9a-f]{64}$", checkpoint.Hash);
    }

    [Fact]
    public void BothFormatsHaveOneHash()
    {
        Folder(("pytorch_model.bin", "zip.bin"));
        string zip;
        using (var checkpoint = Checkpoint.Open(_folder.Path))
            zip = checkpoint.Hash;
        Folder(("pytorch_model.bin", "old.bin"));
        using (var checkpoint = Checkpoint.Open(_folder.Path))
            Assert.Equal(zip, checkpoint.Hash);
        File.Delete(_folder.File("pytorch_model.bin"));
        Folder(("model.safetensors", "expected.safetensors"));
        using (var checkpoint = Checkpoint.Open(_folder.Path))
            Assert.Equal(zip, checkpoint.Hash);
    }

    [Fact]
    public void SafetensorsArePreferred()
    {
        Folder(("pytorch_model.bin", "module.bin"), ("model.safetensors", "expected.safetensors"));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.True(checkpoint.Has("linear.weight"));
    }

    [Fact]
    public void ShardsOfPyTorchAreFoundByTheirIndex()
    {
        Folder(("a.bin", "zip.bin"), ("b.bin", "old.bin"));
        _folder.Write("pytorch_model.bin.index.json", Encoding.UTF8.GetBytes(new JsonObject { ["weight_map"] = new JsonObject { ["half"] = "a.bin", ["slice"] = "b.bin" } }.ToJsonString()));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Equal(["half", "slice"], checkpoint.Stored.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.Equal(2, checkpoint.Get("slice", 2, 4).Shape.Length);
    }

    [Theory]
    [InlineData("zip.bin")]
    [InlineData("zip4.bin")]
    [InlineData("old.bin")]
    public void DamagedFilesAreRefusedOrReadInside(string name)
    {
        var whole = File.ReadAllBytes(Data(name));
        var random = new Random(4);
        var refused = 0;
        for (var i = 0; i < 2000; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var times = random.Next(1, 4); times > 0; times--)
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
            if (random.Next(5) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            var path = _folder.Write("f", bytes);
            try
            {
                using var torch = TorchFile.Open(path);
                foreach (var tensor in torch.Tensors.Values)
                {
                    Assert.InRange(tensor.Offset, 0, bytes.Length);
                    Assert.Equal(tensor.Length, tensor.Bytes.Length);
                }
            }
            catch (CheckpointException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 200, 1990);
    }

    private void Folder(params (string Name, string Data)[] files)
    {
        File.Copy(Golden.Data("bert", "mlm", "config.json"), _folder.File("config.json"), overwrite: true);
        foreach (var (name, data) in files)
            File.Copy(Data(data), _folder.File(name), overwrite: true);
    }
}
