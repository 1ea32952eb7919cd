using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AttentionServer.Models.Checkpoints;

/// <summary>A tensor to be written, its bytes produced when its turn comes.</summary>
public sealed record SafetensorsEntry(string Name, DType Type, long[] Shape, Action<Stream> Write)
{
    /// <summary>How many bytes it takes.</summary>
    public long Bytes => Type.ByteLength(Shape) ?? throw new ArgumentException($"tensor '{Name}': it cannot have the shape {ShapeText.Of(Shape)}");

    /// <summary>Floats.</summary>
    public static SafetensorsEntry Of(string name, float[] values, params int[] shape) =>
        new(name, DType.F32, Long(shape), stream => stream.Write(MemoryMarshal.AsBytes<float>(values)));

    /// <summary>Integers, stored with 64 bits as other tools expect ids.</summary>
    public static SafetensorsEntry Of(string name, int[] values, params int[] shape) =>
        new(name, DType.I64, Long(shape), stream => stream.Write(MemoryMarshal.AsBytes<long>(Array.ConvertAll(values, v => (long)v))));

    /// <summary>Parts of one shape, stacked along a new first axis.</summary>
    public static SafetensorsEntry Stack(string name, int count, int[] shape, StackPart part) =>
        new(name, DType.F32, [count, .. Long(shape)], stream =>
        {
            for (var i = 0; i < count; i++)
                stream.Write(MemoryMarshal.AsBytes(part(i)));
        });

    private static long[] Long(int[] shape) => Array.ConvertAll(shape, d => (long)d);
}

/// <summary>Gives one part of a stack.</summary>
public delegate ReadOnlySpan<float> StackPart(int index);

/// <summary>
/// Writes safetensors files, whole or not at all. The header is padded and wide elements come first, so that every
/// tensor lies aligned and readers can use it in place.
/// </summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes beside the target and renames; <paramref name="durable"/> waits until the disk has it.</summary>
    public static void Write(string path, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata, bool durable = false)
    {
        var ordered = entries.OrderByDescending(e => e.Type.Size()).ToList();
        var header = Header(path, ordered, metadata);
        var temporary = $"{path}.{Guid.NewGuid():n}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
            {
                WriteTo(stream, header, ordered);
                stream.Flush(flushToDisk: durable);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            if (e is IOException or UnauthorizedAccessException)
                throw new CheckpointException($"file: {path}: it cannot be written ({e.Message.TrimEnd('.')}): check the folder and the free space", e);
            throw;
        }
    }

    private static void WriteTo(FileStream stream, byte[] header, List<SafetensorsEntry> entries)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var entry in entries)
        {
            var start = stream.Position;
            entry.Write(stream);
            if (stream.Position - start != entry.Bytes)
                throw new InvalidOperationException($"tensor '{entry.Name}' was written as {stream.Position - start} bytes and has {entry.Bytes}");
        }
    }

    private static byte[] Header(string path, List<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { SafetensorsHeader.MetadataKey };
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            var offset = 0L;
            foreach (var entry in entries)
            {
                if (!names.Add(entry.Name))
                    throw new ArgumentException($"tensor '{entry.Name}': {path}: the name is reserved or used twice: rename one");
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Type.Name());
                json.WriteStartArray("shape");
                foreach (var dim in entry.Shape)
                    json.WriteNumberValue(dim);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset = checked(offset + entry.Bytes));
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces after the JSON are allowed, and let the tensors start at an aligned address.
        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        return buffer.Length <= SafetensorsHeader.MaximumBytes
            ? buffer.ToArray()
            : throw new ArgumentException($"header: {path}: it would have {buffer.Length} bytes, more than readers take: write fewer tensors or shorter metadata");
    }
}
