using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace AttentionServer.Models.Checkpoints;

/// <summary>What the header says about one tensor: offsets are counted from the start of the file.</summary>
internal sealed record SafetensorsHeaderEntry(string Name, DType Type, long[] Shape, long Offset, long Length);

/// <summary>
/// Reads a safetensors header (github.com/huggingface/safetensors: u64 length, JSON, then the tensors without holes).
/// The bytes are hostile input: whatever passes here lies inside the file, once each, and has the size its shape says.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The reference implementation refuses longer headers, too.</summary>
    public const long MaximumBytes = 100_000_000;

    /// <summary>The entry that is no tensor.</summary>
    public const string MetadataKey = "__metadata__";

    private const int MaxDimensions = 32;
    private readonly string _where;
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly List<SafetensorsHeaderEntry> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    private SafetensorsHeader(string where) => _where = where;

    /// <summary>The tensors, in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsHeaderEntry> Tensors => _tensors;

    /// <summary>The free string pairs under __metadata__.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Checks the length word against the file and returns how long the JSON is.</summary>
    public static int CheckedLength(ulong declared, long fileLength, string where)
    {
        if (declared < 2 || declared > (ulong)(fileLength - 8))
            throw Broken(where, $"its header claims {declared} bytes but {fileLength - 8} follow");
        if (declared > MaximumBytes)
            throw Broken(where, $"its header claims {declared} bytes, more than the {MaximumBytes} a header may have");
        return (int)declared;
    }

    /// <summary>Parses the JSON and checks every entry against the file's length.</summary>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long fileLength, string where)
    {
        var header = new SafetensorsHeader(where);
        if (!Utf8.IsValid(json))
            throw Broken(where, "its header is not UTF-8");
        if (json[0] != (byte)'{')
            throw Broken(where, "its header does not start with '{'");
        var dataStart = 8L + json.Length;
        try
        {
            header.ReadRoot(json, dataStart);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a string with a lone surrogate escape, or another kind of value than asked for.
            throw Broken(where, $"its header is not what the format says ({FirstSentence(e.Message)})", e);
        }
        header.CheckLayout(dataStart, fileLength);
        return header;
    }

    private void ReadRoot(ReadOnlySpan<byte> json, long dataStart)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (!_names.Add(name))
                throw Broken(_where, $"its header names '{Shown(name)}' twice");
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Broken(_where, $"the header entry '{Shown(name)}' is not an object");
            if (name == MetadataKey)
                ReadMetadata(ref reader);
            else
                _tensors.Add(ReadTensor(ref reader, name, dataStart));
        }
        while (reader.Read())
        {
            // Reading on to the end makes the reader refuse anything but white space behind the object.
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Broken(_where, $"the metadata '{Shown(key)}' is not a string");
            if (!_metadata.TryAdd(key, reader.GetString()!))
                throw Broken(_where, $"its metadata names '{Shown(key)}' twice");
        }
    }

    private SafetensorsHeaderEntry ReadTensor(ref Utf8JsonReader reader, string name, long dataStart)
    {
        DType? type = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            var again = key switch { "dtype" => type is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            if (again)
                throw Broken(_where, $"tensor '{Shown(name)}' has '{key}' twice");
            switch (key)
            {
                case "dtype":
                    var spelled = reader.GetString() ?? "null";
                    type = DTypes.Parse(spelled) ?? throw Broken(_where, $"tensor '{Shown(name)}' has the unknown dtype '{Shown(spelled)}'");
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, name, key);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, name, key);
                    break;
                default:
                    throw Broken(_where, $"tensor '{Shown(name)}' has the unknown key '{Shown(key)}'");
            }
        }
        if (type is null || shape is null || offsets is not { Length: 2 })
            throw Broken(_where, $"tensor '{Shown(name)}' lacks one of dtype, shape and the two data_offsets");
        if (offsets[1] < offsets[0])
            throw Broken(_where, $"tensor '{Shown(name)}' ends at {offsets[1]} before it starts at {offsets[0]}");
        var bytes = offsets[1] - offsets[0];
        if (type.Value.ByteLength(shape) is not { } wanted)
            throw Broken(_where, $"tensor '{Shown(name)}' of shape {ShapeText.Of(shape)} has more bytes than can be counted");
        if (wanted != bytes)
            throw Broken(_where, $"tensor '{Shown(name)}', {type.Value.Name()} {ShapeText.Of(shape)}, needs {wanted} bytes but has {bytes}");
        if (offsets[0] > long.MaxValue - dataStart - bytes)
            throw Broken(_where, $"tensor '{Shown(name)}' starts at {offsets[0]}, outside the file");
        return new SafetensorsHeaderEntry(name, type.Value, shape, dataStart + offsets[0], bytes);
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string name, string key)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Broken(_where, $"'{key}' of tensor '{Shown(name)}' is not an array");
        var numbers = new List<long>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Broken(_where, $"'{key}' of tensor '{Shown(name)}' holds something else than a whole number from 0 to 2^63-1");
            if (numbers.Count == MaxDimensions)
                throw Broken(_where, $"'{key}' of tensor '{Shown(name)}' has more than {MaxDimensions} numbers");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private void CheckLayout(long dataStart, long fileLength)
    {
        // Where two tensors share a start, the empty one comes first; two that are not empty overlap and are refused below.
        _tensors.Sort((a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : a.Length.CompareTo(b.Length));
        var position = dataStart;
        foreach (var tensor in _tensors)
        {
            if (tensor.Offset < position)
                throw Broken(_where, $"tensor '{Shown(tensor.Name)}' overlaps the one before it");
            if (tensor.Offset > position)
                throw Broken(_where, $"{tensor.Offset - position} bytes before tensor '{Shown(tensor.Name)}' belong to no tensor");
            position += tensor.Length;
            if (position > fileLength)
                throw Broken(_where, $"tensor '{Shown(tensor.Name)}' ends {position - fileLength} bytes behind the end of the file");
        }
        if (position != fileLength)
            throw Broken(_where, $"{fileLength - position} bytes at its end belong to no tensor");
    }

    internal static CheckpointException Broken(string where, string what, Exception? cause = null) =>
        new($"safetensors: {where}: {what}: download or save the file again", cause);

    private static string FirstSentence(string text)
    {
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text.TrimEnd('.') : text[..end];
    }

    /// <summary>A name from the file, short and printable enough for a message.</summary>
    internal static string Shown(string name)
    {
        var shown = new StringBuilder();
        foreach (var c in name.Length > 80 ? name[..80] + "…" : name)
            shown.Append(char.IsControl(c) ? '�' : c);
        return shown.ToString();
    }
}
