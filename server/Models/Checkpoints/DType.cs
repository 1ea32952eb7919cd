namespace AttentionServer.Models.Checkpoints;

/// <summary>The element types a tensor file may hold.</summary>
public enum DType
{
    /// <summary>64-bit float.</summary>
    F64,
    /// <summary>32-bit float.</summary>
    F32,
    /// <summary>IEEE half.</summary>
    F16,
    /// <summary>The upper half of a 32-bit float.</summary>
    BF16,
    /// <summary>8-bit float, 4 exponent bits, no infinities.</summary>
    F8E4M3,
    /// <summary>8-bit float, 5 exponent bits: the upper half of an IEEE half.</summary>
    F8E5M2,
    /// <summary>Signed 64-bit integer.</summary>
    I64,
    /// <summary>Signed 32-bit integer.</summary>
    I32,
    /// <summary>Signed 16-bit integer.</summary>
    I16,
    /// <summary>Signed byte.</summary>
    I8,
    /// <summary>Unsigned 64-bit integer.</summary>
    U64,
    /// <summary>Unsigned 32-bit integer.</summary>
    U32,
    /// <summary>Unsigned 16-bit integer.</summary>
    U16,
    /// <summary>Byte.</summary>
    U8,
    /// <summary>One byte, 0 or 1.</summary>
    Bool,
}

/// <summary>Sizes and spellings of <see cref="DType"/>.</summary>
public static class DTypes
{
    private static readonly Dictionary<string, DType> BySafetensorsName = new(StringComparer.Ordinal)
    {
        ["F64"] = DType.F64,
        ["F32"] = DType.F32,
        ["F16"] = DType.F16,
        ["BF16"] = DType.BF16,
        ["F8_E4M3"] = DType.F8E4M3,
        ["F8_E5M2"] = DType.F8E5M2,
        ["I64"] = DType.I64,
        ["I32"] = DType.I32,
        ["I16"] = DType.I16,
        ["I8"] = DType.I8,
        ["U64"] = DType.U64,
        ["U32"] = DType.U32,
        ["U16"] = DType.U16,
        ["U8"] = DType.U8,
        ["BOOL"] = DType.Bool,
    };

    private static readonly Dictionary<DType, string> SafetensorsNames = BySafetensorsName.ToDictionary(p => p.Value, p => p.Key);

    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType type) => type switch
    {
        DType.F64 or DType.I64 or DType.U64 => 8,
        DType.F32 or DType.I32 or DType.U32 => 4,
        DType.F16 or DType.BF16 or DType.I16 or DType.U16 => 2,
        _ => 1,
    };

    /// <summary>Whether a weight may be stored so: every float type, no integer.</summary>
    public static bool IsFloat(this DType type) => type <= DType.F8E5M2;

    /// <summary>The spelling in a safetensors header.</summary>
    public static string Name(this DType type) => SafetensorsNames[type];

    /// <summary>The type of that spelling; null when it is not known.</summary>
    public static DType? Parse(string name) => BySafetensorsName.TryGetValue(name, out var type) ? type : null;

    /// <summary>The bytes that a shape needs, or null when a dimension is negative or the product does not fit.</summary>
    public static long? ByteLength(this DType type, ReadOnlySpan<long> shape)
    {
        var count = (Int128)type.Size();
        var empty = false;
        foreach (var dimension in shape)
        {
            if (dimension < 0)
                return null;
            // A zero elsewhere must not hide an absurd dimension, so the product runs over the others.
            if (dimension == 0)
                empty = true;
            else
                count *= dimension;
            if (count > long.MaxValue)
                return null;
        }
        return empty ? 0 : (long)count;
    }
}
