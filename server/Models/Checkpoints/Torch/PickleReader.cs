using System.Buffers.Binary;
using System.Text;

namespace AttentionServer.Models.Checkpoints.Torch;

/// <summary>
/// Reads a pickle as data. A pickle is a program for a stack machine that may import and call anything; this reader has
/// no import and no call. It knows the few instructions that a dictionary of tensors needs and refuses all others, and
/// every name that is not on the list of <see cref="TorchObjects"/>.
/// </summary>
internal sealed class PickleReader
{
    private const int MostValues = 4_000_000;
    private static readonly object MarkValue = new();

    private const int LongestName = 256;

    private readonly MappedFile _file;
    private readonly long _end;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private long _position;

    private PickleReader(MappedFile file, long start, long end) => (_file, _position, _end) = (file, start, end);

    /// <summary>The value of the pickle that starts there, and where it ends.</summary>
    public static (object? Value, long End) Read(MappedFile file, long start, long end)
    {
        var reader = new PickleReader(file, start, end);
        return (reader.Run(), reader._position);
    }

    private object? Run()
    {
        while (true)
        {
            var op = (PickleOp)Bytes(1)[0];
            if (op == PickleOp.Stop)
                return _stack.Count == 1 ? Pop() : throw Broken($"it ends with {_stack.Count} values instead of one");
            Step(op);
            if (_stack.Count > MostValues || _memo.Count > MostValues)
                throw Broken($"it has more than {MostValues} values");
        }
    }

