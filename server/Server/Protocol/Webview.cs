using System.Text.Json.Serialization;

namespace AttentionServer.Server.Protocol;

/// <summary>What the panel shows; kept across reloads and written into exported pages.</summary>
public sealed record ViewState
{
    /// <summary>The map on screen.</summary>
    public required MapChoice Choice { get; init; }

    /// <summary>The picture: map, heads (lines), layers, model, flow, neurons or trust; the map where absent.</summary>
    public string? Picture { get; init; }

    /// <summary>A second method, whose map is drawn beside the first's.</summary>
    public string? Beside { get; init; }

    /// <summary>Instead of both, what the second has more of than the first.</summary>
    public bool? Difference { get; init; }

    /// <summary>The order of heads: layer (where absent), focus, pattern or cluster.</summary>
    public string? Order { get; init; }

    /// <summary>Each head as lines instead of a map.</summary>
    public bool? AsLines { get; init; }

    /// <summary>Groups of heads are cut off the tree at this share of its height; 0.7 where absent.</summary>
    public double? Cut { get; init; }

    /// <summary>What edges of the flow picture carry: rollout (where absent), attention or flow.</summary>
    public string? Edges { get; init; }

    /// <summary>The input token that a flow goes to.</summary>
    public int? Sink { get; init; }

    /// <summary>The heads whose lines are drawn together; the one chosen where absent.</summary>
    public int[]? Heads { get; init; }

    /// <summary>Neurons in the order of their influence, instead of the model's; absent for the model's.</summary>
    public bool? Sorted { get; init; }

    /// <summary>Which lines are drawn of a pair of texts: all (where absent), within, down (first text draws on second) or up.</summary>
    public string? Between { get; init; }

    /// <summary>Lines thinner than this share of the strongest are left out; 0 where absent.</summary>
    public double? Threshold { get; init; }

    /// <summary>Changes to the forward pass that everything shown is about; none where absent.</summary>
    public Edit[]? Edits { get; init; }

    /// <summary>The prediction that is explained; what the model predicts itself where absent.</summary>
    public string? Target { get; init; }

    /// <summary>The method that explains it in the list beside the picture.</summary>
    public string? Explanation { get; init; }

    /// <summary>The analysis under those changes; absent without any.</summary>
    public string? Changed { get; init; }

    /// <summary>Analyses that hold what was computed besides, for exports.</summary>
    public string[]? Computed { get; init; }
}

/// <summary>Extension to webview.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ShowAnalysis), "analysis")]
[JsonDerivedType(typeof(Reply), "reply")]
[JsonDerivedType(typeof(Highlight), "highlight")]
[JsonDerivedType(typeof(Status), "status")]
[JsonDerivedType(typeof(Picture), "picture")]
[JsonDerivedType(typeof(Edits), "edits")]
[JsonDerivedType(typeof(Texts), "texts")]
[JsonDerivedType(typeof(Explain), "explain")]
public abstract record ToWebview
{
    /// <summary>Show this analysis.</summary>
    public sealed record ShowAnalysis : ToWebview
    {
        /// <summary>The analysis.</summary>
        public required AnalysisSummary Analysis { get; init; }

        /// <summary>Where the webview can fetch the file.</summary>
        public required string FileUri { get; init; }

        /// <summary>How to show it; absent for the default.</summary>
        public ViewState? View { get; init; }
    }

    /// <summary>The texts that were analyzed together, to choose from.</summary>
    public sealed record Texts : ToWebview
    {
        /// <summary>The texts; one or none where there is nothing to choose.</summary>
        public required TextTab[] List { get; init; }

        /// <summary>The <see cref="TextTab.Id"/> of the one shown.</summary>
        public string? Current { get; init; }

        /// <summary>The panel stays with what it shows, whatever is analyzed later.</summary>
        public required bool Pinned { get; init; }
    }

    /// <summary>Say what the prediction comes from.</summary>
    public sealed record Explain : ToWebview;

    /// <summary>Answers a request of the webview.</summary>
    public sealed record Reply : ToWebview
    {
        /// <summary>The request's id.</summary>
        public required int Id { get; init; }

        /// <summary>Where the slice can be fetched.</summary>
        public string? Uri { get; init; }

        /// <summary>Its dimensions.</summary>
        public int[]? Shape { get; init; }

        /// <summary>What was computed.</summary>
        public MapInfo? Map { get; init; }

        /// <summary>The analysis whose tensors are the answer.</summary>
        public string? Stored { get; init; }

