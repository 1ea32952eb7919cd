using System.Buffers.Binary;
using AttentionServer.Models.Checkpoints;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Models;

/// <summary>What is written is read back, whatever it is.</summary>
public sealed class SafetensorsRoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private sealed record Content((string Name, DType Type, long[] Shape, byte[] Bytes)[] Tensors, (string Key, string Value)[] Metadata);

    [Fact]
    public void ReadingGivesBackWhatWasWritten() => Prop.ForAll(Contents().ToArbitrary(), content =>
    {
        var path = _folder.File("f");
        SafetensorsWriter.Write(path, [.. content.Tensors.Select(t => new SafetensorsEntry(t.Name, t.Type, t.Shape, s => s.Write(t.Bytes)))], content.Metadata.ToDictionary(m => m.Key, m => m.Value));
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(content.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal), file.Metadata.Select(m => (m.Key, m.Value)).OrderBy(m => m.Key, StringComparer.Ordinal));
        Assert.Equal(content.Tensors.Length, file.Tensors.Count);
        foreach (var (name, type, shape, bytes) in content.Tensors)
        {
            var read = file.Tensors[name];
            Assert.Equal((type, shape.Length), (read.Type, read.Shape.Length));
            Assert.Equal(shape, read.Shape);
            Assert.Equal(bytes, read.Bytes.ToArray());
            Assert.Equal(0, read.Offset % type.Size());
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheHeaderIsAlignedSoThatDataIsToo()
    {
        for (var extra = 0; extra < 9; extra++)
        {
            SafetensorsWriter.Write(_folder.File("f"), [SafetensorsEntry.Of("a", [1f], 1)], new Dictionary<string, string> { ["k"] = new('x', extra) });
            Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(_folder.File("f"))) % 8);
        }
    }

    [Fact]
    public void AFailedWriteLeavesTheOldFileAndNothingElse()
    {
        var path = _folder.Write("f", [1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(path, [new SafetensorsEntry("a", DType.F32, [2], s => s.WriteByte(1))], new Dictionary<string, string>()));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [SafetensorsEntry.Of("a", [1f], 1), SafetensorsEntry.Of("a", [1f], 1)], new Dictionary<string, string>()));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [SafetensorsEntry.Of("__metadata__", [1f], 1)], new Dictionary<string, string>()));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [new SafetensorsEntry("a", DType.F32, [1L << 62, 4], _ => { })], new Dictionary<string, string>()));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void AFolderThatIsNotThereIsNamed() => Assert.Contains(
        "nowhere",
        Assert.Throws<CheckpointException>(() => SafetensorsWriter.Write(_folder.File("nowhere", "f"), [], new Dictionary<string, string>())).Message,
        StringComparison.Ordinal);

    [Fact]
    public void AReaderKeepsTheFileItOpenedWhileANewOneIsWritten()
    {
        var path = _folder.File("f");
        SafetensorsWriter.Write(path, [SafetensorsEntry.Of("a", [1f], 1)], new Dictionary<string, string>(), durable: true);
        using var old = SafetensorsFile.Open(path);
        SafetensorsWriter.Write(path, [SafetensorsEntry.Of("a", [2f], 1)], new Dictionary<string, string>());
        using var now = SafetensorsFile.Open(path);
        Assert.Equal((1f, 2f), (old.Tensors["a"].ToFloats()[0], now.Tensors["a"].ToFloats()[0]));
    }

    private static Gen<Content> Contents()
    {
        var text = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => Valid(s.Get));
        var tensor =
            from name in text
            from type in Gen.Elements(Enum.GetValues<DType>())
            from shape in Gen.ListOf(Gen.Choose(0, 4)).Where(l => l.Count <= 4).Select(l => l.Select(d => (long)d).ToArray())
            let length = (int)type.ByteLength(shape)!.Value
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select (name, type, shape, Bytes(length, seed));
        return
            from tensors in Gen.ListOf(tensor).Select(l => l.Where(t => t.name != "__metadata__").DistinctBy(t => t.name).ToArray())
            from metadata in Gen.ListOf(Gen.Zip(text, text)).Select(l => l.DistinctBy(m => m.Item1).ToArray())
            select new Content(tensors, metadata);
    }

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    // Lone surrogates have no UTF-8, so no file can carry them.
    private static string Valid(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
