using AttentionServer.Engine;
using AttentionServer.Engine.Interventions;
using AttentionServer.Methods;
using AttentionServer.Methods.Zones;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Server;
using AttentionServer.Server.Export;
using AttentionServer.Studies.Zones;
using AttentionServer.Text;

namespace AttentionServer.Tests.Studies.Zones;

/// <summary>A report says what single masked runs say, and its files hold what it says.</summary>
public class ZoneReportTests
{
    private const string Question = "Who designed the garden?";
    private const string Passage = "The palace was enlarged by Louis, \"the <Great>\". Its garden was designed by Andre in 1661.";

    [Fact]
    public void Each_cell_is_what_the_single_masked_run_says()
    {
        using var model = Open();
        var report = Report(model, new() { Zones = [.. Zone.Paper, Zone.Parse("years=all<-passage:/\\d+/")], Strengths = [1, 0, 0.5f] });
        Assert.Equal([0, 0.5f, 1], report.Strengths);
        Assert.Equal(6 * 3 * model.Config.Layers, report.Cells.Count);
        var own = Prediction.Read(model, report.Text.Encoding, report.Logits, [], 1)[0].Candidates[0];
        Assert.Equal((own.Text, own.Probability), (report.Answer.Text, report.Answer.Probability));
        Assert.Equal(report.Logits.At(0)[report.Answer.Start], report.StartLogit);
        foreach (var cell in report.Cells)
        {
            var zone = report.Zones.First(z => z.Zone == cell.Cell.Zone);
            // As the other views would mask it: the zone's edit with the cell's layer and strength.
            var edit = ZoneSummaries.Of(report).Zones.First(z => z.Id == zone.Zone.Id).Edit!;
            var json = $$"""{"interventions": [{"place": "{{edit.Place}}", "layers": [{{cell.Cell.Layer}}], "tokens": [{{string.Join(',', edit.Tokens!)}}], "keys": [{{string.Join(',', edit.Keys!)}}], "strength": {{cell.Cell.Strength.ToString(System.Globalization.CultureInfo.InvariantCulture)}}}]}""";
            using var run = model.Trace(TokenInput.Of(report.Text.Encoding) with { Interventions = InterventionFile.Parse(json, "test", model) }, new() { Logits = true }, CancellationToken.None);
            GoldenModels.Near(run.Logits!.Span, cell.Logits.Span, zone.Zone.Id, 1e-5);
            Assert.Equal(cell.Probability - report.Answer.Probability, cell.DeltaProbability, 9);
            Assert.Equal(cell.StartLogit - report.StartLogit, cell.StartDelta, 5);
            Assert.Equal(cell.EndLogit - report.EndLogit, cell.EndDelta, 5);
            Assert.Equal(Prediction.Read(model, report.Text.Encoding, run.Logits, [], 1)[0].Candidates[0].Text, cell.Answer.Text);
            if (cell.Cell.Strength == 0)
                Assert.True(cell.DeltaProbability == 0 && !cell.Changed);
        }

        Assert.Contains(report.Cells, c => c.Changed);
        Assert.Equal([0, 0.5f, 1], report.Curve(Zone.Find("Q2"), 1).Select(c => c.Cell.Strength));
    }

    [Fact]
    public void Files_hold_the_report()
    {
        using var model = Open();
        var report = Report(model, new() { Layers = [3, 1], Strengths = [0.5f, 1], Mode = MaskMode.Probability });
        Assert.Equal([1, 3], report.Layers);
        var folder = Directory.CreateTempSubdirectory("attention-zones-").FullName;
        try
        {
            string Written(string name)
            {
                ZoneExport.Write(Path.Combine(folder, name), report);
                return Path.Combine(folder, name);
            }

            var rows = File.ReadAllLines(Written("a.csv"));
            Assert.Equal(1 + report.Cells.Count, rows.Length);
            Assert.StartsWith("Q2,2,0.5,probability,", rows[1], StringComparison.Ordinal);
            Assert.Contains("\"deltaProbability\"", File.ReadAllText(Written("a.json")), StringComparison.Ordinal);
            var page = File.ReadAllText(Written("a.html"));
            Assert.Contains("&lt;Great&gt;", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<Great>", page, StringComparison.Ordinal);
            using var tensors = SafetensorsFile.Open(Written("a.safetensors"));
            Assert.Equal([2, 5, 2, 2, report.Text.Encoding.Ids.Length], tensors.Tensors["zone.logits"].Shape);
            Assert.Contains(".safetensors", Assert.Throws<ExportException>(() => Written("a.png")).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_changes_nothing_is_explained()
    {
        using var model = Open();
        var report = Report(model, new() { Zones = [Zone.PaperAll, Zone.Parse("none=question<-/zebra/")], Layers = [0] });
        Assert.Equal(2, report.Notes.Count);
        Assert.All(report.Cells, c => Assert.Equal(0, c.DeltaProbability));
        Assert.All(ZoneSummaries.Of(report).Zones, z => Assert.Null(z.Edit));
        var single = model.Tokenizer.Encode(Question, null, new EncodeOptions());
        Assert.Contains("a question and a passage", Assert.Throws<MethodException>(() => ZoneReport.Of(model, new(single), new(), null, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    private static ZoneReport Report(Model model, ZoneChoice choice) =>
        ZoneReport.Of(model, new(model.Tokenizer.Encode(Question, Passage, new EncodeOptions())), choice, null, CancellationToken.None);

    private static Model Open() => Model.Open("attention-mini-qa", Path.Combine(Golden.Root, "models", "attention-mini-qa"), new ExecutionSettings { Device = "cpu" });
}
