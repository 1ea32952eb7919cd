using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Models.Checkpoints.Torch;

namespace AttentionServer.Tests.Models;

/// <summary>Pickles that would run a program or mislead a reader elsewhere: each is refused with a sentence.</summary>
public sealed class HostilePickleTests : IDisposable
{
    private const string Storage = "(" + "X\u0007\0\0\0storage" + "ctorch\nFloatStorage\n" + "X\u0001\0\0\00" + "X\u0003\0\0\0cpu" + "K\u0004tQ";
    private const string Rebuild = "ctorch._utils\n_rebuild_tensor_v2\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Pickles => new()
    {
        // Names that run something.
        { "cos\nsystem\n(X\u0004\0\0\0echotR.", "os.system" },
        { "cposix\nsystem\n(X\u0004\0\0\0echotR.", "posix.system" },
        { "cnt\nsystem\n.", "nt.system" },
        { "cbuiltins\neval\n(X\u0001\0\0\01tR.", "builtins.eval" },
        { "c__builtin__\nexec\n.", "__builtin__.exec" },
        { "cbuiltins\ngetattr\n.", "builtins.getattr" },
        { "csubprocess\nPopen\n.", "subprocess.Popen" },
        { "ctorch.hub\nload\n.", "torch.hub.load" },
        { "ctorch\nload\n.", "torch.load" },
        { "ctorch._utils\n_import_dotted_name\n.", "torch._utils._import_dotted_name" },
        { "ctorch.nn.modules.linear\nLinear\n.", "torch.nn.modules.linear.Linear" },
        { "cnumpy.core.multiarray\n_reconstruct\n.", "numpy.core.multiarray._reconstruct" },
        { "ccollections\ndefaultdict\n.", "collections.defaultdict" },
        { "ccollections\nOrderedDict.__init__\n.", "collections.OrderedDict.__init__" },
        { "ccollections.OrderedDict\n\n.", "collections.OrderedDict." },
        { "\u008c\u0002os\u008c\u0006system\u0093.", "os.system" },
        { "\u008c\u0000\u008c\u0006system\u0093.", ".system" },
        { "K\u0001K\u0002\u0093.", "which no file of tensors needs" },

        // Instructions that make or call objects, or that reach outside.
        { "(ios\nsystem\n.", "0x69 'i'" },
        { "(cos\nsystem\no.", "os.system" },
        { "(ctorch\nFloatStorage\no.", "0x6F 'o'" },
        { "ccollections\nOrderedDict\n)\u0081.", "0x81" },
        { "ccollections\nOrderedDict\n)}\u0092.", "0x92" },
        { "\u0082\u0001.", "0x82" },
        { "\u0083\u0001\u0001.", "0x83" },
        { "\u0084\u0001\u0001\u0001\u0001.", "0x84" },
        { "Pkey\n.", "0x50 'P'" },
        { "\u0096\u0001\0\0\0\0\0\0\0a.", "0x96" },
        { "\u0097.", "0x97" },
        { "I1\n.", "0x49 'I'" },
        { "S'a'\n.", "0x53 'S'" },
        { "\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fa.", "0x8D" },

        // Calls of listed names that a file of tensors does not make.
        { "X\u0002\0\0\0os)R.", "something that is no name" },
        { "ccollections\nOrderedDict\n}R.", "no list of arguments" },
        { "ccollections\nOrderedDict\n(X\u0001\0\0\0atR.", "other arguments" },
        { "ccollections\nOrderedDict\n(](K\u0001etR.", "no list of pairs" },
        { "ctorch\nFloatStorage\n)R.", "other arguments" },
        { "ctorch._utils\n_rebuild_parameter\n(}\u0089}tR.", "other arguments" },
        { "(X\u0006\0\0\0modulectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0004tQ.", "no storage of numbers" },
        { "(X\u0007\0\0\0storageccollections\nOrderedDict\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0004tQ.", "no storage of numbers" },
        { "(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuJ\u00ff\u00ff\u00ff\u00fftQ.", "no storage of numbers" },
        { "X\u0001\0\0\0aQ.", "the place of a storage is no list" },
        { "]}b.", "no dictionary" },
        { "ccollections\nOrderedDict\n}b.", "no dictionary" },

        // Tensors that reach outside their storage.
        { $"}}X\u0001\0\0\0w{Rebuild}({Storage}K\0(K\u0005t(K\u0001ttRs.", "does not fit its 4 numbers" },
        { $"}}X\u0001\0\0\0w{Rebuild}({Storage}K\u0001(K\u0004t(K\u0001ttRs.", "ends behind its 4 numbers" },
        { $"}}X\u0001\0\0\0w{Rebuild}({Storage}J\u00ff\u00ff\u00ff\u00ff(K\u0004t(K\u0001ttRs.", "a shape that cannot be" },
        { $"}}X\u0001\0\0\0w{Rebuild}({Storage}K\0(K\u0002t(\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fttRs.", "does not fit" },
        { $"}}X\u0001\0\0\0w{Rebuild}({Storage}K\0(\u008a\u0008\0\0\0\0\0\0\0\u0040\u008a\u0008\0\0\0\0\0\0\0\u0040t(K\0K\0ttRs.", "does not fit" },
        { $"}}X\u0001\0\0\0w{Rebuild}({Storage}K\0(K\u0009t(K\0ttRs.", "does not fit" },
        { $"}}X\u0001\0\0\0w{Rebuild}({Storage}K\0(K\u0002K\u0002t(K\u0001ttRs.", "a shape that cannot be" },
        { $"}}X\u0001\0\0\0w{Rebuild}({Storage.Replace("\00X", "\01X", StringComparison.Ordinal)}K\0(K\u0004t(K\u0001ttRs.", "missing or cut off" },
        { $"}}X\u0001\0\0\0w{Rebuild}({Storage.Replace("K\u0004t", "K\u0009t", StringComparison.Ordinal)}K\0(K\u0009t(K\u0001ttRs.", "missing or cut off" },

        // A stack machine led astray.
        { "", "ends in the middle" },
        { "}", "ends in the middle" },
        { "}X\u00ff\u00ff\u00ff\u00ffa", "ends in the middle" },
        { "}X\u00ff\u00ff\u00ff\u007fa", "ends in the middle" },
        { "X\u0001\0\0\0\u00ff.", "not UTF-8" },
        { "cos", "a name without an end" },
        { "s.", "not there" },
        { "}s.", "not there" },
        { "(s.", "not there" },
        { "u.", "no beginning" },
        { "}(K\u0001u.", "no dictionary" },
        { "](K\u0001K\u0001u.", "no dictionary" },
        { "}K\u0001a.", "no list" },
        { "}](K\u0001lu.", "0x6C 'l'" },
        { "}]K\u0001s.", "neither a text nor a whole number" },
        { "h\u0005.", "which it never kept" },
        { "q\u0001.", "not there" },
        { "}}.", "2 values instead of one" },
        { ".", "0 values instead of one" },
        { "].", "something else than a state dictionary" },
        { "]q\0h\0a.", "something else than a state dictionary" },
        { "\u0080\u0009}.", "its protocol is 9" },
    };