        /// <summary>The analysis of the changed model.</summary>
        public AnalysisSummary? Analysis { get; init; }

        /// <summary>How methods agree.</summary>
        public TrustMatrix? Trust { get; init; }

        /// <summary>Why there is no answer.</summary>
        public string? Error { get; init; }
    }

    /// <summary>The editor's cursor or mouse is on these tokens.</summary>
    public sealed record Highlight : ToWebview
    {
        /// <summary>Token indices, empty for none.</summary>
        public required int[] Tokens { get; init; }
    }

    /// <summary>Changes that the reader chose a file of.</summary>
    public sealed record Edits : ToWebview
    {
        /// <summary>The changes.</summary>
        public required Edit[] List { get; init; }
    }

    /// <summary>Asks for what is on screen as a picture; answered with a save of the same id.</summary>
    public sealed record Picture : ToWebview
    {
        /// <summary>Chosen by the extension.</summary>
        public required int Id { get; init; }

        /// <summary>png or svg.</summary>
        public required string Format { get; init; }
    }

    /// <summary>What the panel says about itself.</summary>
    public sealed record Status : ToWebview
    {
        /// <summary>Work under way, in words.</summary>
        public string? Busy { get; init; }

        /// <summary>The text was edited since.</summary>
        public required bool Stale { get; init; }

        /// <summary>What went wrong, one sentence.</summary>
        public string? Error { get; init; }
    }
}

/// <summary>Webview to extension.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(SliceRequest), "slice")]
[JsonDerivedType(typeof(Compute), "compute")]
[JsonDerivedType(typeof(Trust), "trust")]
[JsonDerivedType(typeof(Vectors), "vectors")]
[JsonDerivedType(typeof(Flow), "flow")]
[JsonDerivedType(typeof(Difference), "difference")]
[JsonDerivedType(typeof(Change), "change")]
[JsonDerivedType(typeof(SaveEdits), "saveEdits")]
[JsonDerivedType(typeof(LoadEdits), "loadEdits")]
[JsonDerivedType(typeof(Cancel), "cancel")]
[JsonDerivedType(typeof(Text), "text")]
[JsonDerivedType(typeof(Save), "save")]
[JsonDerivedType(typeof(Hover), "hover")]
[JsonDerivedType(typeof(View), "view")]
[JsonDerivedType(typeof(Command), "command")]
[JsonDerivedType(typeof(Drawn), "drawn")]
[JsonDerivedType(typeof(Problem), "problem")]
public abstract record FromWebview
{
    /// <summary>The page is loaded and listens.</summary>
    public sealed record Ready : FromWebview;

    /// <summary>Asks for a part of a tensor; answered with a reply of the same id.</summary>
    public sealed record SliceRequest : FromWebview
    {
        /// <summary>Chosen by the webview.</summary>
        public required int Id { get; init; }

        /// <summary>What is wanted.</summary>
        public required SliceParams Slice { get; init; }
    }

    /// <summary>Asks for one more method on the text shown; answered with a reply of the same id.</summary>
    public sealed record Compute : FromWebview
    {
        /// <summary>Chosen by the webview.</summary>
        public required int Id { get; init; }

        /// <summary>The analysis it is asked for.</summary>
        public required string Analysis { get; init; }

        /// <summary>The <see cref="MethodInfo.Id"/>.</summary>
        public required string Method { get; init; }

        /// <summary>The prediction to explain; what the model predicts itself when absent.</summary>
        public string? Target { get; init; }
    }

    /// <summary>Asks which methods agree with blank-out; answered with a reply of the same id.</summary>
    public sealed record Trust : FromWebview
    {
        /// <summary>Chosen by the webview.</summary>
        public required int Id { get; init; }

        /// <summary>The analysis it is asked for.</summary>
        public required string Analysis { get; init; }

        /// <summary>The prediction to explain; what the model predicts itself when absent.</summary>
        public string? Target { get; init; }
    }

    /// <summary>Asks for queries, keys and values of every head; answered with a reply of the same id.</summary>
    public sealed record Vectors : FromWebview
    {
        /// <summary>Chosen by the webview.</summary>
        public required int Id { get; init; }

        /// <summary>The analysis they are of.</summary>
        public required string Analysis { get; init; }
    }

    /// <summary>Asks for the ways from an output token back to the input; answered with a reply of the same id.</summary>
    public sealed record Flow : FromWebview
    {
        /// <summary>Chosen by the webview.</summary>
        public required int Id { get; init; }