    private void Step(PickleOp op)
    {
        switch (op)
        {
            case PickleOp.Protocol:
                if (Bytes(1)[0] is var protocol && protocol is < 2 or > 5)
                    throw Broken($"its protocol is {protocol}, not 2 to 5");
                break;
            case PickleOp.Frame:
                // Frames only help a reader to buffer.
                _ = Bytes(8);
                break;
            case PickleOp.Mark:
                _stack.Add(MarkValue);
                break;
            case PickleOp.Memoize:
                _memo[_memo.Count] = Peek();
                break;
            case PickleOp.BinPut:
                _memo[Bytes(1)[0]] = Peek();
                break;
            case PickleOp.LongBinPut:
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Peek();
                break;
            case PickleOp.BinGet:
                Push(Remembered(Bytes(1)[0]));
                break;
            case PickleOp.LongBinGet:
                Push(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                break;
            case PickleOp.Global:
                Push(Known(Line(), Line()));
                break;
            case PickleOp.StackGlobal:
                var name = Pop() as string;
                Push(Known(Pop() as string, name));
                break;
            case PickleOp.Reduce:
                var arguments = Pop() as object?[] ?? throw Broken("a call has no list of arguments");
                Push(TorchObjects.Make(Pop() as PickleGlobal ?? throw Broken("it calls something that is no name"), arguments, _file.Path));
                break;
            case PickleOp.BinPersistentId:
                Push(TorchObjects.Storage(Pop() as object?[] ?? throw Broken("the place of a storage is no list"), _file.Path));
                break;
            case PickleOp.Build:
                // State dictionaries carry the versions of their modules along; nothing else may have a state.
                if (Pop() is not PickleDict || Peek() is not PickleDict)
                    throw Broken("it sets the state of something that is no dictionary");
                break;
            default:
                StepCollection(op);
                break;
        }
    }

    private void StepCollection(PickleOp op)
    {
        switch (op)
        {
            case PickleOp.EmptyDict:
                Push(new PickleDict());
                break;
            case PickleOp.EmptyList:
                Push(new List<object?>());
                break;
            case PickleOp.EmptyTuple:
                Push(Array.Empty<object?>());
                break;
            case PickleOp.Tuple:
                Push(ToMark());
                break;
            case PickleOp.Tuple1 or PickleOp.Tuple2 or PickleOp.Tuple3:
                var items = new object?[op - PickleOp.Tuple1 + 1];
                for (var i = items.Length - 1; i >= 0; i--)
                    items[i] = Pop();
                Push(items);
                break;
            case PickleOp.Append:
                var last = Pop();
                List().Add(last);
                break;
            case PickleOp.Appends:
                var more = ToMark();
                List().AddRange(more);
                break;
            case PickleOp.SetItem:
                var value = Pop();
                Set([Pop(), value]);
                break;
            case PickleOp.SetItems:
                Set(ToMark());
                break;
            default:
                Push(Scalar(op));
                break;
        }
    }

    private object? Scalar(PickleOp op) => op switch
    {
        PickleOp.None => null,
        PickleOp.True => true,
        PickleOp.False => false,
        PickleOp.BinInt => (long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)),
        PickleOp.BinInt1 => (long)Bytes(1)[0],
        PickleOp.BinInt2 => (long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)),
        PickleOp.BinFloat => BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)),
        PickleOp.Long1 => LongInteger(Bytes(Bytes(1)[0])),
        PickleOp.BinUnicode => Text(Bytes(Length())),
        PickleOp.ShortBinUnicode => Text(Bytes(Bytes(1)[0])),
        // Python 2 wrote names as byte strings.
        PickleOp.BinString => Encoding.Latin1.GetString(Bytes(Length())),
        PickleOp.ShortBinString => Encoding.Latin1.GetString(Bytes(Bytes(1)[0])),
        _ => throw Broken($"it has the instruction {Spelled(op)}, which no file of tensors needs"),
    };

    private PickleGlobal Known(string? module, string? name)
    {
        var full = $"{module}.{name}";
        return TorchObjects.IsKnown(full)
            ? new(full)
            : throw Broken($"it names {SafetensorsHeader.Shown(full)}, which no file of tensors needs and which could run a program");
    }

    private static string Spelled(PickleOp op) =>
        op is > (PickleOp)' ' and < (PickleOp)0x7F ? $"0x{(byte)op:X2} '{(char)op}'" : $"0x{(byte)op:X2}";

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _end - _position)
            throw Broken("it ends in the middle");
        _position += count;
        return _file.Bytes(_position - count, count);
    }

    // Longer than any file could hold it is "in the middle" all the same.
    private int Length() => (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)), int.MaxValue);

    private string Line()
    {
        var length = _file.Bytes(_position, (int)Math.Min(LongestName, _end - _position)).IndexOf((byte)'\n');
        if (length < 0)
            throw Broken("it has a name without an end");
        var line = Bytes(length);
        _ = Bytes(1);
        return Text(line);
    }

    private string Text(ReadOnlySpan<byte> utf8) =>
        System.Text.Unicode.Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw Broken("it has a text that is not UTF-8");

    /// <summary>Little-endian two's complement; the magic number of old files is the only one longer than 8 bytes.</summary>
    private static object LongInteger(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
            return new System.Numerics.BigInteger(bytes);
        long value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (var i = bytes.Length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }

    private object? Remembered(long key) => _memo.TryGetValue(key, out var value) ? value : throw Broken($"it recalls the value {key}, which it never kept");

    private void Push(object? value) => _stack.Add(value);

    private object? Peek() => _stack.Count > 0 && !ReferenceEquals(_stack[^1], MarkValue) ? _stack[^1] : throw Broken("it takes a value that is not there");

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] ToMark()
    {
        var mark = _stack.FindLastIndex(v => ReferenceEquals(v, MarkValue));
        if (mark < 0)
            throw Broken("a group of values has no beginning");
        var items = _stack[(mark + 1)..].ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private List<object?> List() => Peek() as List<object?> ?? throw Broken("it adds to something that is no list");

    private void Set(object?[] items)
    {
        if (Peek() is not PickleDict dict || items.Length % 2 != 0)
            throw Broken("it sets keys of something that is no dictionary");
        for (var i = 0; i < items.Length; i += 2)
        {
            if (!dict.TrySet(items[i], items[i + 1]))
                throw Broken("a dictionary has a key that is neither a text nor a whole number");
        }
    }

    private CheckpointException Broken(string why) => TorchObjects.Broken(_file.Path, $"the pickle cannot be trusted: {why}");
}
