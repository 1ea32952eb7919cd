using System.Numerics;
using System.Runtime.InteropServices;

namespace AttentionServer.Models.Checkpoints;

/// <summary>Finds infinities and NaNs in weights as they are stored: numbers whose exponent has every bit set.</summary>
internal static class Finiteness
{
    /// <summary>The place of the first, counted in numbers; null when all are finite, as whole numbers always are.</summary>
    public static long? FirstNonFinite(ReadOnlySpan<byte> bytes, DType type) => type switch
    {
        DType.F64 => First(MemoryMarshal.Cast<byte, ulong>(bytes), 0x7FF0_0000_0000_0000UL),
        DType.F32 => First(MemoryMarshal.Cast<byte, uint>(bytes), 0x7F80_0000U),
        DType.F16 => First(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7C00),
        DType.BF16 => First(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7F80),
        DType.F8E5M2 => First(bytes, (byte)0x7C),
        // No infinities, and the only NaN is all ones below the sign.
        DType.F8E4M3 => First(bytes, (byte)0x7F),
        _ => null,
    };

    private static long? First<T>(ReadOnlySpan<T> numbers, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        var at = 0;
        var mask = new Vector<T>(exponent);
        for (; at <= numbers.Length - Vector<T>.Count; at += Vector<T>.Count)
            if (Vector.EqualsAny(new Vector<T>(numbers[at..]) & mask, mask))
                break;
        for (; at < numbers.Length; at++)
            if ((numbers[at] & exponent) == exponent)
                return at;
        return null;
    }
}
