namespace AttentionServer.Models.Checkpoints;

/// <summary>Element types of stored tensors.</summary>
public enum DType
{
    /// <summary>64-bit float.</summary>
    F64,

    /// <summary>32-bit float.</summary>
    F32,

    /// <summary>16-bit IEEE float.</summary>
    F16,

    /// <summary>The upper half of a 32-bit float.</summary>
    BF16,

    /// <summary>64-bit integer.</summary>
    I64,

    /// <summary>32-bit integer.</summary>
    I32,

    /// <summary>16-bit integer.</summary>
    I16,

    /// <summary>8-bit integer.</summary>
    I8,

    /// <summary>8-bit unsigned integer.</summary>
    U8,

    /// <summary>Boolean, one byte.</summary>
    Bool,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    private static readonly Dictionary<string, DType> ByName = new()
    {
        ["F64"] = DType.F64,
        ["F32"] = DType.F32,
        ["F16"] = DType.F16,
        ["BF16"] = DType.BF16,
        ["I64"] = DType.I64,
        ["I32"] = DType.I32,
        ["I16"] = DType.I16,
        ["I8"] = DType.I8,
        ["U8"] = DType.U8,
        ["BOOL"] = DType.Bool,
    };

    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType type) => type switch
    {
        DType.F64 or DType.I64 => 8,
        DType.F32 or DType.I32 => 4,
        DType.F16 or DType.BF16 or DType.I16 => 2,
        _ => 1,
    };

    /// <summary>The name safetensors spells it by.</summary>
    public static string Name(this DType type) => ByName.First(n => n.Value == type).Key;

    /// <summary>The type of that name; null when it is not known.</summary>
    public static DType? Parse(string name) => ByName.TryGetValue(name, out var type) ? type : null;
}
