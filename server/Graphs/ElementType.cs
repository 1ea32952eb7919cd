namespace AttentionServer.Graphs;

/// <summary>Element types of graph values; the numbers are ONNX's TensorProto.DataType.</summary>
public enum ElementType
{
    /// <summary>32-bit float.</summary>
    Float = 1,

    /// <summary>8-bit unsigned integer.</summary>
    UInt8 = 2,

    /// <summary>64-bit integer.</summary>
    Int64 = 7,

    /// <summary>Boolean.</summary>
    Bool = 9,

    /// <summary>64-bit float.</summary>
    Double = 11,
}
