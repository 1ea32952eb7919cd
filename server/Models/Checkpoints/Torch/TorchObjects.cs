namespace AttentionServer.Models.Checkpoints.Torch;

/// <summary>
/// The names that a file of tensors may mention, and what is made of them here: plain records, by this code alone.
/// (torch/_utils.py and torch/storage.py define them.)
/// </summary>
internal static class TorchObjects
{
    private const string OrderedDict = "collections.OrderedDict";
    private const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    private const string RebuildOldTensor = "torch._utils._rebuild_tensor";
    private const string RebuildParameter = "torch._utils._rebuild_parameter";
    private const int MostDimensions = 32;

    private static readonly Dictionary<string, DType> Storages = new(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = DType.F64,
        ["torch.FloatStorage"] = DType.F32,
        ["torch.HalfStorage"] = DType.F16,
        ["torch.BFloat16Storage"] = DType.BF16,
        ["torch.LongStorage"] = DType.I64,
        ["torch.IntStorage"] = DType.I32,
        ["torch.ShortStorage"] = DType.I16,
        ["torch.CharStorage"] = DType.I8,
        ["torch.ByteStorage"] = DType.U8,
        ["torch.BoolStorage"] = DType.Bool,
    };

    /// <summary>True for the names on the list.</summary>
    public static bool IsKnown(string name) => name is OrderedDict or RebuildTensor or RebuildOldTensor or RebuildParameter || Storages.ContainsKey(name);

    /// <summary>What a call of a listed name stands for.</summary>
    public static object Make(PickleGlobal function, object?[] arguments, string where) => (function.Name, arguments) switch
    {
        (OrderedDict, []) => new PickleDict(),
        (OrderedDict, [List<object?> pairs]) => Dictionary(pairs, where),
        (RebuildTensor or RebuildOldTensor, [TorchStorage storage, long offset, object?[] shape, object?[] strides, ..]) =>
            Tensor(storage, offset, shape, strides, where),
        (RebuildParameter, [TorchTensor tensor, ..]) => tensor,
        _ => throw Broken(where, $"the pickle cannot be trusted: it calls {function.Name} with other arguments than a file of tensors does"),
    };

    /// <summary>The storage that ('storage', type, key, device, count) points to.</summary>
    public static TorchStorage Storage(object?[] place, string where)
    {
        // Old files have one more item for a part of a storage; PyTorch has long stopped making such parts.
        var known = place is ["storage", PickleGlobal, string, string, long and >= 0, ..] && place.Skip(5).All(v => v is null);
        return known && Storages.TryGetValue(((PickleGlobal)place[1]!).Name, out var type)
            ? new(type, (string)place[2]!, (long)place[4]!)
            : throw Broken(where, "the pickle cannot be trusted: it points to something that is no storage of numbers");
    }

    /// <summary>The sentence for all faults of these files.</summary>
    public static CheckpointException Broken(string where, string why) =>
        new($"pytorch: {where}: {why}: convert the model to safetensors where you trust it, or choose another");

    /// <summary>Python 2 wrote the items of a dictionary as arguments.</summary>
    private static PickleDict Dictionary(List<object?> pairs, string where)
    {
        var dictionary = new PickleDict();
        foreach (var pair in pairs)
        {
            if (pair is not List<object?> { Count: 2 } item || !dictionary.TrySet(item[0], item[1]))
                throw Broken(where, "the pickle cannot be trusted: a dictionary is made of something that is no list of pairs");
        }

        return dictionary;
    }

    private static TorchTensor Tensor(TorchStorage storage, long offset, object?[] shape, object?[] strides, string where)
    {
        if (shape.Length != strides.Length || shape.Length > MostDimensions || !shape.Concat(strides).All(v => v is long and >= 0) || offset < 0)
            throw Broken(where, "a tensor has a shape that cannot be");
        long[] sizes = [.. shape.Cast<long>()], steps = [.. strides.Cast<long>()];
        // The last number must lie inside the storage, and a view must not be larger than what it looks at.
        Int128 last = offset, count = 1;
        for (var i = 0; i < sizes.Length; i++)
        {
            last += (Int128)Math.Max(sizes[i] - 1, 0) * steps[i];
            count *= sizes[i];
            if (last >= long.MaxValue || count > storage.Count)
                throw Broken(where, $"a tensor of shape {ShapeText.Of(sizes)} does not fit its {storage.Count} numbers");
        }

        if (count == 0)
            return new(storage, 0, sizes, steps);
        return last < storage.Count
            ? new(storage, offset, sizes, steps)
            : throw Broken(where, $"a tensor of shape {ShapeText.Of(sizes)} ends behind its {storage.Count} numbers");
    }
}