        /// <summary>What is wanted.</summary>
        public required FlowParams Graph { get; init; }
    }

    /// <summary>Asks how two methods differ; answered with a reply of the same id.</summary>
    public sealed record Difference : FromWebview
    {
        /// <summary>Chosen by the webview.</summary>
        public required int Id { get; init; }

        /// <summary>What is wanted.</summary>
        public required DifferenceParams Methods { get; init; }
    }

    /// <summary>Asks what becomes of the text shown when the model is changed; answered with a reply of the same id.</summary>
    public sealed record Change : FromWebview
    {
        /// <summary>Chosen by the webview.</summary>
        public required int Id { get; init; }

        /// <summary>The changes, one after the other.</summary>
        public required Edit[] Edits { get; init; }
    }

    /// <summary>The reader wants the changes in a file.</summary>
    public sealed record SaveEdits : FromWebview
    {
        /// <summary>The changes.</summary>
        public required Edit[] Edits { get; init; }
    }

    /// <summary>The reader wants changes out of a file; answered with edits.</summary>
    public sealed record LoadEdits : FromWebview;

    /// <summary>A picture for a file or the clipboard, as the export command asked for.</summary>
    public sealed record Save : FromWebview
    {
        /// <summary>The request's id.</summary>
        public required int Id { get; init; }

        /// <summary>The content in base 64; absent where there is no picture.</summary>
        public string? Content { get; init; }
    }

    /// <summary>The answer to this request is no longer wanted.</summary>
    public sealed record Cancel : FromWebview
    {
        /// <summary>The request's id.</summary>
        public required int Id { get; init; }
    }

    /// <summary>Another of the texts is wanted.</summary>
    public sealed record Text : FromWebview
    {
        /// <summary>The <see cref="TextTab.Id"/>.</summary>
        public required string Id { get; init; }
    }

    /// <summary>The mouse is on this token, or on none.</summary>
    public sealed record Hover : FromWebview
    {
        /// <summary>Token indices, empty for none.</summary>
        public required int[] Tokens { get; init; }
    }

    /// <summary>The picture changed: another map, layer, head or token.</summary>
    public sealed record View : FromWebview
    {
        /// <summary>What is shown now.</summary>
        public required ViewState State { get; init; }
    }

    /// <summary>A button of the panel that the extension has the command for.</summary>
    public sealed record Command : FromWebview
    {
        /// <summary>The id of the VS Code command, one of those the panel may run.</summary>
        public required string Id { get; init; }
    }

    /// <summary>A picture is on screen.</summary>
    public sealed record Drawn : FromWebview
    {
        /// <summary>From the message to the frame.</summary>
        public required double Milliseconds { get; init; }

        /// <summary>webgl or software.</summary>
        public required string Surface { get; init; }
    }

    /// <summary>Something failed in the page; goes to the log.</summary>
    public sealed record Problem : FromWebview
    {
        /// <summary>What and where.</summary>
        public required string Message { get; init; }
    }
}

/// <summary>A picture to be drawn without a panel, as the terminal asks for it.</summary>
public sealed record FigureRequest
{
    /// <summary>The analysis; its file is read where it lies.</summary>
    public required AnalysisSummary Analysis { get; init; }

    /// <summary>map, lines or model.</summary>
    public required string Picture { get; init; }

    /// <summary>The result drawn, and how it is read.</summary>
    public required MapChoice Choice { get; init; }

    /// <summary>png or svg.</summary>
    public required string Format { get; init; }

    /// <summary>The file to write.</summary>
    public required string Output { get; init; }

    /// <summary>Its width in CSS pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Its height in CSS pixels, without the caption.</summary>
    public required int Height { get; init; }

    /// <summary>Pixels of a PNG for each of those.</summary>
    public required double Density { get; init; }
}

/// <summary>A text to choose from.</summary>
/// <param name="Id">The id of its analysis.</param>
/// <param name="Title">How it begins.</param>
public sealed record TextTab(string Id, string Title);

/// <summary>What an exported page carries besides the tensors.</summary>
public sealed record PageData
{
    /// <summary>The analysis.</summary>
    public required AnalysisSummary Analysis { get; init; }

    /// <summary>How it opens.</summary>
    public ViewState? View { get; init; }

    /// <summary>Analyses whose tensors the page carries too, in the order they lie in it.</summary>
    public string[]? Others { get; init; }
}
