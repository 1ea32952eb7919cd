using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Methods.Readings;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Server;

/// <summary>Translates an analysis into what the panel and the pages are told about it.</summary>
public static class Summaries
{
    /// <summary>The one map that has a head axis.</summary>
    public const string PerHeadMap = "attentions";

    /// <summary>The summary; where the text stands in a document, <paramref name="place"/> gives a token's range there.</summary>
    public static AnalysisSummary Of(Analysis analysis, double milliseconds = 0, string? uri = null, Func<Text.Token, Protocol.Range?>? place = null)
    {
        var metadata = analysis.Metadata;
        return new()
        {
            Id = analysis.Id,
            Path = analysis.Path,
            Bytes = new FileInfo(analysis.Path).Length,
            Text = metadata.Text,
            Pair = metadata.Pair,
            Uri = uri,
            Model = new()
            {
                Name = metadata.Model,
                Architecture = metadata.Architecture,
                Head = metadata.Head ?? "none",
                Layers = metadata.Layers,
                Heads = metadata.Heads,
                Hidden = metadata.Hidden,
            },
            Device = metadata.Device,
            Milliseconds = milliseconds,
            Tokens = [.. metadata.Tokens.Select(t => TokenOf(t, place))],
            Maps = [.. metadata.Maps.Select(m => MapOf(m, metadata)), .. metadata.Others.Select(o => Other(o, metadata))],
            Methods = [],
            Predictions = [.. metadata.Predictions.Select(PredictionOf)],
            Notes = [.. metadata.Notes],
        };
    }

    /// <summary>How a choice reads its map.</summary>
    public static MapReading ReadingOf(MapChoice choice) => new()
    {
        Layer = choice.Layer,
        Head = choice.Head,
        Tokens = choice.Tokens ?? [],
        Words = choice.Words ?? false,
        Special = choice.Special switch
        {
            null or "keep" => SpecialRule.Keep,
            "drop" => SpecialRule.Drop,
            "renormalise" => SpecialRule.Renormalise,
            _ => throw new MethodException($"special '{choice.Special}': attention/show: use keep, drop or renormalise"),
        },
    };

    internal static TokenInfo TokenOf(Text.Token token, Func<Text.Token, Protocol.Range?>? place) => new()
    {
        Text = token.Text,
        Id = token.Id,
        Start = token.Range.Start,
        End = token.Range.End,
        Segment = token.Segment,
        Special = token.Special,
        Word = token.Word,
        Range = token.Special ? null : place?.Invoke(token),
    };

    private static Protocol.Prediction PredictionOf(Methods.Prediction prediction) => new()
    {
        Token = prediction.Token,
        Title = prediction.Title,
        Candidates = [.. prediction.Candidates.Select(c => new Protocol.Candidate(c.Text, c.Probability, c.Target))],
    };

    /// <summary>The methods that pickers offer for a model.</summary>
    public static MethodInfo[] MethodsFor(Model model) =>
    [
        .. MethodRegistry.All.Select(method => new MethodInfo
        {
            Id = method.Id,
            Title = method.Title,
            Group = method.Group,
            Formula = method.Formula,
            Axes = AxesName(method.Axes),
            ExplainsPrediction = method.ExplainsPrediction,
            Problem = method.ProblemWith(model),
        }),
    ];

    /// <summary>A comparison as an analysis to look at: the difference of each method, and both sides of it.</summary>
    public static AnalysisSummary OfComparison(Analysis comparison, AnalysisMetadata first, AnalysisMetadata second)
    {
        var (a, b) = first.Model != second.Model ? (first.Model, second.Model) : (first.Text, second.Text);
        return Of(comparison) with { Maps = [.. comparison.Metadata.Others.Select(o => Side(o, comparison.Metadata, a, b))], Notes = [] };
    }

