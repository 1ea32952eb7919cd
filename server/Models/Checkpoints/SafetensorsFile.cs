using System.Buffers.Binary;

namespace AttentionServer.Models.Checkpoints;

/// <summary>A safetensors file, mapped into memory: tensors are read where they lie, and every one was checked to lie inside.</summary>
public sealed class SafetensorsFile : ITensorFile
{
    private const int LengthBytes = 8;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header)
    {
        File = file;
        Metadata = header.Metadata;
        Tensors = header.Tensors.ToDictionary(
            t => t.Name,
            t => new StoredTensor(t.Name, t.Type, t.Shape, file, t.Offset, t.Length),
            StringComparer.Ordinal);
    }

    /// <summary>The file.</summary>
    public string Path => File.Path;

    /// <summary>Strings that the header carries besides tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors by name, in the order of their bytes; they live as long as this file is open.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    MappedFile ITensorFile.File => File;

    internal MappedFile File { get; }

    /// <summary>Opens a file and checks its header; no tensor is read.</summary>
    public static SafetensorsFile Open(string path)
    {
        var file = new MappedFile(path);
        try
        {
            if (file.Length < LengthBytes)
                throw SafetensorsHeader.Broken(path, $"a file of {file.Length} bytes has no header");
            var length = SafetensorsHeader.CheckedLength(BinaryPrimitives.ReadUInt64LittleEndian(file.Bytes(0, LengthBytes)), file.Length, path);
            return new SafetensorsFile(file, SafetensorsHeader.Parse(file.Bytes(LengthBytes, length), file.Length, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();
}
