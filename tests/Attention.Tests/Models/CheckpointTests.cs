using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Models;

/// <summary>Folders whole and broken, in one file and in many, and the names that find a tensor.</summary>
public sealed class CheckpointTests : IDisposable
{
    private static readonly string Config = File.ReadAllText(Golden.Data("bert", "mlm", "config.json"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FloatsAreUsedWhereTheyLieAndTheRestIsWidenedOnce()
    {
        Folder(
            new SafetensorsEntry("f32", DType.F32, [2], s => s.Write([0, 0, 128, 63, 0, 0, 0, 64])),
            new SafetensorsEntry("f16", DType.F16, [2], s => s.Write([0, 0x3C, 0, 0xC0])),
            new SafetensorsEntry("bf16", DType.BF16, [1], s => s.Write([0x80, 0x3F])),
            new SafetensorsEntry("e5m2", DType.F8E5M2, [1], s => s.Write([0x3C])),
            new SafetensorsEntry("e4m3", DType.F8E4M3, [1], s => s.Write([0x38])),
            new SafetensorsEntry("f64", DType.F64, [1], s => s.Write(BitConverter.GetBytes(0.1))));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        var f32 = checkpoint.Get("f32", 2);
        Assert.Equal(checkpoint.Stored.Single(t => t.Name == "f32").Pointer, f32.Pointer);
        Assert.Equal([1f, 2f], f32.Floats.ToArray());
        Assert.Equal([1f, -2f], checkpoint.Get("f16", 2).Floats.ToArray());
        Assert.Equal(checkpoint.Get("f16", 2).Pointer, checkpoint.Get("f16", 2).Pointer);
        Assert.NotEqual(checkpoint.Stored.Single(t => t.Name == "f16").Pointer, checkpoint.Get("f16", 2).Pointer);
        Assert.Equal([1f], checkpoint.Get("bf16", 1).Floats.ToArray());
        Assert.Equal([1f], checkpoint.Get("e5m2", 1).Floats.ToArray());
        Assert.Equal([1f], checkpoint.Get("e4m3", 1).Floats.ToArray());
        Assert.Equal([0.1f], checkpoint.Get("f64", 1).Floats.ToArray());
    }

    [Fact]
    public void FloatsAtAnOddAddressAreCopiedToAnEvenOne()
    {
        var header = "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}"u8.ToArray();
        _folder.Write("model.safetensors", [.. BitConverter.GetBytes((long)header.Length), .. header, 7, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-3f)]);
        _folder.Write("config.json", System.Text.Encoding.UTF8.GetBytes(Config));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.True((checkpoint.Stored.Single(t => t.Name == "w").Pointer % 4) != 0, "the header no longer makes the address odd");
        Assert.Equal(0, checkpoint.Get("w", 2).Pointer % 4);
        Assert.Equal([1.5f, -3f], checkpoint.Get("w", 2).Floats.ToArray());
    }

    [Theory]
    [InlineData("bert.embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.weight")]
    [InlineData("bert.embeddings.LayerNorm.gamma", "bert.embeddings.LayerNorm.weight")]
    [InlineData("bert.embeddings.LayerNorm.beta", "bert.embeddings.LayerNorm.bias")]
    [InlineData("embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.weight")]
    [InlineData("embeddings.LayerNorm.gamma", "bert.embeddings.LayerNorm.weight")]
    [InlineData("bert.embeddings.word.weight", "embeddings.word.weight")]
    [InlineData("module.bert.embeddings.LayerNorm.gamma", "bert.embeddings.LayerNorm.weight")]
    [InlineData("_orig_mod.embeddings.word.weight", "bert.embeddings.word.weight")]
    public void ATensorIsFoundUnderTheSpellingOfItsYear(string stored, string asked)
    {
        Folder(SafetensorsEntry.Of(stored, [4f], 1));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.True(checkpoint.Has(asked));
        Assert.Equal(4f, checkpoint.Get(asked, 1).Floats[0]);
    }

    [Theory]
    [InlineData("bert.embeddings.position_ids", "bert.embeddings.position_ids")]
    [InlineData("h.0.attn.bias", "h.0.attn.bias")]
    [InlineData("transformer.h.11.attn.masked_bias", "transformer.h.11.attn.masked_bias")]
    [InlineData("cls.predictions.decoder.weight", "predictions.decoder.weight")]
    [InlineData("roberta.x.weight", "bert.x.weight")]
    [InlineData("x.gamma", "x.bias")]
    public void ATensorIsNotTakenForAnother(string stored, string asked)
    {
        Folder(SafetensorsEntry.Of(stored, [4f], 1));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.False(checkpoint.Has(asked));
    }

    [Fact]
    public void ExactNamesWinOverOldSpellings()
    {
        Folder(SafetensorsEntry.Of("n.gamma", [1f], 1), SafetensorsEntry.Of("n.weight", [2f], 1), SafetensorsEntry.Of("bert.n.weight", [3f], 1));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Equal((2f, 3f), (checkpoint.Get("n.weight", 1).Floats[0], checkpoint.Get("bert.n.weight", 1).Floats[0]));
    }

    [Fact]
    public void AMissingTensorIsNamedWithNamesLikeIt()
    {
        using var checkpoint = Checkpoint.Open(Golden.Data("bert", "mlm"));
        var message = Assert.Throws<CheckpointException>(() => checkpoint.Get("bert.encoder.layer.0.attention.self.qwery.weight", 32, 32)).Message;
        Assert.Contains("'bert.encoder.layer.0.attention.self.qwery.weight'", message, StringComparison.Ordinal);
        Assert.Contains("bert.encoder.layer.0.attention.self.query.weight", message, StringComparison.Ordinal);
        Assert.Contains("nor 'second'", Assert.Throws<CheckpointException>(() => checkpoint.GetFirst(["first", "second"], 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMisshapenTensorIsNamedWithBothShapes()
    {
        using var checkpoint = Checkpoint.Open(Golden.Data("bert", "mlm"));
        var message = Assert.Throws<CheckpointException>(() => checkpoint.Get("cls.predictions.bias", 30522)).Message;
        Assert.Contains("'cls.predictions.bias'", message, StringComparison.Ordinal);
        Assert.Contains("[120]", message, StringComparison.Ordinal);
        Assert.Contains("[30522]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnIntegerTensorIsNoWeight()
    {
        Folder(SafetensorsEntry.Of("w", new int[] { 1 }, 1));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Contains("I64", Assert.Throws<CheckpointException>(() => checkpoint.Get("w", 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheFirstNaNIsFound()
    {
        Folder(SafetensorsEntry.Of("good", [1f, 2f], 2), new SafetensorsEntry("bad", DType.F16, [3], s => s.Write([0, 0, 0, 0x7C, 0, 0x7E])));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Null(checkpoint.FirstNonFinite("good"));
        Assert.Equal(1, checkpoint.FirstNonFinite("bad"));
    }

    [Fact]
    public void ManyThreadsGetOneAddressPerWeight()
    {
        using var checkpoint = Checkpoint.Open(Path.Combine(Golden.Root, "models", "attention-mini"));
        var tensors = checkpoint.Stored.ToArray();
        var addresses = Enumerable.Range(0, 8).AsParallel().WithDegreeOfParallelism(8)
            .Select(_ => tensors.Select(t => checkpoint.Get(t.Name, t.Shape).Pointer).ToArray()).ToArray();
        Assert.All(addresses, a => Assert.Equal(addresses[0], a));
        Assert.Equal(tensors.Length, addresses[0].Distinct().Count());
    }

    [Fact]
    public void ADisposedCheckpointSaysSo()
    {
        var checkpoint = Checkpoint.Open(Golden.Data("bert", "mlm"));
        checkpoint.Dispose();
        checkpoint.Dispose();
        Assert.Throws<ObjectDisposedException>(() => checkpoint.Get("cls.predictions.bias", 120));
        Assert.Throws<ObjectDisposedException>(() => checkpoint.Hash);
    }

    [Fact]
    public async Task DisposingWhileOthersReadIsAnErrorForThemAndNotACrash()
    {
        for (var round = 0; round < 60; round++)
        {
            var checkpoint = Checkpoint.Open(Path.Combine(Golden.Root, "models", "attention-mini"));
            var tensors = checkpoint.Stored.ToArray();
            var readers = Enumerable.Range(0, 3).Select(_ => new Task<Exception?>(() => Record.Exception(() =>
            {
                foreach (var tensor in tensors)
                    checkpoint.Get(tensor.Name, tensor.Shape);
                Assert.NotEmpty(checkpoint.Hash);
            }))).ToArray();
            foreach (var reader in readers)
                reader.Start();
            Thread.SpinWait(round * 2000);
            checkpoint.Dispose();
            foreach (var reader in readers)
                Assert.True(await reader is null or ObjectDisposedException, $"{await reader}");
        }
    }

    [Fact]
    public void RandomWeightsDependOnSeedAndNameOnly()
    {
        using Checkpoint one = Checkpoint.Random(Config, 1), again = Checkpoint.Random(Config, 1), two = Checkpoint.Random(Config, 2);
        var weight = one.Get("a.weight", 300, 40).Floats.ToArray();
        Assert.True(two.Has("anything"));
        again.Get("b.weight", 3);
        Assert.Equal(weight, again.Get("a.weight", 300, 40).Floats.ToArray());
        Assert.NotEqual(weight, two.Get("a.weight", 300, 40).Floats.ToArray());
        Assert.InRange(Math.Sqrt(weight.Average(w => w * w)), 0.019, 0.021);
        Assert.InRange(one.Get("LayerNorm.weight", 100).Floats.ToArray().Average(), 0.98, 1.02);
        Assert.NotEqual(one.Fingerprint, two.Fingerprint);
    }

    private void Folder(params SafetensorsEntry[] tensors)
    {
        _folder.Write("config.json", System.Text.Encoding.UTF8.GetBytes(Config));
        SafetensorsWriter.Write(_folder.File("model.safetensors"), tensors, new Dictionary<string, string>());
    }
}
