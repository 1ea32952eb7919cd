using AttentionServer.Studies.Runs;

namespace AttentionServer.Tests.Studies.Runs;

/// <summary>The bytes of a cell: what goes in comes out, and nothing else than what went in ever does.</summary>
public class CellFileTests
{
    private static readonly CellKey Key = CellKey.Of([new("zone", "P2Q"), new("layer", "3"), new("strength", "0.5")]);

    private static readonly CellData Data = new(
        [new("em", [1, 0, 1]), new("p", [0.1, double.NaN, double.NegativeInfinity]), new("tiny", [double.Epsilon, -0.0, 1.0 / 3])],
        [new("answer", ["", "a \"quoted\"\nline", "日本 😀 \u0000"])]);

    [Fact]
    public void A_cell_comes_back_to_the_last_bit()
    {
        var cell = CellFile.Decode(CellFile.Encode(Key, Data))!;
        Assert.Equal(Key, cell.Key);
        Assert.Equal(Data.Texts["answer"], cell.Data.Texts["answer"]);
        foreach (var (name, column) in Data.Numbers)
            Assert.Equal(column.Select(BitConverter.DoubleToInt64Bits), cell.Data.Numbers[name].Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void Every_shortened_file_is_seen()
    {
        var bytes = CellFile.Encode(Key, Data);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(CellFile.IsWhole(bytes.AsSpan(0, length), Key.Name));
            Assert.Null(CellFile.Decode(bytes[..length]));
        }
    }

    [Fact]
    public void Every_changed_bit_is_seen()
    {
        var bytes = CellFile.Encode(Key, Data);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(CellFile.IsWhole(bytes, Key.Name), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(CellFile.IsWhole(bytes, Key.Name));
    }

    [Fact]
    public void A_page_of_zeros_and_a_longer_file_are_seen()
    {
        var bytes = CellFile.Encode(Key, new([new("em", new double[2000])]));
        Assert.Null(CellFile.Decode([.. bytes, 0]));
        Assert.Null(CellFile.Decode(new byte[bytes.Length]));
        bytes.AsSpan(1024, 2048).Clear();
        Assert.Null(CellFile.Decode(bytes));
    }

    [Fact]
    public void Keys_are_the_same_in_any_order_and_differ_wherever_a_property_does()
    {
        Assert.Equal(Key, CellKey.Of(Key.Properties.Reverse()));
        string[] names =
        [
            Key.Name,
            CellKey.Of([new("zone", "P2Q"), new("layer", "3")]).Name,
            CellKey.Of([new("zone", "P2Q3"), new("layer", ""), new("strength", "0.5")]).Name,
            CellKey.Of([new("a", "b"), new("c", "d")]).Name,
            CellKey.Of([new("a", "bc"), new("", "d")]).Name,
            CellKey.Of([new("a b", ""), new("c", "d")]).Name,
            CellKey.Of([new("a", "b1 1 cd")]).Name,
        ];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, n => Assert.Equal(64, n.Length));
    }

    [Fact]
    public void The_name_of_a_cell_is_settled()
    {
        // Runs on disk are found by it: another value here means that nobody's run resumes.
        Assert.Equal("323259947871bf3fde32469faa9385150a448dcdd9295452b2fce1ef0382733b", Key.Name);
    }

    [Fact]
    public void Columns_of_different_length_are_refused() =>
        Assert.Throws<ArgumentException>(() => new CellData([new("em", [1, 2])], [new("answer", ["one"])]));
}
