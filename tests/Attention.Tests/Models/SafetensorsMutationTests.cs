using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Models;

/// <summary>Ten thousand damaged files: every one is either refused with a sentence or has all its tensors inside.</summary>
public sealed partial class SafetensorsMutationTests : IDisposable
{
    private const int Files = 10_000;
    private static readonly string[] Numbers = ["0", "1", "3", "255", "-1", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e3", "0.5", "1e400", "null", "\"8\"", "[]"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NoDamageReadsOutsideOrFailsInAnotherWay()
    {
        var random = new Random(20260731);
        var whole = Whole();
        int refused = 0, opened = 0;
        for (var i = 0; i < Files; i++)
        {
            var bytes = Damage(whole, random);
            var path = _folder.Write("f", bytes);
            try
            {
                using var file = SafetensorsFile.Open(path);
                Check(file, bytes);
                opened++;
            }
            catch (CheckpointException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }
        // Damage to names, metadata and tensor bytes leaves a readable file, most other damage does not.
        Assert.True(refused > Files / 2 && opened > Files / 20, $"{refused} refused, {opened} opened: the damage is not varied enough");
    }

    private static void Check(SafetensorsFile file, byte[] bytes)
    {
        var dataStart = 8 + BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var covered = dataStart;
        foreach (var tensor in file.Tensors.Values)
        {
            Assert.InRange(tensor.Offset, dataStart, bytes.Length - tensor.Length);
            Assert.Equal(covered, tensor.Offset);
            covered += tensor.Length;
            Assert.Equal(tensor.Shape.Aggregate((long)tensor.Type.Size(), (a, b) => checked(a * b)), tensor.Length);
            Assert.Equal(bytes.AsSpan((int)tensor.Offset, (int)tensor.Length), tensor.Bytes);
            if (tensor.Type.IsFloat())
                Assert.Equal(tensor.Count, tensor.ToFloats().Length);
        }
        Assert.Equal(bytes.Length, covered);
    }

    private byte[] Whole()
    {
        var path = _folder.File("whole");
        var bytes = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        SafetensorsWriter.Write(path,
        [
            .. Enum.GetValues<DType>().Select(type => new SafetensorsEntry($"layer.{type}", type, [2, 3], s => s.Write(bytes, 0, 6 * type.Size()))),
            new SafetensorsEntry("scalar", DType.F32, [], s => s.Write(bytes, 0, 4)),
            new SafetensorsEntry("empty", DType.F16, [4, 0], _ => { }),
        ], new Dictionary<string, string> { ["format"] = "pt", ["text"] = "a \"quoted\" — text" });
        return File.ReadAllBytes(path);
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        var bytes = whole.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var headerEnd = Math.Min(bytes.Count, 8 + (int)Math.Min(int.MaxValue / 2, BinaryPrimitives.ReadUInt64LittleEndian(whole)));
            switch (random.Next(12))
            {
                case 0 when bytes.Count > 0:
                    bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when headerEnd > 8:
                    bytes[random.Next(8, headerEnd)] = (byte)random.Next(256);
                    break;
                case 2 when bytes.Count >= 8:
                    bytes[random.Next(8)] = (byte)random.Next(256);
                    break;
                case 3:
                    bytes = bytes[..random.Next(bytes.Count + 1)];
                    break;
                case 4:
                    bytes.AddRange(new byte[random.Next(1, 40)]);
                    break;
                case 5 when bytes.Count > 20:
                    bytes.RemoveRange(random.Next(bytes.Count - 10), random.Next(1, 10));
                    break;
                case 6 when bytes.Count > 20:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(random.Next(bytes.Count - 10), random.Next(1, 10)));
                    break;
                case 7 when bytes.Count > headerEnd:
                    bytes[random.Next(headerEnd, bytes.Count)] = (byte)random.Next(256);
                    break;
                case 8 or 9 when headerEnd > 8:
                    var at = random.Next(8, headerEnd);
                    if (char.IsAsciiLetterLower((char)bytes[at]))
                        bytes[at] = (byte)random.Next('a', 'z' + 1);
                    break;
                default:
                    bytes = ReplaceNumber(bytes, random);
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Puts another number into the header and corrects the header's length, which gets past the first checks.</summary>
    private static List<byte> ReplaceNumber(List<byte> bytes, Random random)
    {
        if (bytes.Count < 10)
            return bytes;
        var all = bytes.ToArray();
        var length = BinaryPrimitives.ReadUInt64LittleEndian(all);
        if (length > (ulong)(all.Length - 8))
            return bytes;
        var header = Encoding.Latin1.GetString(all, 8, (int)length);
        var matches = Digits().Matches(header);
        if (matches.Count == 0)
            return bytes;
        var match = matches[random.Next(matches.Count)];
        var put = random.Next(2) == 0 ? Numbers[random.Next(Numbers.Length)] : random.Next(300).ToString(CultureInfo.InvariantCulture);
        var changed = Encoding.Latin1.GetBytes(header[..match.Index] + put + header[(match.Index + match.Length)..]);
        return [.. BitConverter.GetBytes((long)changed.Length), .. changed, .. all[(8 + (int)length)..]];
    }

    [GeneratedRegex(@"(?<=[\[,])\d+")]
    private static partial Regex Digits();
}
