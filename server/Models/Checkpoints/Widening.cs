using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttentionServer.Models.Checkpoints;

/// <summary>
/// Widens stored float types to 32 bits, exactly. Narrow formats have fewer exponent bits, so their bits are put at the
/// place of a 32-bit float's and multiplied by the power of two between the exponent biases: that is exact for normal
/// and subnormal values alike; only infinities and NaN need their exponent set.
/// </summary>
internal static unsafe class Widening
{
    private const uint Exponent = 0x7F800000;

    // 2^(127-15) and 2^(127-7): the distance between the exponent biases.
    private const float HalfScale = 5.192296858534828e33f;
    private const float E4M3Scale = 1.329227995784916e36f;

    /// <summary>Writes <paramref name="count"/> floats; source and target do not overlap and need no alignment.</summary>
    public static void ToFloat(DType type, byte* source, float* target, long count)
    {
        switch (type)
        {
            case DType.F32:
                Buffer.MemoryCopy(source, target, count * 4, count * 4);
                break;
            case DType.F16:
                FromHalf((ushort*)source, target, count);
                break;
            case DType.BF16:
                FromBFloat((ushort*)source, target, count);
                break;
            case DType.F8E5M2:
                FromE5M2(source, target, count);
                break;
            case DType.F8E4M3:
                FromE4M3(source, target, count);
                break;
            case DType.F64:
                for (long i = 0; i < count; i++)
                    target[i] = (float)Unsafe.ReadUnaligned<double>(source + 8 * i);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Not a float type.");
        }
    }

    /// <summary>The index of the first infinity or NaN, or -1.</summary>
    public static long FirstNonFinite(float* values, long count)
    {
        var exponent = Vector256.Create(Exponent);
        long i = 0;
        for (; i <= count - 8; i += 8)
        {
            var bits = Vector256.Load((uint*)values + i);
            if (Vector256.EqualsAny(bits & exponent, exponent))
                break;
        }
        for (; i < count; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }
        return -1;
    }

    private static void FromHalf(ushort* source, float* target, long count)
    {
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(source + i));
            HalfBits(low).Store(target + i);
            HalfBits(high).Store(target + i + 8);
        }
        for (; i < count; i++)
            target[i] = HalfBits(Vector256.CreateScalar((uint)Unsafe.ReadUnaligned<ushort>(source + i))).ToScalar();
    }

    private static void FromE5M2(byte* source, float* target, long count)
    {
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (low, high) = Vector256.Widen(WidenBytes(source + i) << 8);
            HalfBits(low).Store(target + i);
            HalfBits(high).Store(target + i + 8);
        }
        for (; i < count; i++)
            target[i] = HalfBits(Vector256.CreateScalar((uint)source[i] << 8)).ToScalar();
    }

    private static void FromE4M3(byte* source, float* target, long count)
    {
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (low, high) = Vector256.Widen(WidenBytes(source + i));
            E4M3Bits(low).Store(target + i);
            E4M3Bits(high).Store(target + i + 8);
        }
        for (; i < count; i++)
            target[i] = E4M3Bits(Vector256.CreateScalar((uint)source[i])).ToScalar();
    }

    private static void FromBFloat(ushort* source, float* target, long count)
    {
        long i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(source + i));
            (low << 16).AsSingle().Store(target + i);
            (high << 16).AsSingle().Store(target + i + 8);
        }
        for (; i < count; i++)
            target[i] = BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(source + i) << 16);
    }

    private static Vector256<ushort> WidenBytes(byte* source)
    {
        var (low, high) = Vector128.Widen(Vector128.Load(source));
        return Vector256.Create(low, high);
    }

    /// <summary>1 sign, 5 exponent, 10 fraction bits; all ones in the exponent are infinity or NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> HalfBits(Vector256<uint> half)
    {
        var sign = (half & Vector256.Create(0x8000u)) << 16;
        var placed = (half & Vector256.Create(0x7FFFu)) << 13;
        var special = Vector256.GreaterThanOrEqual(placed.AsInt32(), Vector256.Create(0x7C00 << 13)).AsUInt32();
        var scaled = (placed.AsSingle() * HalfScale).AsUInt32();
        var bits = Vector256.ConditionalSelect(special, placed | Vector256.Create(Exponent), scaled);
        return (bits | sign).AsSingle();
    }

    /// <summary>1 sign, 4 exponent, 3 fraction bits; only all ones is NaN, and there is no infinity (arXiv:2209.05433).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> E4M3Bits(Vector256<uint> small)
    {
        var sign = (small & Vector256.Create(0x80u)) << 24;
        var placed = (small & Vector256.Create(0x7Fu)) << 20;
        var nan = Vector256.Equals(placed, Vector256.Create(0x7Fu << 20));
        var scaled = (placed.AsSingle() * E4M3Scale).AsUInt32();
        var bits = Vector256.ConditionalSelect(nan, Vector256.Create(0x7FC00000u), scaled);
        return (bits | sign).AsSingle();
    }
}
