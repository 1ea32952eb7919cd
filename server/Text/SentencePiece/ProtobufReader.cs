using System.Buffers.Binary;

namespace AttentionServer.Text;

/// <summary>A value in a protocol buffer message: a number, or bytes (a text, or a message inside).</summary>
internal readonly record struct ProtobufValue(ulong Number, ReadOnlyMemory<byte> Bytes)
{
    public float Float => BitConverter.UInt32BitsToSingle((uint)Number);

    public bool Flag => Number != 0;

    public string Text => System.Text.Encoding.UTF8.GetString(Bytes.Span);
}

/// <summary>Reads the fields of a protocol buffer message one after the other (protobuf.dev, "Encoding").</summary>
internal static class ProtobufReader
{
    /// <exception cref="FormatException">The bytes are not a message.</exception>
    public static IEnumerable<(int Field, ProtobufValue Value)> Fields(ReadOnlyMemory<byte> message)
    {
        while (!message.IsEmpty)
        {
            var key = Varint(ref message);
            if (key >> 3 is 0 or > int.MaxValue) throw new FormatException("a field has no valid number");
            var value = (key & 7) switch
            {
                0 => new ProtobufValue(Varint(ref message), default),
                1 => new ProtobufValue(BinaryPrimitives.ReadUInt64LittleEndian(Take(ref message, 8).Span), default),
                2 => new ProtobufValue(0, Take(ref message, Varint(ref message))),
                5 => new ProtobufValue(BinaryPrimitives.ReadUInt32LittleEndian(Take(ref message, 4).Span), default),
                _ => throw new FormatException("a field has an unknown wire type"),
            };
            yield return ((int)(key >> 3), value);
        }
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> rest)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(ref rest, 1).Span[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
        throw new FormatException("a number does not end");
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, ulong count)
    {
        if (count > (ulong)rest.Length) throw new FormatException("it is cut short");
        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }
}