    [Theory]
    [MemberData(nameof(Pickles))]
    public void APickleThatIsMoreThanDataIsRefused(string pickle, string says)
    {
        var path = Archive(Encoding.Latin1.GetBytes(pickle));
        var message = Assert.Throws<CheckpointException>(() => TorchFile.Open(path)).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameArchiveWithAnHonestPickleIsRead()
    {
        using var torch = TorchFile.Open(Archive(Encoding.Latin1.GetBytes($"}}X\u0001\0\0\0w{Rebuild}({Storage}K\u0001(K\u0002t(K\u0002ttRs.")));
        Assert.Equal([2f, 4f], torch.Tensors["w"].ToFloats());
    }

    [Theory]
    [InlineData("PK\u0003\u0004")]
    [InlineData("\u0080\u0002")]
    [InlineData("hello")]
    [InlineData("")]
    public void WhatIsNoFileOfPyTorchIsRefused(string start)
    {
        var path = _folder.Write("f", Encoding.Latin1.GetBytes(start.PadRight(start.Length == 0 ? 0 : 100)));
        Assert.Contains(path, Assert.Throws<CheckpointException>(() => TorchFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACompressedArchiveIsRefused()
    {
        var path = Archive(new byte[5000], CompressionLevel.Optimal);
        Assert.Contains("is compressed", Assert.Throws<CheckpointException>(() => TorchFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BigEndianNumbersAreRefused()
    {
        var path = Archive("}."u8.ToArray(), byteOrder: "big");
        Assert.Contains("big-endian", Assert.Throws<CheckpointException>(() => TorchFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnOldFileWhoseStorageClaimsMoreThanThereIsIsRefused()
    {
        var bytes = File.ReadAllBytes(TorchFileTests.Data("old.bin"));
        var at = bytes.AsSpan().LastIndexOf(BitConverter.GetBytes(1L));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), long.MaxValue);
        var path = _folder.Write("f", bytes);
        Assert.Contains("storage", Assert.Throws<CheckpointException>(() => TorchFile.Open(path)).Message, StringComparison.Ordinal);
    }

    /// <summary>An archive as PyTorch lays it out, with one storage of four floats.</summary>
    private string Archive(byte[] pickle, CompressionLevel level = CompressionLevel.NoCompression, string byteOrder = "little")
    {
        var path = _folder.File("f");
        File.Delete(path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        void Add(string name, byte[] bytes)
        {
            using var stream = archive.CreateEntry(name, level).Open();
            stream.Write(bytes);
        }

        Add("m/data.pkl", pickle);
        Add("m/byteorder", Encoding.ASCII.GetBytes(byteOrder));
        Add("m/data/0", [.. new[] { 1f, 2f, 3f, 4f }.SelectMany(BitConverter.GetBytes)]);
        return path;
    }
}
