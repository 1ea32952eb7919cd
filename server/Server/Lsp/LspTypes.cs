using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server.Lsp;

/// <summary>What the client can do, as far as it matters here.</summary>
public sealed record ClientCapabilities(WindowCapabilities? Window = null);

/// <summary>Whether the client shows progress.</summary>
public sealed record WindowCapabilities(bool WorkDoneProgress = false);

/// <summary>The first request.</summary>
public sealed record InitializeParams
{
    /// <summary>The process to end with.</summary>
    public int? ProcessId { get; init; }

    /// <summary>What the client can do.</summary>
    public ClientCapabilities? Capabilities { get; init; }

    /// <summary>The product's own settings.</summary>
    public ServerOptions? InitializationOptions { get; init; }
}

/// <summary>Settings that the extension passes on.</summary>
public sealed record ServerOptions
{
    /// <summary>The model to use when a request names none.</summary>
    public string? Model { get; init; }

    /// <summary>Threads of a model run; absent or 0 for one per core.</summary>
    public int? Threads { get; init; }

    /// <summary>The device models run on; absent or empty for what the server was started with.</summary>
    public string? Device { get; init; }

    /// <summary>The folder of ONNX Runtime's CUDA library; absent or empty for the one beside the server.</summary>
    public string? CudaPath { get; init; }

    /// <summary>False in a workspace the user does not trust: then only bundled models are opened.</summary>
    public bool? Trusted { get; init; }
}

/// <summary>New settings.</summary>
public sealed record DidChangeConfigurationParams(ServerOptions? Settings = null);

/// <summary>How the server wants to be told about documents.</summary>
public sealed record TextDocumentSyncOptions(bool OpenClose, int Change);

/// <summary>What the server can do.</summary>
public sealed record ServerCapabilities
{
    /// <summary>utf-16.</summary>
    public string PositionEncoding { get; init; } = "utf-16";

    /// <summary>Incremental (2).</summary>
    public TextDocumentSyncOptions TextDocumentSync { get; init; } = new(true, 2);

    /// <summary>Hovers.</summary>
    public bool HoverProvider { get; init; } = true;

    /// <summary>Commands.</summary>
    public ExecuteCommandOptions ExecuteCommandProvider { get; init; } = new([]);
}

/// <summary>The commands the server carries out.</summary>
public sealed record ExecuteCommandOptions(string[] Commands);

/// <summary>Name and version.</summary>
public sealed record ServerInfo(string Name, string Version);

/// <summary>The answer to initialize.</summary>
public sealed record InitializeResult(ServerCapabilities Capabilities, ServerInfo ServerInfo);

/// <summary>Parameters that say nothing.</summary>
public sealed record Nothing;

/// <summary>A document by its URI.</summary>
public sealed record TextDocumentIdentifier(string Uri);

/// <summary>A document by its URI, at a version.</summary>
public sealed record VersionedTextDocumentIdentifier(string Uri, int Version);

/// <summary>A document with its text.</summary>
public sealed record TextDocumentItem(string Uri, string LanguageId, int Version, string Text);

/// <summary>A document was opened.</summary>
public sealed record DidOpenParams(TextDocumentItem TextDocument);

/// <summary>A document was closed.</summary>
public sealed record DidCloseParams(TextDocumentIdentifier TextDocument);

/// <summary>One edit; without a range the text is the whole document.</summary>
public sealed record ContentChange(string Text, Protocol.Range? Range = null);

/// <summary>A document was edited.</summary>
public sealed record DidChangeParams(VersionedTextDocumentIdentifier TextDocument, ContentChange[] ContentChanges);

/// <summary>A place in a document.</summary>
public sealed record TextDocumentPositionParams(TextDocumentIdentifier TextDocument, Position Position);

/// <summary>Formatted text.</summary>
public sealed record MarkupContent(string Kind, string Value);

/// <summary>What to show for a place.</summary>
public sealed record Hover(MarkupContent Contents, Protocol.Range? Range = null);

/// <summary>A command by name.</summary>
public sealed record ExecuteCommandParams(string Command, JsonElement[]? Arguments = null);

/// <summary>A line of the log (1 error, 2 warning, 3 info, 4 log), or a message to the user.</summary>
public sealed record LogMessageParams(int Type, string Message);

/// <summary>Creates a progress of the server's own.</summary>
public sealed record WorkDoneProgressCreateParams(string Token);

/// <summary>The user pressed cancel.</summary>
public sealed record WorkDoneProgressCancelParams(JsonElement Token);

/// <summary>A step of a progress.</summary>
public sealed record ProgressParams(string Token, WorkDoneProgressValue Value);

/// <summary>begin, report or end.</summary>
public sealed record WorkDoneProgressValue
{
    /// <summary>begin, report or end.</summary>
    public required string Kind { get; init; }

    /// <summary>With begin.</summary>
    public string? Title { get; init; }

    /// <summary>What is being done now.</summary>
    public string? Message { get; init; }

    /// <summary>With begin: the user may cancel.</summary>
    public bool? Cancellable { get; init; }

    /// <summary>0 to 100.</summary>
    public int? Percentage { get; init; }
}

/// <summary>The messages as JSON; generated at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(InitializeParams))]
[JsonSerializable(typeof(InitializeResult))]
[JsonSerializable(typeof(Nothing))]
[JsonSerializable(typeof(DidOpenParams))]
[JsonSerializable(typeof(DidCloseParams))]
[JsonSerializable(typeof(DidChangeParams))]
[JsonSerializable(typeof(DidChangeConfigurationParams))]
[JsonSerializable(typeof(TextDocumentPositionParams))]
[JsonSerializable(typeof(Hover))]
[JsonSerializable(typeof(ExecuteCommandParams))]
[JsonSerializable(typeof(LogMessageParams))]
[JsonSerializable(typeof(WorkDoneProgressCreateParams))]
[JsonSerializable(typeof(WorkDoneProgressCancelParams))]
[JsonSerializable(typeof(ProgressParams))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class LspJson : JsonSerializerContext;