    private static MapInfo Side(KeyValuePair<string, string> tensor, AnalysisMetadata metadata, string first, string second)
    {
        var method = MethodRegistry.Find(tensor.Value);
        var map = Described(method, tensor.Key, metadata) with { Id = tensor.Key, Tensor = null, Layers = metadata.Layers };
        var kind = tensor.Key[..tensor.Key.IndexOf('.', StringComparison.Ordinal)];
        // What a method's layers have in common belongs to its picture.
        var summary = metadata.Notes.First(note => note.StartsWith($"{method.Title}: ", StringComparison.Ordinal))[(method.Title.Length + 2)..];
        return kind switch
        {
            "first" => map with { Title = $"{method.Title}: {first}" },
            "second" => map with { Title = $"{method.Title}: {second}" },
            _ => map with
            {
                Title = $"{method.Title}: difference",
                Signed = true,
                Reading = $"Warm: the row's token draws on the column's a larger share in {second}; cool: in {first}. {char.ToUpperInvariant(summary[0])}{summary[1..]}.",
                Caution = "Rows are compared as shares of their sum, and layers of models of different depth by the share of it. A difference does not say which of the two is better.",
            },
        };
    }

    /// <summary>A trust matrix as the panel is told it.</summary>
    public static Protocol.TrustMatrix Of(Methods.Compare.TrustMatrix matrix) => new()
    {
        Target = matrix.Target,
        Tokens = [.. matrix.Tokens],
        Methods = [.. matrix.Methods.Select(m => new TrustedMethod(m.Method.Id, m.Method.Title))],
        Correlations = [.. matrix.Correlations.SelectMany(row => row.Select(c => double.IsNaN(c) ? (double?)null : c))],
        ByChance = matrix.ByChance,
    };

    /// <summary>The one result of an analysis that was made for it.</summary>
    public static MapInfo Computed(Analysis analysis)
    {
        var metadata = analysis.Metadata;
        var map = metadata.Maps.Count > 0 ? MapOf(metadata.Maps[0], metadata) : Other(metadata.Others.Single(), metadata);
        return map with { Analysis = analysis.Id };
    }

    private static MapInfo MapOf(string id, AnalysisMetadata metadata)
    {
        var overview = metadata.Tokens.Count > Overview.Size ? $"overview.{id}" : null;
        if (id == PerHeadMap)
        {
            return new()
            {
                Id = id,
                Title = "Attention, each head",
                Group = MethodRegistry.Find("attention_mean").Group,
                Axes = AxesName(ScoreAxes.HeadMaps),
                Signed = false,
                Layers = metadata.Layers,
                Heads = metadata.Heads,
                Formula = "A = softmax(q kᵀ / √d)",
                Paper = "Vaswani et al. 2017, Attention Is All You Need",
                Reading = "A bright cell: in this head the row's token takes much of its mixture from the column's token.",
                Caution = "It does not say that the column's token mattered: a head may attend to a token whose value it hardly uses, and one head is a small part of the model.",
                Overview = overview,
            };
        }

        return Described(MethodRegistry.Find(id), id, metadata) with { Overview = overview };
    }

    private static MapInfo Other(KeyValuePair<string, string> tensor, AnalysisMetadata metadata)
    {
        var method = MethodRegistry.Find(tensor.Value);
        var hasOverview = method.Axes == ScoreAxes.HeadMaps && metadata.Tokens.Count > Overview.Size;
        return Described(method, tensor.Key, metadata) with { Overview = hasOverview ? $"overview.{tensor.Key}" : null };
    }

    private static MapInfo Described(Method method, string tensor, AnalysisMetadata metadata) => new()
    {
        Id = method.Id,
        Tensor = tensor == method.Id ? null : tensor,
        Title = method.Title,
        Group = method.Group,
        Axes = AxesName(method.Axes),
        Parts = method.Parts.Count > 0 ? [.. method.Parts] : null,
        Signed = method.Signed,
        Target = method.ExplainsPrediction ? metadata.Target : null,
        Layers = method.Axes is ScoreAxes.Map or ScoreAxes.HeadMaps or ScoreAxes.LayerTokens or ScoreAxes.HeadTokens or ScoreAxes.Heads or ScoreAxes.HeadPatterns ? metadata.Layers : 0,
        Heads = method.Axes is ScoreAxes.HeadMaps or ScoreAxes.HeadTokens or ScoreAxes.Heads or ScoreAxes.HeadPatterns ? metadata.Heads : 0,
        Formula = method.Formula,
        Paper = method.Paper,
        Reading = method.Reading,
        Caution = method.Caution,
    };

    private static string AxesName(ScoreAxes axes) => $"{char.ToLowerInvariant($"{axes}"[0])}{$"{axes}"[1..]}";
}
