using System.CommandLine;
using AttentionServer.Engine;
using AttentionServer.Engine.Interventions;
using AttentionServer.Methods.Zones;
using AttentionServer.Text;

namespace AttentionServer.Cli.Commands;

/// <summary>What to change on the way through the model: the options of commands that run one.</summary>
internal sealed class InterventionOptions
{
    private readonly Option<string?> _edit = new("--edit") { Description = "Change the forward pass as FILE.json says (docs/INTERVENTIONS.md)" };
    private readonly Option<string?> _zone = new("--mask-zone") { Description = $"Mask a zone: {string.Join(", ", Zone.All.Select(z => z.Id))}, or one of your own, NAME=QUERIES<-KEYS (docs/ZONES.md)" };
    private readonly Option<int[]> _layers = new("--mask-layer") { Description = "The layers to mask it in, from 0 (layer 1 of reports); all where it is left out", AllowMultipleArgumentsPerToken = true };
    private readonly Option<float> _strength = new("--strength") { Description = "How strongly, from 0 to 1", DefaultValueFactory = _ => 1 };
    private readonly Option<string> _mode = new("--mask-mode") { Description = "score (before the softmax, rows share what is left) or probability (after it)", DefaultValueFactory = _ => "score" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _edit, _zone, _layers, _strength, _mode })
            command.Options.Add(option);
    }

    public bool Given(ParseResult arguments) => new Option[] { _edit, _zone, _layers, _strength, _mode }.Any(option => arguments.GetResult(option) is { Implicit: false });

    public IReadOnlyList<Intervention> Read(ParseResult arguments, Model model, Encoding encoding)
    {
        var interventions = arguments.GetValue(_edit) is { } file ? InterventionFile.Read(file, model).ToList() : [];
        if (arguments.GetValue(_zone) is { } zone)
            interventions.AddRange(Masks(zone.Contains('=', StringComparison.Ordinal) ? Zone.Parse(zone) : Zone.Find(zone), arguments, model, encoding));
        else if (new Option[] { _layers, _strength, _mode }.Any(option => arguments.GetResult(option) is { Implicit: false }))
            throw new CliException("--mask-layer, --strength, --mask-mode: command line: they say how to mask a zone: give --mask-zone too");
        return interventions;
    }

    private IEnumerable<Intervention> Masks(Zone zone, ParseResult arguments, Model model, Encoding encoding)
    {
        var (strength, mode) = (arguments.GetValue(_strength), arguments.GetValue(_mode)!);
        if (strength is not (>= 0 and <= 1))
            throw new CliException($"--strength {strength}: command line: give a number from 0 to 1");
        var way = MaskModes.FromId(mode) ?? throw new CliException($"--mask-mode {mode}: command line: use score or probability");
        var layers = arguments.GetValue(_layers) is { Length: > 0 } chosen ? chosen : [.. Enumerable.Range(0, model.Config.Layers)];
        if (layers.FirstOrDefault(l => l < 0 || l >= model.Config.Layers, -1) is var wrong and not -1)
            throw new CliException($"--mask-layer {wrong}: command line: {model.Name} has layers 0 to {model.Config.Layers - 1}");
        if (zone.NothingIn(encoding) is { } nothing)
            new Terminal(arguments).Note(nothing);
        return layers.SelectMany(layer => zone.Mask(encoding, layer, strength, way));
    }
}
