using System.Buffers.Binary;
using System.Numerics;

namespace AttentionServer.Models.Checkpoints.Torch;

/// <summary>
/// A state dictionary saved by PyTorch, read as data: the zip format since version 1.6, and the older one of pickles
/// followed by raw storages (torch/serialization.py). Numbers are used where they lie in the mapped file.
/// </summary>
internal sealed class TorchFile : ITensorFile
{
    private const int OldProtocol = 1001;

    // What old files begin with; the digits are 0x1950a86a20f9469cfc6c.
    private static readonly BigInteger OldMagic = BigInteger.Parse("119547037146038801333356");

    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    private TorchFile(MappedFile file) => File = file;

    /// <inheritdoc/>
    public MappedFile File { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>Opens the file and finds its tensors; runs nothing that is in it.</summary>
    public static TorchFile Open(string path)
    {
        var file = new MappedFile(path);
        try
        {
            var torch = new TorchFile(file);
            if (ZipDirectory.IsZip(file))
                torch.ReadZip();
            else
                torch.ReadOld();
            return torch;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();

    private void ReadZip()
    {
        var entries = ZipDirectory.Read(File).Entries;
        const string main = "/data.pkl";
        var names = entries.Keys.Where(n => n.EndsWith(main, StringComparison.Ordinal) && n.IndexOf('/', StringComparison.Ordinal) == n.Length - main.Length).ToList();
        if (names.Count != 1)
            throw TorchObjects.Broken(File.Path, "the archive has no data.pkl in one folder, so PyTorch did not write it");
        var folder = names[0][..^main.Length];
        if (entries.TryGetValue($"{folder}/byteorder", out var order) && !File.Bytes(order.Offset, (int)Math.Min(order.Length, 16)).SequenceEqual("little"u8))
            throw TorchObjects.Broken(File.Path, "its numbers are big-endian");
        var (offset, length) = entries[names[0]];
        var (root, _) = PickleReader.Read(File, offset, offset + length);
        AddAll(root, storage => entries.TryGetValue($"{folder}/data/{storage.Key}", out var place) ? place : null);
    }

    /// <summary>Five pickles (magic number, version, machine, state dictionary, keys of storages), then each storage with its count.</summary>
    private void ReadOld()
    {
        long at = 0;
        object? Next()
        {
            var (value, end) = PickleReader.Read(File, at, File.Length);
            at = end;
            return value;
        }

        if (File.Length < 2 || File.Bytes(0, 1)[0] != (byte)PickleOp.Protocol || Next() is not BigInteger magic || magic != OldMagic || Next() is not (long)OldProtocol)
            throw TorchObjects.Broken(File.Path, "it is neither a zip archive nor the older format of PyTorch");
        if (Next() is not PickleDict machine || machine.Items.Any(i => i is { Key: "little_endian", Value: not true }))
            throw TorchObjects.Broken(File.Path, "its numbers are not little-endian");
        var root = Next();
        if (Next() is not List<object?> keys)
            throw TorchObjects.Broken(File.Path, "it does not list its storages");
        var sizes = StorageSizes(root);
        var places = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (key is not string name || !sizes.TryGetValue(name, out var storage))
                throw TorchObjects.Broken(File.Path, "it lists a storage that no tensor has");
            if (at > File.Length - 8 || BinaryPrimitives.ReadInt64LittleEndian(File.Bytes(at, 8)) is var count && count != storage.Count)
                throw TorchObjects.Broken(File.Path, $"its storage '{SafetensorsHeader.Shown(name)}' has another size than the tensors say, or is cut off");
            places[name] = (at + 8, storage.Type.ByteLength([count]) ?? long.MaxValue);
            at += 8;
            if (places[name].Item2 > File.Length - at)
                throw TorchObjects.Broken(File.Path, $"its storage '{SafetensorsHeader.Shown(name)}' is cut off");
            at += places[name].Item2;
        }

        AddAll(root, storage => places.TryGetValue(storage.Key, out var place) ? place : null);
    }

    private Dictionary<string, TorchStorage> StorageSizes(object? root)
    {
        var sizes = new Dictionary<string, TorchStorage>(StringComparer.Ordinal);
        foreach (var (_, tensor) in Items(root))
        {
            if (!sizes.TryAdd(tensor.Storage.Key, tensor.Storage) && sizes[tensor.Storage.Key] != tensor.Storage)
                throw TorchObjects.Broken(File.Path, $"its storage '{SafetensorsHeader.Shown(tensor.Storage.Key)}' has two sizes or types");
        }

        return sizes;
    }

    private void AddAll(object? root, Func<TorchStorage, (long Offset, long Length)?> find)
    {
        foreach (var (name, tensor) in Items(root))
        {
            var storage = tensor.Storage;
            if (find(storage) is not { } place || storage.Type.ByteLength([storage.Count]) is not { } bytes || bytes > place.Length)
                throw TorchObjects.Broken(File.Path, $"tensor '{SafetensorsHeader.Shown(name)}' needs a storage that is missing or cut off");
            var size = storage.Type.Size();
            var length = storage.Type.ByteLength(tensor.Shape)!.Value;
            var strides = IsContiguous(tensor) ? null : tensor.Strides;
            _tensors[name] = new StoredTensor(name, storage.Type, tensor.Shape, File, place.Offset + (tensor.Offset * size), length, strides);
        }
    }

    /// <summary>The tensors of a state dictionary; counters and settings that some tools add are left out.</summary>
    private IEnumerable<(string Name, TorchTensor Tensor)> Items(object? root)
    {
        if (root is not PickleDict dictionary)
            throw TorchObjects.Broken(File.Path, "it holds something else than a state dictionary");
        return dictionary.Items
            .Where(i => i is { Key: string, Value: TorchTensor })
            .Select(i => ((string)i.Key, (TorchTensor)i.Value!));
    }

    private static bool IsContiguous(TorchTensor tensor)
    {
        long step = 1;
        for (var i = tensor.Shape.Length - 1; i >= 0; i--)
        {
            if (tensor.Shape[i] > 1 && tensor.Strides[i] != step)
                return false;
            step *= tensor.Shape[i];
        }

        return true;
    }
}
