using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AttentionServer.Studies.Runs;

/// <summary>
/// The bytes of a cell: one line with the format, the cell's name, the SHA-256 of the rest and its length, then one JSON object
/// <c>{"key": {…}, "numbers": {…}, "texts": {…}}</c>. The same cell is the same bytes, whoever computed it and when: nothing of either is in them.
/// </summary>
public static class CellFile
{
    private const string Format = "attention-cell 1";
    private const int NameStart = 17;
    private static readonly int HeadLength = Head("", "", 0).Length + 128;

    /// <summary>The file's bytes.</summary>
    public static byte[] Encode(CellKey key, CellData data)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("key");
            foreach (var (name, value) in key.Properties)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteStartObject("numbers");
            foreach (var (name, column) in data.Numbers)
                Write(json, name, column, static (json, number) => Number(json, number));
            json.WriteEndObject();
            json.WriteStartObject("texts");
            foreach (var (name, column) in data.Texts)
                Write(json, name, column, static (json, text) => json.WriteStringValue(text));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        var body = buffer.WrittenSpan;
        return [.. Head(key.Name, Convert.ToHexStringLower(SHA256.HashData(body)), body.Length), .. body];
    }

    /// <summary>True when the bytes are those once written for the cell of that name, to the last one. Costs a hash, no parsing.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> file, string name) => Body(file, name, out _);

    /// <summary>The cell in the bytes; null when they are torn, cut off, or of another cell than their key says.</summary>
    public static FinishedCell? Decode(byte[] file)
    {
        if (file.Length < HeadLength || !Body(file, Encoding.ASCII.GetString(file, NameStart, 64), out var start))
            return null;
        using var json = JsonDocument.Parse(file.AsMemory(start));
        var root = json.RootElement;
        var cell = new FinishedCell(
            CellKey.Of(root.GetProperty("key").EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!))),
            new(
                root.GetProperty("numbers").EnumerateObject().Select(p => KeyValuePair.Create(p.Name, Array(p.Value, Number))),
                root.GetProperty("texts").EnumerateObject().Select(p => KeyValuePair.Create(p.Name, Array(p.Value, e => e.GetString()!)))));
        return Encoding.ASCII.GetString(file, NameStart, 64) == cell.Key.Name ? cell : null;
    }

    private static bool Body(ReadOnlySpan<byte> file, string name, out int start)
    {
        start = HeadLength;
        if (file.Length < HeadLength)
            return false;
        var body = file[HeadLength..];
        return file[..HeadLength].SequenceEqual(Head(name, Convert.ToHexStringLower(SHA256.HashData(body)), body.Length));
    }

    private static byte[] Head(string name, string hash, int length) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Format} {name} {hash} {length:D12}\n"));

    private static void Write<T>(Utf8JsonWriter json, string name, T[] column, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var entry in column)
            write(json, entry);
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, double number)
    {
        if (double.IsFinite(number))
            json.WriteNumberValue(number);
        else
            json.WriteStringValue(number.ToString("R", CultureInfo.InvariantCulture));
    }

    private static double Number(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Number ? entry.GetDouble() : double.Parse(entry.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static T[] Array<T>(JsonElement column, Func<JsonElement, T> read)
    {
        var entries = new T[column.GetArrayLength()];
        var i = 0;
        foreach (var entry in column.EnumerateArray())
            entries[i++] = read(entry);
        return entries;
    }
}
