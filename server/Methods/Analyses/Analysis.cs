using System.Text.Json.Serialization;
using AttentionServer.Engine.Interventions;
using AttentionServer.Text;

namespace AttentionServer.Methods.Analyses;

/// <summary>What an analysis file says about itself besides its tensors.</summary>
public sealed record AnalysisMetadata
{
    /// <summary>The version of the formulas and axes (docs/methods); a number that changes when a stored number would.</summary>
    public const int Conventions = 1;

    /// <summary>The analysed text.</summary>
    public required string Text { get; init; }

    /// <summary>The second member of a pair.</summary>
    public string? Pair { get; init; }

    /// <summary>The tokens, source ranges included.</summary>
    public required IReadOnlyList<Token> Tokens { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>bert, gpt2, …</summary>
    public required string Architecture { get; init; }

    /// <summary>The short name of the head; absent for a bare encoder.</summary>
    public string? Head { get; init; }

    /// <summary>Blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Heads of a block.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of hidden states.</summary>
    public required int Hidden { get; init; }

    /// <summary>SHA-256 of the checkpoint.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>ids of the maps in the file.</summary>
    public required IReadOnlyList<string> Maps { get; init; }

    /// <summary>ids of everything else that was computed, by the name of its tensor.</summary>
    public IReadOnlyDictionary<string, string> Others { get; init; } = new Dictionary<string, string>();

    /// <summary>The prediction that is explained, as the terminal takes it; absent where nothing is.</summary>
    public string? Target { get; init; }

    /// <summary>The tokens whose last states that prediction is read from; absent where nothing is explained.</summary>
    public IReadOnlyList<int>? TargetPlaces { get; init; }

    /// <summary>What the head predicts.</summary>
    public required IReadOnlyList<Prediction> Predictions { get; init; }

    /// <summary>Changes to the forward pass that all numbers are about; absent for the plain model.</summary>
    public IReadOnlyList<Intervention>? Interventions { get; init; }

    /// <summary>What the reader should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>ONNX Runtime's version.</summary>
    public required string Engine { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Device { get; init; }
}

/// <summary>An analysis: a content-addressed safetensors file and what it says about itself.</summary>
public sealed record Analysis(string Id, string Path, AnalysisMetadata Metadata);

/// <summary>What to analyse and what to keep of it.</summary>
public sealed record AnalysisRequest
{
    /// <summary>The tokens to run on.</summary>
    public required Encoding Encoding { get; init; }

    /// <summary>Changes to the forward pass.</summary>
    public IReadOnlyList<Intervention> Interventions { get; init; } = [];

    /// <summary>The methods to compute.</summary>
    public required IReadOnlyList<Method> Methods { get; init; }

    /// <summary>The prediction that methods explain.</summary>
    public TargetChoice Target { get; init; } = TargetChoice.Own;

    /// <summary>Told what is done, and its share where that is known.</summary>
    public Action<string, double?>? Progress { get; init; }

    /// <summary>Which tensors of the trace to keep as well.</summary>
    public TraceParts Parts { get; init; }

    /// <summary>Whether to keep thumbnails of maps with many tokens.</summary>
    public bool Overviews { get; init; }

    /// <summary>The place whose word should be predicted; null for the masked places.</summary>
    public int? WordAt { get; init; }

    /// <summary>How many candidates a prediction lists.</summary>
    public int Candidates { get; init; } = 10;
}

/// <summary>Tensors of a trace that an analysis can keep.</summary>
[Flags]
public enum TraceParts
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>attentions.</summary>
    Attentions = 1,

    /// <summary>q, k and v.</summary>
    QueriesKeysValues = 2,

    /// <summary>hidden_states.</summary>
    HiddenStates = 4,

    /// <summary>The head's logits at every token.</summary>
    Logits = 8,

    /// <summary>Everything.</summary>
    All = Attentions | QueriesKeysValues | HiddenStates | Logits,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(SegmentJson)], UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AnalysisMetadata))]
[JsonSerializable(typeof(IReadOnlyList<Intervention>))]
internal sealed partial class AnalysisJson : JsonSerializerContext;
