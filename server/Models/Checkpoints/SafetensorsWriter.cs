using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AttentionServer.Models.Checkpoints;

/// <summary>A tensor to be written, its bytes produced when its turn comes.</summary>
public sealed record SafetensorsEntry(string Name, DType Type, long[] Shape, Action<Stream> Write)
{
    /// <summary>How many bytes it takes.</summary>
    public long Bytes => Shape.Aggregate((long)Type.Size(), (a, b) => checked(a * b));

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

/// <summary>Writes safetensors files, whole or not at all.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes beside the target and renames; <paramref name="durable"/> waits until the disk has it.</summary>
    public static void Write(string path, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata, bool durable = false)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
            {
                WriteTo(stream, entries, metadata);
                stream.Flush(flushToDisk: durable);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void WriteTo(Stream stream, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        var header = Header(entries, metadata);
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

    private static byte[] Header(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            var offset = 0L;
            foreach (var entry in entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", entry.Type.Name());
                json.WriteStartArray("shape");
                foreach (var dim in entry.Shape)
                    json.WriteNumberValue(dim);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += entry.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces after the JSON are allowed, and let the tensors start at an aligned address.
        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
