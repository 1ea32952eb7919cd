using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace AttentionServer.Text;

/// <summary>A value for every code point: the number of its block of 256 code points, then the values of that block.</summary>
internal sealed class TwoStageTable<T>(ushort[] blocks, T[] values)
    where T : unmanaged
{
    public T this[int codePoint] => values[(blocks[codePoint >> 8] << 8) | (codePoint & 0xff)];
}

/// <summary>The Unicode facts in tables.bin; generate.mjs says which Unicode version each is taken from, and why.</summary>
internal static class UnicodeTables
{
    static UnicodeTables()
    {
        var reader = new Reader(Decompress());
        Properties = reader.Table<uint>();
        CombiningClass = reader.Table<byte>();
        CanonicalDecomposition = reader.Table<ushort>();
        CompatibilityDecomposition = reader.Table<ushort>();
        LowerCaseDifference = reader.Table<int>();
        CaseFoldDifference = reader.Table<int>();
        Sequences = reader.List();
        var triples = reader.List();
        Compositions = new Dictionary<(int First, int Second), int>(triples.Length / 3);
        for (var i = 0; i < triples.Length; i += 3) Compositions.Add((triples[i], triples[i + 1]), triples[i + 2]);
    }

    /// <summary>Bit fields; <see cref="Characters"/> names them.</summary>
    public static TwoStageTable<uint> Properties { get; }

    public static TwoStageTable<byte> CombiningClass { get; }

    /// <summary>Where the complete decomposition stands in <see cref="Sequences"/> (its length, then its characters); 0 for none.</summary>
    public static TwoStageTable<ushort> CanonicalDecomposition { get; }

    /// <inheritdoc cref="CanonicalDecomposition"/>
    public static TwoStageTable<ushort> CompatibilityDecomposition { get; }

    public static TwoStageTable<int> LowerCaseDifference { get; }

    public static TwoStageTable<int> CaseFoldDifference { get; }

    public static int[] Sequences { get; }

    public static Dictionary<(int First, int Second), int> Compositions { get; }

    private static byte[] Decompress()
    {
        const string Name = "AttentionServer.Text.Unicode.tables.bin";
        using var resource = typeof(UnicodeTables).Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidOperationException($"The resource {Name} is missing from the build.");
        using var inflated = new MemoryStream();
        using (var deflate = new DeflateStream(resource, CompressionMode.Decompress)) deflate.CopyTo(inflated);
        return inflated.ToArray();
    }

    private ref struct Reader(byte[] bytes)
    {
        private const int Blocks = 0x110000 >> 8;
        private ReadOnlySpan<byte> rest = bytes;

        public TwoStageTable<T> Table<T>()
            where T : unmanaged
        {
            var distinct = Int32();
            return new TwoStageTable<T>(Take<ushort>(Blocks), Take<T>(distinct << 8));
        }

        public int[] List() => Take<int>(Int32());

        private int Int32()
        {
            var value = BinaryPrimitives.ReadInt32LittleEndian(rest);
            rest = rest[sizeof(int)..];
            return value;
        }

        /// <summary>The file is little-endian, as is every machine that .NET 10 runs on.</summary>
        private unsafe T[] Take<T>(int count)
            where T : unmanaged
        {
            var size = count * sizeof(T);
            var values = MemoryMarshal.Cast<byte, T>(rest[..size]).ToArray();
            rest = rest[size..];
            return values;
        }
    }
}
