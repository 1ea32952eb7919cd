using System.Text.Json.Serialization;

namespace AttentionServer.Tests.RpcHost;

internal sealed record EchoMessage(string Text);

internal sealed record SlowParams(int Milliseconds);

internal sealed record FailParams(string How);

internal sealed record WorkParams(int Steps, int MillisecondsEach, string? WorkDoneToken = null);

internal sealed record WorkResult(int Done);

internal sealed record DocumentParams(string Uri);

internal sealed record DocumentResult(string? Text, int? Version);

internal sealed record MemoryResult(long ManagedBytes, long WorkingSetBytes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EchoMessage))]
[JsonSerializable(typeof(SlowParams))]
[JsonSerializable(typeof(FailParams))]
[JsonSerializable(typeof(WorkParams))]
[JsonSerializable(typeof(WorkResult))]
[JsonSerializable(typeof(DocumentParams))]
[JsonSerializable(typeof(DocumentResult))]
[JsonSerializable(typeof(MemoryResult))]
internal sealed partial class HostJson : JsonSerializerContext;
