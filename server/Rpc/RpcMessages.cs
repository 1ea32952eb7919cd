using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AttentionServer.Rpc;

/// <summary>The JSON of requests and answers.</summary>
internal static class RpcMessages
{
    public static T Read<T>(JsonElement? parameters, JsonTypeInfo<T> type)
    {
        try
        {
            // Methods without parameters are called with none, with null or with an empty list, depending on the client.
            if (parameters is not { } given || given.ValueKind == JsonValueKind.Null || (given.ValueKind == JsonValueKind.Array && given.GetArrayLength() == 0))
                return JsonSerializer.Deserialize("{}", type)!;
            if (given.ValueKind == JsonValueKind.Array)
                given = given.GetArrayLength() == 1 ? given[0] : throw new LocalRpcException(RpcErrorCode.InvalidParams, "the parameters are one object, not a list");
            return given.Deserialize(type) ?? throw new LocalRpcException(RpcErrorCode.InvalidParams, "the parameters are null");
        }
        catch (JsonException e)
        {
            throw new LocalRpcException(RpcErrorCode.InvalidParams, $"the parameters do not fit: {e.Message}");
        }
    }

    public static bool TryReadCall(JsonElement call, out RpcId? id, out string method, out JsonElement? parameters)
    {
        (id, method, parameters) = (null, "", null);
        if (call.ValueKind != JsonValueKind.Object)
            return false;
        if (call.TryGetProperty("id", out var given))
        {
            if (given.ValueKind == JsonValueKind.Number && given.TryGetInt64(out var number))
                id = new(number, null);
            else if (given.ValueKind == JsonValueKind.String)
                id = new(null, given.GetString());
            else
                return false;
        }

        if (!call.TryGetProperty("jsonrpc", out var version) || version.ValueKind != JsonValueKind.String || version.GetString() != "2.0")
            return false;
        if (!call.TryGetProperty("method", out var name) || name.ValueKind != JsonValueKind.String)
            return false;
        method = name.GetString()!;
        if (!call.TryGetProperty("params", out var value))
            return true;
        parameters = value;
        return value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null;
    }

    /// <summary>True for an answer of the other side, whatever it answers: an answer is never answered.</summary>
    public static bool IsAnswer(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object
        && !message.TryGetProperty("method", out _)
        && (message.TryGetProperty("result", out _) || message.TryGetProperty("error", out _));

    /// <summary>The id of one of our own requests, which are numbers.</summary>
    public static long? AnsweredId(JsonElement answer) =>
        answer.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number) ? number : null;

    public static RpcId? CancelledId(JsonElement? parameters)
    {
        if (parameters is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty("id", out var id))
            return null;
        return id.ValueKind switch
        {
            JsonValueKind.Number when id.TryGetInt64(out var number) => new(number, null),
            JsonValueKind.String => new(null, id.GetString()),
            _ => null,
        };
    }

    /// <summary>The error of an answer, whatever its shape; null when there is none.</summary>
    public static RemoteRpcException? Refusal(JsonElement answer)
    {
        if (!answer.TryGetProperty("error", out var error) || error.ValueKind == JsonValueKind.Null)
            return null;
        if (error.ValueKind != JsonValueKind.Object)
            return new(RpcErrorCode.InternalError, error.ToString());
        var number = error.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var value) ? value : RpcErrorCode.InternalError;
        return new(number, error.TryGetProperty("message", out var message) ? message.ToString() : error.ToString());
    }

    public static byte[] Request<T>(long? id, string method, T parameters, JsonTypeInfo<T> type) => Write(json =>
    {
        json.WriteString("jsonrpc", "2.0");
        if (id is { } number)
            json.WriteNumber("id", number);
        json.WriteString("method", method);
        json.WritePropertyName("params");
        JsonSerializer.Serialize(json, parameters, type);
    });

    public static byte[] Cancel(long id) => Write(json =>
    {
        json.WriteString("jsonrpc", "2.0");
        json.WriteString("method", "$/cancelRequest");
        json.WriteStartObject("params");
        json.WriteNumber("id", id);
        json.WriteEndObject();
    });

    public static byte[] Result(RpcId id, Action<Utf8JsonWriter> write) => Write(json =>
    {
        json.WriteString("jsonrpc", "2.0");
        WriteId(json, id);
        json.WritePropertyName("result");
        write(json);
    });

    public static byte[] Error(RpcId id, int code, string message) => Write(json =>
    {
        json.WriteString("jsonrpc", "2.0");
        WriteId(json, id);
        json.WriteStartObject("error");
        json.WriteNumber("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    });

    public static byte[] Batch(byte[][] answers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("["u8);
        for (var i = 0; i < answers.Length; i++)
        {
            if (i > 0)
                buffer.Write(","u8);
            buffer.Write(answers[i]);
        }

        buffer.Write("]"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteId(Utf8JsonWriter json, RpcId id)
    {
        if (id.Number is { } number)
            json.WriteNumber("id", number);
        else
            json.WriteString("id", id.Text);
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
