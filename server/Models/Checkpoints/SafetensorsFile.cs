using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace AttentionServer.Models.Checkpoints;

/// <summary>A safetensors file, mapped into memory: tensors are read where they lie.</summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly Dictionary<string, StoredTensor> _tensors = [];

    private SafetensorsFile(string path, FileStream stream)
    {
        Path = path;
        _map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        try
        {
            var total = stream.Length;
            var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(new(_start, LengthBytes));
            if (headerBytes > SafetensorsHeader.MaximumBytes || (long)headerBytes > total - LengthBytes)
                throw new CheckpointException($"safetensors: {path}: the header claims {headerBytes} bytes of a file of {total}: download or save the file again");
            var data = LengthBytes + (long)headerBytes;
            var header = SafetensorsHeader.Parse(path, new(_start + LengthBytes, (int)headerBytes), total - data);
            Metadata = header.Metadata;
            foreach (var (name, entry) in header.Tensors)
                _tensors.Add(name, new(name, entry.Type, entry.Shape, _start + data + entry.Start, entry.End - entry.Start));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Strings that the header carries besides tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>The tensors by name; they live as long as this file is open.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>Opens a file and checks its header.</summary>
    public static SafetensorsFile Open(string path)
    {
        // Symbolic links, as caches of downloads make them, are followed by the system.
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        if (stream.Length < LengthBytes)
        {
            var length = stream.Length;
            stream.Dispose();
            throw new CheckpointException($"safetensors: {path}: a file of {length} bytes has no header: download or save the file again");
        }

        return new(path, stream);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }
}
