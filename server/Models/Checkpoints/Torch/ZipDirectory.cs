using System.Buffers.Binary;
using System.Text;

namespace AttentionServer.Models.Checkpoints.Torch;

/// <summary>
/// Finds files inside a zip archive without unpacking: PyTorch stores its numbers uncompressed and aligned, so they can be
/// used where they lie. Structures are those of PKWARE's APPNOTE; every place is checked against the file.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint EndSignature = 0x06054B50, End64Signature = 0x06064B50, Locator64Signature = 0x07064B50;
    private const uint CentralSignature = 0x02014B50, LocalSignature = 0x04034B50;
    private const int EndBytes = 22, End64Bytes = 56, Locator64Bytes = 20, CentralBytes = 46, LocalBytes = 30;
    private const int LongestComment = ushort.MaxValue;
    private const ushort Extra64 = 1;

    private readonly MappedFile _file;
    private readonly Dictionary<string, (long Offset, long Length)> _entries = new(StringComparer.Ordinal);

    private ZipDirectory(MappedFile file) => _file = file;

    /// <summary>Where each stored file lies, by its name in the archive.</summary>
    public IReadOnlyDictionary<string, (long Offset, long Length)> Entries => _entries;

    /// <summary>True when the file starts like an archive.</summary>
    public static bool IsZip(MappedFile file) => file.Length >= EndBytes && BinaryPrimitives.ReadUInt32LittleEndian(file.Bytes(0, 4)) == LocalSignature;

    /// <summary>Reads the directory at the end of the archive.</summary>
    public static ZipDirectory Read(MappedFile file)
    {
        var zip = new ZipDirectory(file);
        zip.ReadCentral();
        return zip;
    }

    private void ReadCentral()
    {
        var (at, bytes, count) = FindCentral();
        var end = at + bytes;
        for (long i = 0; i < count; i++)
        {
            var entry = Checked(at, CentralBytes, end);
            if (U32(entry, 0) != CentralSignature)
                throw Broken($"entry {i} of its directory is damaged");
            int name = U16(entry, 28), extra = U16(entry, 30), comment = U16(entry, 32);
            var tail = Checked(at + CentralBytes, name + extra, end);
            AddEntry(entry, Encoding.UTF8.GetString(tail[..name]), tail[name..]);
            at += CentralBytes + name + extra + comment;
        }
    }

    private void AddEntry(ReadOnlySpan<byte> entry, string name, ReadOnlySpan<byte> extra)
    {
        if ((U16(entry, 8) & 1) != 0)
            throw Broken($"'{SafetensorsHeader.Shown(name)}' in it is encrypted");
        if (U16(entry, 10) != 0)
            throw Broken($"'{SafetensorsHeader.Shown(name)}' in it is compressed, which PyTorch does not do");
        var (packed, plain, header) = Sizes(entry, extra, name);
        if (packed != plain)
            throw Broken($"'{SafetensorsHeader.Shown(name)}' in it has two sizes");
        var local = Checked(header, LocalBytes, _file.Length);
        if (U32(local, 0) != LocalSignature)
            throw Broken($"'{SafetensorsHeader.Shown(name)}' in it does not start where the directory says");
        var start = header + LocalBytes + U16(local, 26) + U16(local, 28);
        if (plain > _file.Length - start)
            throw Broken($"'{SafetensorsHeader.Shown(name)}' in it ends behind the end of the file");
        if (!_entries.TryAdd(name, (start, plain)))
            throw Broken($"it has '{SafetensorsHeader.Shown(name)}' twice");
    }

    /// <summary>Sizes and place; those that do not fit 32 bits are in the extra field, in this order.</summary>
    private (long Packed, long Plain, long Header) Sizes(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra, string name)
    {
        long packed = U32(entry, 20), plain = U32(entry, 24), header = U32(entry, 42);
        var wide = Extra(extra, Extra64);
        long Wide(ref ReadOnlySpan<byte> field)
        {
            if (field.Length < 8 || BinaryPrimitives.ReadInt64LittleEndian(field) is var value && value < 0)
                throw Broken($"'{SafetensorsHeader.Shown(name)}' in it has no size");
            field = field[8..];
            return value;
        }

        if (plain == uint.MaxValue)
            plain = Wide(ref wide);
        if (packed == uint.MaxValue)
            packed = Wide(ref wide);
        if (header == uint.MaxValue)
            header = Wide(ref wide);
        return (packed, plain, header);
    }

    private static ReadOnlySpan<byte> Extra(ReadOnlySpan<byte> fields, ushort wanted)
    {
        while (fields.Length >= 4)
        {
            int id = U16(fields, 0), length = U16(fields, 2);
            if (length > fields.Length - 4)
                break;
            if (id == wanted)
                return fields.Slice(4, length);
            fields = fields[(4 + length)..];
        }

        return [];
    }

    private (long At, long Bytes, long Count) FindCentral()
    {
        // The end record is the last thing in the file but for a comment, so it is searched backwards.
        for (var at = _file.Length - EndBytes; at >= 0 && at >= _file.Length - EndBytes - LongestComment; at--)
        {
            var end = _file.Bytes(at, EndBytes);
            if (U32(end, 0) != EndSignature || at + EndBytes + U16(end, 20) != _file.Length)
                continue;
            (long At, long Bytes, long Count) central = (U32(end, 16), U32(end, 12), U16(end, 10));
            if (at >= Locator64Bytes && U32(_file.Bytes(at - Locator64Bytes, 4), 0) == Locator64Signature)
                central = FindCentral64(at - Locator64Bytes);
            return central.At <= at && central.Bytes <= at - central.At && central.Count <= central.Bytes / CentralBytes
                ? central
                : throw Broken("its directory lies outside the file");
        }

        throw Broken("it has no directory: it may be cut off");
    }

    private (long At, long Bytes, long Count) FindCentral64(long locator)
    {
        var at = BinaryPrimitives.ReadInt64LittleEndian(_file.Bytes(locator + 8, 8));
        var end = Checked(at, End64Bytes, _file.Length);
        if (U32(end, 0) != End64Signature)
            throw Broken("its directory is damaged");
        var count = BinaryPrimitives.ReadInt64LittleEndian(end[32..]);
        var bytes = BinaryPrimitives.ReadInt64LittleEndian(end[40..]);
        var start = BinaryPrimitives.ReadInt64LittleEndian(end[48..]);
        return count >= 0 && bytes >= 0 && start >= 0 ? (start, bytes, count) : throw Broken("its directory lies outside the file");
    }

    private ReadOnlySpan<byte> Checked(long at, int length, long end) =>
        at >= 0 && at <= end - length ? _file.Bytes(at, length) : throw Broken("its directory points outside the file");

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private CheckpointException Broken(string why) => TorchObjects.Broken(_file.Path, $"the archive is not usable: {why}");
}
