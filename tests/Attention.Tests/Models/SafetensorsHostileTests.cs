using System.Buffers.Binary;
using System.Text;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Models;

/// <summary>Files made to mislead a reader: each is refused with a sentence that names the file and the fault.</summary>
public sealed class SafetensorsHostileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, int> Headers => new()
    {
        // header, what the message must say, bytes of data behind it
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "behind the end", 7 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "belong to no tensor", 9 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", "belong to no tensor", 12 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", "overlaps", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "overlaps", 8 },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}", "belong to no tensor", 3 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", "needs 12 bytes but has 8", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", "ends at 0", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", "whole number", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,10]}}", "whole number", 10 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}", "whole number", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[[2]],\"data_offsets\":[0,8]}}", "whole number", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[18446744073709551615],\"data_offsets\":[0,8]}}", "whole number", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", "can be counted", 0 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]}}", "can be counted", 0 },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[9223372036854775806,9223372036854775807]}}", "outside the file", 1 },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807],\"data_offsets\":[0,9223372036854775807]}}", "outside the file", 1 },
        { "{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]}}", "unknown dtype 'F4'", 1 },
        { "{\"a\":{\"dtype\":\"f32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "unknown dtype 'f32'", 8 },
        { "{\"a\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}", "not what the format says", 8 },
        { "{\"a\":{\"dtype\":null,\"shape\":[2],\"data_offsets\":[0,8]}}", "unknown dtype", 8 },
        { "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", "lacks one of", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", "lacks one of", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "lacks one of", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", "lacks one of", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4,8]}}", "lacks one of", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", "not an array", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"strides\":[1]}}", "unknown key 'strides'", 8 },
        { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "'dtype' twice", 8 },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", "'a' twice", 2 },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", "'a' twice", 2 },
        { "{\"a\":[]}", "not an object", 0 },
        { "{\"a\":null}", "not an object", 0 },
        { "{\"__metadata__\":{\"a\":1}}", "not a string", 0 },
        { "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "'a' twice", 0 },
        { "{\"__metadata__\":{\"a\":{}}}", "not a string", 0 },
        { "{\"__metadata__\":{},\"__metadata__\":{}}", "twice", 0 },
        { "{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "not what the format says", 1 },
        { "{} {}", "not what the format says", 0 },
        { "{}x", "not what the format says", 0 },
        { "[]", "does not start with", 0 },
        { " {}", "does not start with", 0 },
        { "{,}", "not what the format says", 0 },
        { "{\"a\"", "not what the format says", 0 },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", "more than 32", 1 },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void AHeaderThatMisleadsIsRefused(string header, string says, int data) => Refused(Encoding.UTF8.GetBytes(header), says, data);

    [Fact]
    public void DeepJsonIsRefusedWithoutDescendingIntoIt() =>
        Refused(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 200_000)), "not an object", 0);

    [Fact]
    public void BytesThatAreNotUtf8AreRefused() =>
        Refused([.. "{\"a"u8, 0xC3, 0x28, .. "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"u8], "not UTF-8", 1);

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData((1UL << 63) - 1)]
    [InlineData(100_000_001UL)]
    [InlineData(3UL)]
    [InlineData(1UL)]
    [InlineData(0UL)]
    public void AHeaderLengthThatCannotBeIsRefused(ulong length)
    {
        var bytes = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        "{}"u8.CopyTo(bytes.AsSpan(8));
        RefusedFile(bytes, "its header claims");
    }

    [Fact]
    public void FilesTooShortForAHeaderAreRefused()
    {
        for (var length = 0; length < 8; length++)
            RefusedFile(new byte[length], "has no header");
    }

    [Fact]
    public void AFolderOrAMissingFileIsRefusedByName()
    {
        Assert.Contains(_folder.Path, Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("gone", Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(_folder.File("gone"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ANameWithControlCharactersDoesNotReachTheTerminal()
    {
        var message = Refused("{\"\\u001b[31m\\n\":[]}"u8.ToArray(), "not an object", 0);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public void WhatIsUnusualButAllowedIsRead()
    {
        var header = "{\"empty\":{\"dtype\":\"F16\",\"shape\":[0,7],\"data_offsets\":[1,1]},\"scalar\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[1,5]},\"b\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1]}}   \n";
        using var file = SafetensorsFile.Open(_folder.Write("f", File(Encoding.UTF8.GetBytes(header), [1, .. BitConverter.GetBytes(2.5f)])));
        Assert.Equal(["b", "empty", "scalar"], file.Tensors.Keys);
        Assert.Empty(file.Tensors["empty"].ToFloats());
        Assert.Equal([2.5f], file.Tensors["scalar"].ToFloats());
    }

    [Fact]
    public void ATensorOfADisposedFileIsAnErrorAndNotACrash()
    {
        var file = SafetensorsFile.Open(Golden.Data("bert", "cls", "model.safetensors"));
        var tensor = file.Tensors["classifier.bias"];
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => tensor.Pointer);
        Assert.Throws<ObjectDisposedException>(() => tensor.ToFloats());
    }

    [Fact]
    public void ASliceStaysInsideItsTensor()
    {
        using var file = SafetensorsFile.Open(Golden.Data("bert", "cls", "model.safetensors"));
        var tensor = file.Tensors["classifier.bias"];
        Assert.Equal(4, tensor.Slice(8, 4).Length);
        foreach (var (start, length) in new[] { (-1L, 4), (9L, 4), (0L, 13), (long.MaxValue, 4), (0L, -1) })
            Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(start, length).Length);
    }

    private string Refused(byte[] header, string says, int data) => RefusedFile(File(header, new byte[data]), says);

    private string RefusedFile(byte[] bytes, string says)
    {
        var path = _folder.Write("f", bytes);
        var message = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path)).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
        return message;
    }

    private static byte[] File(byte[] header, byte[] data) => [.. BitConverter.GetBytes((long)header.Length), .. header, .. data];
}
