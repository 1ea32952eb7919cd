using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AttentionServer.Graphs;

/// <summary>Appends fields in the protocol-buffers wire format; a message inside a message is written with its length before it.</summary>
internal sealed class Protobuf
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public Protobuf Int(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public Protobuf Float(int field, float value)
    {
        Varint(((ulong)field << 3) | 5);
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(four, value);
        _bytes.Write(four);
        return this;
    }

    public Protobuf Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    public Protobuf String(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public Protobuf Packed(int field, IEnumerable<long> values)
    {
        var inner = new Protobuf();
        foreach (var value in values)
            inner.Varint((ulong)value);
        return Bytes(field, inner.Written);
    }

    public Protobuf Message(int field, Action<Protobuf> write)
    {
        var inner = new Protobuf();
        write(inner);
        return Bytes(field, inner.Written);
    }

    private void Varint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var count = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[count++] = (byte)(value | 0x80);
        bytes[count++] = (byte)value;
        _bytes.Write(bytes[..count]);
    }
}
