using System.Text;
using System.Text.Json;

namespace AttentionServer.Models.Checkpoints;

/// <summary>What the header says about one tensor: offsets are bytes from the end of the header.</summary>
internal sealed record SafetensorsHeaderEntry(DType Type, long[] Shape, long Start, long End);

/// <summary>
/// The JSON header of a safetensors file. A file may come from anywhere, so nothing in it is believed: every tensor must
/// lie inside the data, be exactly as long as its shape says, and overlap no other.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's own bound.</summary>
    public const int MaximumBytes = 100_000_000;

    private readonly string _path;

    private SafetensorsHeader(string path) => _path = path;

    public Dictionary<string, SafetensorsHeaderEntry> Tensors { get; } = [];

    public Dictionary<string, string> Metadata { get; } = [];

    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataBytes)
    {
        var header = new SafetensorsHeader(path);
        try
        {
            // Decoding strictly first: a lone byte that is no UTF-8 would otherwise surface as a changed name.
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(json);
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw header.Broken("the header is not an object");
            foreach (var entry in document.RootElement.EnumerateObject())
                if (entry.Name == "__metadata__")
                    header.ReadMetadata(entry.Value);
                else if (!header.Tensors.TryAdd(entry.Name, header.ReadEntry(entry.Name, entry.Value, dataBytes)))
                    throw header.Broken($"the header names '{entry.Name}' twice");
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException or InvalidOperationException)
        {
            throw header.Broken("the header is not valid JSON");
        }

        header.CheckOverlaps();
        return header;
    }

    private void ReadMetadata(JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
            throw Broken("__metadata__ is not an object");
        foreach (var item in metadata.EnumerateObject())
            Metadata[item.Name] = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString()! : throw Broken($"__metadata__ '{item.Name}' is not a string");
    }

    private SafetensorsHeaderEntry ReadEntry(string name, JsonElement entry, long dataBytes)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("dtype", out var dtype) || !entry.TryGetProperty("shape", out var shape) || !entry.TryGetProperty("data_offsets", out var offsets))
            throw Broken($"tensor '{name}' needs dtype, shape and data_offsets");
        var typeName = dtype.ValueKind == JsonValueKind.String ? dtype.GetString()! : "";
        if (DTypes.Parse(typeName) is not { } type)
            throw Broken($"tensor '{name}' has the unknown element type '{typeName}'");
        var dims = Numbers(name, shape);
        var range = Numbers(name, offsets);
        if (range.Length != 2 || range[0] > range[1] || range[1] > dataBytes)
            throw Broken($"tensor '{name}' does not lie inside the file");
        var bytes = (UInt128)type.Size();
        foreach (var dim in dims)
        {
            bytes *= (UInt128)dim;
            if (bytes > long.MaxValue)
                throw Broken($"tensor '{name}' has an impossible shape");
        }

        if (bytes != (UInt128)(range[1] - range[0]))
            throw Broken($"tensor '{name}' takes {bytes} bytes by its shape and {range[1] - range[0]} by its place");
        return new(type, dims, range[0], range[1]);
    }

    private long[] Numbers(string name, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > 16)
            throw Broken($"tensor '{name}' has a shape or place that is no short list");
        return [.. list.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Number && e.TryGetInt64(out var n) && n >= 0
            ? n
            : throw Broken($"tensor '{name}' has a shape or place that is no list of whole numbers"))];
    }

    private void CheckOverlaps()
    {
        var end = 0L;
        var last = "";
        foreach (var (name, entry) in Tensors.Where(t => t.Value.Start < t.Value.End).OrderBy(t => t.Value.Start))
        {
            if (entry.Start < end)
                throw Broken($"tensors '{last}' and '{name}' overlap");
            (end, last) = (entry.End, name);
        }
    }

    private CheckpointException Broken(string why) => new($"safetensors: {_path}: {why}: download or save the file again");
}
