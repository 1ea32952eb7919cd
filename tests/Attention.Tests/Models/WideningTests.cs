using System.Runtime.InteropServices;
using AttentionServer.Models.Checkpoints;

namespace AttentionServer.Tests.Models;

/// <summary>Every bit pattern of every narrow type, against arithmetic in double precision written from the formats' definitions.</summary>
public sealed unsafe class WideningTests
{
    [Fact]
    public void EveryHalfIsWidenedExactly() => Compare16(DType.F16, bits => Value(bits, exponentBits: 5, fractionBits: 10, hasInfinity: true));

    [Fact]
    public void EveryBFloatIsWidenedExactly() => Compare16(DType.BF16, bits => Value(bits, exponentBits: 8, fractionBits: 7, hasInfinity: true));

    [Fact]
    public void EveryE5M2IsWidenedExactly() => Compare8(DType.F8E5M2, bits => Value(bits, exponentBits: 5, fractionBits: 2, hasInfinity: true));

    [Fact]
    public void EveryE4M3IsWidenedExactly() => Compare8(DType.F8E4M3, bits => Value(bits, exponentBits: 4, fractionBits: 3, hasInfinity: false));

    [Fact]
    public void TheReferenceAgreesWithTheHalfOfTheRuntime()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
            Same((float)BitConverter.UInt16BitsToHalf((ushort)bits), (float)Value(bits, 5, 10, true), bits);
    }

    [Theory]
    [InlineData(DType.F16, 2)]
    [InlineData(DType.BF16, 2)]
    [InlineData(DType.F8E5M2, 1)]
    [InlineData(DType.F8E4M3, 1)]
    [InlineData(DType.F32, 4)]
    [InlineData(DType.F64, 8)]
    public void AnyCountAndAlignmentGivesTheSameFloatsAndWritesNothingElse(DType type, int size)
    {
        var source = new byte[8 * 70 + 3];
        new Random(7).NextBytes(source);
        foreach (var shift in new[] { 0, 1, 3 })
        {
            for (var count = 0; count < 67; count++)
            {
                var one = new float[count];
                var all = Enumerable.Repeat(-7f, count + 16).ToArray();
                fixed (byte* from = source)
                fixed (float* each = one, to = all)
                {
                    Widening.ToFloat(type, from + shift, to, count);
                    for (var i = 0; i < count; i++)
                        Widening.ToFloat(type, from + shift + (size * i), each + i, 1);
                }
                Assert.Equal(Bits(one), Bits(all.AsSpan(0, count)));
                Assert.All(all[count..], v => Assert.Equal(-7f, v));
            }
        }
    }

    [Fact]
    public void DoublesAreRoundedToTheNearestFloat()
    {
        double[] values = [1.0 / 3, 1e300, -1e-320, double.NaN, double.NegativeInfinity, 16777217.0];
        var floats = new float[values.Length];
        fixed (double* from = values)
        fixed (float* to = floats)
            Widening.ToFloat(DType.F64, (byte*)from, to, values.Length);
        Assert.Equal(values.Select(v => (float)v), floats);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void TheFirstNonFiniteIsFoundAtEveryPlace(float bad)
    {
        for (var length = 1; length < 40; length++)
        {
            for (var at = 0; at <= length; at++)
            {
                var values = Enumerable.Range(0, length).Select(i => i % 2 == 0 ? float.MaxValue : -float.Epsilon).ToArray();
                if (at < length)
                    values[at] = values[length - 1] = bad;
                fixed (float* start = values)
                    Assert.Equal(at < length ? at : -1, Widening.FirstNonFinite(start, length));
            }
        }
    }

    private static double Value(int bits, int exponentBits, int fractionBits, bool hasInfinity)
    {
        var sign = bits >> (exponentBits + fractionBits) == 0 ? 1.0 : -1.0;
        var exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
        var fraction = bits & ((1 << fractionBits) - 1);
        var allOnes = exponent == (1 << exponentBits) - 1;
        if (allOnes && hasInfinity)
            return fraction == 0 ? sign * double.PositiveInfinity : double.NaN;
        if (allOnes && fraction == (1 << fractionBits) - 1)
            return double.NaN;
        var bias = (1 << (exponentBits - 1)) - 1;
        var ulp = Math.ScaleB(1, Math.Max(exponent, 1) - bias - fractionBits);
        return sign * ulp * (fraction + (exponent == 0 ? 0 : 1 << fractionBits));
    }

    private static void Compare16(DType type, Func<int, double> reference)
    {
        var patterns = Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).ToArray();
        Compare(type, MemoryMarshal.AsBytes(patterns.AsSpan()), 1 << 16, reference);
    }

    private static void Compare8(DType type, Func<int, double> reference) =>
        Compare(type, Enumerable.Range(0, 256).Select(i => (byte)i).ToArray(), 256, reference);

    private static void Compare(DType type, ReadOnlySpan<byte> patterns, int count, Func<int, double> reference)
    {
        var wide = new float[count];
        fixed (byte* from = patterns)
        fixed (float* to = wide)
            Widening.ToFloat(type, from, to, count);
        for (var bits = 0; bits < count; bits++)
            Same((float)reference(bits), wide[bits], bits);
    }

    private static void Same(float expected, float actual, int pattern)
    {
        if (!float.IsNaN(expected) || !float.IsNaN(actual))
            Assert.True(BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(actual), $"0x{pattern:X}: {actual:R} instead of {expected:R}");
    }

    private static uint[] Bits(ReadOnlySpan<float> values) => [.. MemoryMarshal.Cast<float, uint>(values)];
}
