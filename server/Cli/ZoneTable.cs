using System.Globalization;
using AttentionServer.Methods.Zones;
using AttentionServer.Studies.Zones;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AttentionServer.Cli;

/// <summary>A zone report in the terminal: layers × zones as the paper draws them, layers upward, and curves over strengths.</summary>
internal static class ZoneTable
{
    private const int MostAnswers = 12;
    private const string Steps = "▁▂▃▄▅▆▇█";

    private static readonly Color[] Loses = [Color.Default, new(70, 30, 10), new(110, 45, 15), new(150, 65, 20), new(190, 95, 35), new(220, 130, 60), new(240, 170, 100)];
    private static readonly Color[] Gains = [Color.Default, new(0, 55, 68), new(0, 75, 88), new(0, 100, 110), new(0, 128, 132), new(20, 160, 150), new(80, 190, 160)];

    public static void Print(IAnsiConsole console, ZoneReport report)
    {
        var strongest = report.Strengths[^1];
        console.WriteLine();
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[bold]{report.Answer.Text}[/] [grey]p {report.Answer.Probability:0.0000} · start logit {report.StartLogit:0.000} · end logit {report.EndLogit:0.000}[/]");
        var padding = report.Text.Padding > 0 ? $" · padded by {report.Text.Padding}" : "";
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{report.Model} · change of its probability when a zone is masked {(report.Mode == MaskMode.Score ? "before" : "after")} the softmax, strength {strongest}{padding} · {report.Device}[/]");
        console.WriteLine();
        console.Write(Grid(report, strongest));
        Answers(console, report, strongest);
        if (report.Strengths.Count > 1)
            Curves(console, report);
        console.WriteLine();
        console.MarkupLine("[grey]layers count from 1 here, and from 0 in --mask-layer[/]");
        foreach (var zone in report.Zones)
            console.MarkupLineInterpolated($"[grey]{zone.Zone.Id}: {zone.Zone.Reading} ({zone.Queries.Count} × {zone.Keys.Count} of {report.Text.Encoding.Ids.Length} tokens)[/]");
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]{report.Plan.Passes} masked passes · {report.Plan.Flops / 1e9:0.0} GFLOP, {report.Plan.FlopsFromScratch / 1e9:0.0} from scratch[/]");
        foreach (var note in report.Notes)
            console.MarkupLineInterpolated($"[yellow]{note}[/]");
    }

    private static Table Grid(ZoneReport report, float strength)
    {
        var most = Math.Max(1e-9, report.Cells.Select(c => Math.Abs(c.DeltaProbability)).Max());
        var table = new Table().Border(TableBorder.None).AddColumn(new TableColumn("[grey]layer[/]").RightAligned());
        foreach (var zone in report.Zones)
            table.AddColumn(new TableColumn(Markup.Escape(zone.Zone.Id)).Centered());
        foreach (var layer in report.Layers.Reverse())
        {
            var cells = report.Cells.Where(c => c.Cell.Layer == layer && c.Cell.Strength == strength);
            table.AddRow([new Markup($"[grey]{layer + 1}[/]"), .. cells.Select(c => (IRenderable)new Spectre.Console.Text($" {Signed(c.DeltaProbability)}{(c.Changed ? "*" : " ")}", Tint(c.DeltaProbability / most)))]);
        }

        return table;
    }

    private static void Answers(IAnsiConsole console, ZoneReport report, float strength)
    {
        var changed = report.Cells.Where(c => c.Changed && c.Cell.Strength == strength).OrderBy(c => c.DeltaProbability).ToList();
        if (changed.Count == 0)
            return;
        console.WriteLine();
        console.MarkupLineInterpolated($"[grey]* another answer, in {changed.Count} of {report.Layers.Count * report.Zones.Count} cells{(changed.Count > MostAnswers ? $", the first {MostAnswers}" : "")}:[/]");
        foreach (var cell in changed.Take(MostAnswers))
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"  layer {cell.Cell.Layer + 1} · {cell.Cell.Zone.Id}: {cell.Answer.Text} [grey]p {cell.Answer.Probability:0.0000}[/]");
    }

    private static void Curves(IAnsiConsole console, ZoneReport report)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[grey]Dose and response: probability of the unmasked answer by strength[/]");
        var highest = Math.Max(1e-9, report.Cells.Select(c => c.Probability).Max());
        var table = new Table().Border(TableBorder.None).AddColumns("[grey]layer[/]", "[grey]zone[/]", "");
        foreach (var strength in report.Strengths)
            table.AddColumn(new TableColumn(string.Create(CultureInfo.InvariantCulture, $"[grey]{strength}[/]")).RightAligned());
        foreach (var layer in report.Layers.Reverse())
            foreach (var zone in report.Zones)
            {
                var curve = report.Curve(zone.Zone, layer);
                var line = string.Concat(curve.Select(c => Steps[(int)Math.Round(c.Probability / highest * (Steps.Length - 1))]));
                table.AddRow([new Markup($"{layer + 1}"), new Markup(Markup.Escape(zone.Zone.Id)), new Markup($"[teal]{line}[/]"), .. curve.Select(c => (IRenderable)new Spectre.Console.Text(c.Probability.ToString("0.0000", CultureInfo.InvariantCulture)))]);
            }

        console.Write(table);
    }

    private static string Signed(double difference) => difference.ToString("+0.0000;−0.0000; 0.0000", CultureInfo.InvariantCulture);

    public static Style Tint(double share)
    {
        var ramp = share < 0 ? Loses : Gains;
        var step = (int)Math.Round(Math.Min(1, Math.Abs(share)) * (ramp.Length - 1));
        return step == 0 ? Style.Plain : new Style(step >= 5 ? Color.Black : Color.White, ramp[step]);
    }
}
