using System.CommandLine;
using AttentionServer.Methods.Zones;
using AttentionServer.Server;
using AttentionServer.Server.Export;
using AttentionServer.Server.Features;
using AttentionServer.Studies.Zones;
using AttentionServer.Text;

namespace AttentionServer.Cli.Commands;

/// <summary><c>attention zones</c>: which zones of attention an answer hangs on, layer by layer.</summary>
internal static class ZonesCommand
{
    private static readonly Option<string> Question = new("--question", "-q") { Description = "The question", Required = true };
    private static readonly Option<string?> Passage = new("--passage", "-p") { Description = "The passage that holds the answer" };
    private static readonly Option<string?> PassageFile = new("--passage-file") { Description = "Read the passage from FILE, or from its lines FILE:from-to" };
    private static readonly Option<string> ModelName = new("--model") { Description = "A model for question answering: a bundled name, a folder, or a cached Hub id", DefaultValueFactory = _ => ZonesFeature.DefaultModel };
    private static readonly Option<string?> Zones = new("--zones") { Description = $"Zones separated by commas, or all: {string.Join(", ", Zone.All.Select(z => z.Id))}; the paper's five where left out" };
    private static readonly Option<string[]> Own = new("--zone") { Description = "A zone of your own, NAME=QUERIES<-KEYS, such as \"years=question<-passage:/\\d{4}/\" (docs/ZONES.md)" };
    private static readonly Option<string?> OwnFile = new("--zone-file") { Description = "Zones of your own from FILE.json" };
    private static readonly Option<string?> Layers = new("--layers") { Description = "The layers, from 0: 0-3,5; all where left out" };
    private static readonly Option<string> Strengths = new("--strengths") { Description = "How strongly, from 0 to 1: 1, or 0,0.25,0.5,0.75,1 for dose and response", DefaultValueFactory = _ => "1" };
    private static readonly Option<string> Mode = new("--mask-mode") { Description = "score (before the softmax, rows share what is left) or probability (after it)", DefaultValueFactory = _ => "score" };
    private static readonly Option<int?> PadTo = new("--pad-to") { Description = "Pad the text to so many tokens, which paper-all lets be seen" };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "FILE.json, .csv, .html or .safetensors instead of the terminal" };

    public static Command Create()
    {
        var command = new Command("zones", "Mask zones of a question and its passage one by one: what does the answer hang on?");
        foreach (var option in new Option[] { Question, Passage, PassageFile, ModelName, Zones, Own, OwnFile, Layers, Strengths, Mode, PadTo, Output })
            command.Options.Add(option);
        command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var terminal = new Terminal(arguments);
        var output = arguments.GetValue(Output);
        if (output != null)
            _ = ZoneExport.FormatOf(output);
        var mode = MaskModes.FromId(arguments.GetValue(Mode)!) ?? throw new CliException($"--mask-mode {arguments.GetValue(Mode)}: command line: use score or probability");
        var zones = ZonesOf(arguments, mode);
        var strengths = ListOptions.Strengths(arguments.GetValue(Strengths)!);
        var passage = (arguments.GetValue(Passage), arguments.GetValue(PassageFile)) switch
        {
            ({ } text, null) => text,
            (null, { } file) => TextFile.Read(file),
            _ => throw new CliException("--passage: command line: give one of --passage and --passage-file"),
        };
        if (string.IsNullOrWhiteSpace(arguments.GetValue(Question)) || string.IsNullOrWhiteSpace(passage))
            throw new CliException("zones: command line: question and passage must not be empty");

        using var model = terminal.While("Opening the model", () => ModelOpener.Open(arguments.GetValue(ModelName)!, GlobalOptions.Settings(arguments)));
        var padTo = arguments.GetValue(PadTo);
        if (padTo < 1 || padTo > model.MaxTokens)
            throw new CliException($"--pad-to {padTo}: command line: {model.Name} takes 1 to {model.MaxTokens} tokens");
        var encoding = model.Tokenizer.Encode(arguments.GetValue(Question)!, passage, new EncodeOptions { MaxTokens = model.MaxTokens, Truncate = TruncationStrategy.OnlySecond });
        var choice = new ZoneChoice { Zones = zones, Layers = ListOptions.Layers(arguments.GetValue(Layers), model.Name, model.Config.Layers), Strengths = strengths, Mode = mode };
        var progress = new Shown(share => terminal.Live(share < 1 ? $"masking zones: {share * 100:0} %" : ""));
        var report = ZoneReport.Of(model, new ZoneText(encoding, padTo), choice, progress, cancellation);

        if (output != null)
            ZoneExport.Write(output, report);
        if (terminal.Json)
            Console.Out.WriteLine(ZoneSummaries.Json(report));
        else if (output == null)
            ZoneTable.Print(terminal.Out, report);
        else
            terminal.Note($"{report.Model}, {report.Cells.Count} cells: {output}");
        return 0;
    }

    private static List<Zone> ZonesOf(ParseResult arguments, MaskMode mode)
    {
        var own = (arguments.GetValue(Own) ?? []).Select(Zone.Parse).Concat(arguments.GetValue(OwnFile) is { } file ? ZoneFile.Read(file) : []).ToList();
        IEnumerable<Zone> named = arguments.GetValue(Zones) switch
        {
            null => own.Count > 0 ? [] : Zone.Paper,
            "all" => Zone.All.Where(z => Allowed(z, mode)),
            var list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Zone.Find),
        };
        List<Zone> zones = [.. named, .. own];
        if (zones.Count == 0)
            throw new CliException("--zones: command line: name at least one zone");
        return zones.GroupBy(z => z.Id).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new CliException($"zone '{twice.Key}': command line: it is named {twice.Count()} times: name it once")
            : zones;
    }

    private static bool Allowed(Zone zone, MaskMode mode)
    {
        try
        {
            zone.Allow(mode);
            return true;
        }
        catch (Methods.MethodException)
        {
            return false;
        }
    }

    private sealed class Shown(Action<double> show) : IProgress<double>
    {
        public void Report(double value) => show(value);
    }
}
