namespace AttentionServer.Models.Checkpoints.Torch;

/// <summary>A name of the whitelist, as a value: it stands for itself and is never called.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>A dictionary in its order; later values for a key replace earlier ones, as in Python.</summary>
internal sealed class PickleDict
{
    private readonly Dictionary<object, int> _places = [];
    private readonly List<KeyValuePair<object, object?>> _items = [];

    /// <summary>Keys and values.</summary>
    public IReadOnlyList<KeyValuePair<object, object?>> Items => _items;

    /// <summary>Sets a value; only strings and whole numbers can be keys.</summary>
    public bool TrySet(object? key, object? value)
    {
        if (key is not (string or long))
            return false;
        if (_places.TryGetValue(key, out var place))
        {
            _items[place] = new(key, value);
        }
        else
        {
            _places.Add(key, _items.Count);
            _items.Add(new(key, value));
        }

        return true;
    }
}

/// <summary>Numbers of one type that lie together in the file, under a key.</summary>
internal sealed record TorchStorage(DType Type, string Key, long Count);

/// <summary>A view of a storage: where it starts, and how far it is from one index to the next along each dimension.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);
