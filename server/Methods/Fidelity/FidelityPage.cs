using System.Globalization;
using System.Text;

namespace AttentionServer.Methods.Fidelity;

/// <summary>One verified model.</summary>
public sealed record VerifiedModel(string Name, string Family, string Head, IReadOnlyList<Agreement> Agreements);

/// <summary>docs/FIDELITY.md: how exactly each architecture and method agrees with the original.</summary>
public static class FidelityPage
{
    private static readonly string[] Forward = ["logits", "hidden states", "attentions", "q, k, v", SelfCheck.Padded, SelfCheck.HalfStorage];

    /// <summary>The page in Markdown.</summary>
    public static string Write(IReadOnlyList<VerifiedModel> models)
    {
        var page = new StringBuilder("""
            # Fidelity

            How far the numbers are from those of the original implementations. The references were computed in 64-bit floats by
            Hugging Face Transformers, and by independent implementations of each method's published formulas, on small models with
            random weights of every architecture and head (`tests/golden`), so that they ship with the tests. Each cell is
            max |difference| / max |reference| over several texts; 32-bit floats themselves are good for about 1e-5. Tests refuse more
            than 1e-4 (1e-3 for Value Zeroing, gradients and blank-out, which subtract nearly equal numbers).

            This page is written by `attention models verify tests/golden --output docs/FIDELITY.md`; the same command with the name of
            any model checks that one.

            ## The forward pass

            *Padded vs single* compares the last hidden states of texts side by side in one run with each alone. *F16 vs F32 storage* is
            what a checkpoint loses that is stored in half the bytes; it is computed in 32 bits either way.

            """.ReplaceLineEndings("\n")).Append('\n');
        Table(page, ["model", .. Forward], models.Select(m => (IReadOnlyList<string>)[m.Name, .. Forward.Select(what => Cell(m.Agreements.FirstOrDefault(a => a.What == what)))]));

        page.Append("\n## Methods\n\nA dash: not defined for the architecture (the method's page in [methods](methods/README.md) says why).\n\n");
        var families = models.GroupBy(m => m.Family).Select(g => (Family: g.Key, All: Agreement.Worst(g.SelectMany(m => m.Agreements)))).ToList();
        var methods = MethodRegistry.All.Select(m => m.Id).Where(id => families.Any(f => f.All.Any(a => a.What == id)));
        Table(page, ["method", .. families.Select(f => f.Family)], methods.Select(id => (IReadOnlyList<string>)[$"`{id}`", .. families.Select(f => Cell(f.All.FirstOrDefault(a => a.What == id)))]));
        return page.ToString();
    }

    private static void Table(StringBuilder page, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        page.Append($"| {string.Join(" | ", header)} |\n|{string.Concat(header.Select((_, i) => i == 0 ? "---|" : "---:|"))}\n");
        foreach (var row in rows)
            page.Append($"| {string.Join(" | ", row)} |\n");
    }

    // One digit: the second changes with the processor.
    private static string Cell(Agreement? agreement) =>
        agreement == null ? "–" : agreement.Difference == 0 ? "0" : agreement.Difference.ToString("0e-0", CultureInfo.InvariantCulture);
}
