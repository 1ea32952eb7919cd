using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AttentionServer.Text;

namespace AttentionServer.Tests.Text;

/// <summary>The embedded Unicode facts, against known vectors, against the runtime's categories, and against ICU (through Node).</summary>
public class UnicodeTests
{
    [Theory]
    [InlineData("é", "e\u0301", "é", "e\u0301", "é")]
    [InlineData("\uFB01", "\uFB01", "\uFB01", "fi", "fi")]
    [InlineData("\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E9B\u0323", "s\u0323\u0307", "\u1E69")]
    [InlineData("각", "\u1100\u1161\u11A8", "각", "\u1100\u1161\u11A8", "각")]
    [InlineData("\u1100\u1161\u11A8", "\u1100\u1161\u11A8", "각", "\u1100\u1161\u11A8", "각")]
    [InlineData("\u212B", "A\u030A", "\u00C5", "A\u030A", "\u00C5")]
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C")]
    [InlineData("a\u0315\u0300\u05AE\u0062", "a\u05AE\u0300\u0315b", "\u00E0\u05AE\u0315b", "a\u05AE\u0300\u0315b", "\u00E0\u05AE\u0315b")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165")]
    [InlineData("\u2460\u00BD", "\u2460\u00BD", "\u2460\u00BD", "11\u20442", "11\u20442")]
    public void Normal_forms_are_those_of_the_standard(string text, string nfd, string nfc, string nfkd, string nfkc)
    {
        Assert.Equal(nfd, new UnicodeNormalizer(NormalizationForm.FormD).Normalize(text));
        Assert.Equal(nfc, new UnicodeNormalizer(NormalizationForm.FormC).Normalize(text));
        Assert.Equal(nfkd, new UnicodeNormalizer(NormalizationForm.FormKD).Normalize(text));
        Assert.Equal(nfkc, new UnicodeNormalizer(NormalizationForm.FormKC).Normalize(text));
    }

    [Theory]
    [InlineData("İSTANBUL", "i\u0307stanbul")]
    [InlineData("ΑΣ", "ας", "ασ")]
    [InlineData("\u1E9E\u01C5\u2126\U00010400", "\u00DF\u01C6\u03C9\U00010428")]
    public void Lower_case_is_full_and_looks_at_one_character_only(string text, string expected, string? withoutContext = null) =>
        Assert.Equal(withoutContext ?? expected, new LowerCaseNormalizer().Normalize(text));

    [Fact]
    public void Categories_are_those_of_the_runtime_for_characters_that_both_know()
    {
        var different = new List<string>();
        for (var c = 0; c < 0x110000; c++)
        {
            if (c is >= 0xD800 and < 0xE000 || Characters.Category(c) == GeneralCategory.Cn) continue;
            var runtime = CharUnicodeInfo.GetUnicodeCategory(c);
            if (Abbreviation(runtime) != Characters.Category(c).ToString()) different.Add($"U+{c:X4}");
        }
        // A later Unicode version may move a few characters, no more.
        Assert.True(different.Count <= 10, string.Join(" ", different.Take(50)));
    }

    [Fact]
    public void White_space_is_that_of_the_runtime() =>
        Assert.Equal(
            Enumerable.Range(0, 0x10000).Where(c => Rune.IsValid(c) && Rune.IsWhiteSpace(new Rune(c))),
            Enumerable.Range(0, 0x10000).Where(Characters.IsWhiteSpace));

    [Theory]
    [InlineData("e\u0301x", 2)]
    [InlineData("\r\n", 2)]
    [InlineData("👨‍👩‍👧!", 8)]
    [InlineData("🇩🇪🇫🇷", 4)]
    [InlineData("👍🏽a", 4)]
    [InlineData("क्षि", 4)]
    [InlineData("\u1100\u1161\u11A8\u1100", 3)]
    [InlineData("a\u200Db", 2)]
    [InlineData("\u0600a", 2)]
    [InlineData("\n\u0301", 1)]
    public void Grapheme_clusters_end_where_a_reader_says(string text, int end) =>
        Assert.Equal(end, Graphemes.NextBoundary(AlignedText.FromSource(text), 0, text.Length));

    [NodeFact]
    public void Normal_forms_lower_case_and_clusters_are_those_of_icu()
    {
        var random = new Random(7);
        var texts = Enumerable.Range(0, 2000).Select(_ => OldCharacters(random)).ToArray();
        const string Script = """
            const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
            const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
            console.log(JSON.stringify(texts.map((t) => [t.normalize('NFC'), t.normalize('NFD'), t.normalize('NFKC'), t.normalize('NFKD'),
              [...t].map((c) => c.toLowerCase()).join(''), [...segmenter.segment(t)].map((s) => s.segment).join('|')])));
            """;
        var expected = JsonSerializer.Deserialize<string[][]>(RunNode(Script, JsonSerializer.Serialize(texts)))!;
        for (var i = 0; i < texts.Length; i++)
        {
            string Form(NormalizationForm form) => new UnicodeNormalizer(form).Normalize(texts[i]);
            string[] actual =
            [
                Form(NormalizationForm.FormC), Form(NormalizationForm.FormD), Form(NormalizationForm.FormKC), Form(NormalizationForm.FormKD),
                new LowerCaseNormalizer().Normalize(texts[i]), string.Join('|', Clusters(texts[i])),
            ];
            Assert.Equal(expected[i], actual);
        }
    }

    /// <summary>Characters of blocks that were complete before Unicode 9, whose facts no later version changes.</summary>
    private static string OldCharacters(Random random)
    {
        (int First, int Last)[] blocks =
        [
            (0x20, 0x7E), (0xA0, 0x377), (0x400, 0x52F), (0x591, 0x5C7), (0x620, 0x6FF), (0x904, 0x97F), (0xE01, 0xE4E), (0xF40, 0xFBC), (0x1100, 0x11FF), (0x1E00, 0x1F15),
            (0x2000, 0x2064), (0x2100, 0x218B), (0x2460, 0x24FF), (0x3041, 0x30FF), (0x3200, 0x321E), (0xAC00, 0xD7A3), (0xF900, 0xFA6D), (0xFB00, 0xFB06), (0xFF01, 0xFFBE),
            (0x1D15E, 0x1D164), (0x1D400, 0x1D454), (0x1F1E6, 0x1F1FF), (0x1F466, 0x1F469), (0x2F800, 0x2FA1D), (0x300, 0x34E), (0x300, 0x34E), (0x20, 0x20),
        ];
        var text = new StringBuilder();
        for (var count = random.Next(1, 10); count > 0; count--)
        {
            var (first, last) = blocks[random.Next(blocks.Length)];
            text.Append(char.ConvertFromUtf32(random.Next(first, last + 1)));
        }
        return text.ToString();
    }

    private static IEnumerable<string> Clusters(string text)
    {
        var aligned = AlignedText.FromSource(text);
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = Graphemes.NextBoundary(aligned, start, text.Length);
            yield return text[start..end];
        }
    }

    private static string RunNode(string script, string input)
    {
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, StandardInputEncoding = new UTF8Encoding(false) };
        start.ArgumentList.Add("-e");
        start.ArgumentList.Add(script);
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync();
        node.StandardInput.Write(input);
        node.StandardInput.Close();
        node.WaitForExit();
        Assert.Equal(0, node.ExitCode);
        return output.Result;
    }

    private static string Abbreviation(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => "Lu", UnicodeCategory.LowercaseLetter => "Ll", UnicodeCategory.TitlecaseLetter => "Lt", UnicodeCategory.ModifierLetter => "Lm",
        UnicodeCategory.OtherLetter => "Lo", UnicodeCategory.NonSpacingMark => "Mn", UnicodeCategory.SpacingCombiningMark => "Mc", UnicodeCategory.EnclosingMark => "Me",
        UnicodeCategory.DecimalDigitNumber => "Nd", UnicodeCategory.LetterNumber => "Nl", UnicodeCategory.OtherNumber => "No", UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.LineSeparator => "Zl", UnicodeCategory.ParagraphSeparator => "Zp", UnicodeCategory.Control => "Cc", UnicodeCategory.Format => "Cf",
        UnicodeCategory.PrivateUse => "Co", UnicodeCategory.ConnectorPunctuation => "Pc", UnicodeCategory.DashPunctuation => "Pd", UnicodeCategory.OpenPunctuation => "Ps",
        UnicodeCategory.ClosePunctuation => "Pe", UnicodeCategory.InitialQuotePunctuation => "Pi", UnicodeCategory.FinalQuotePunctuation => "Pf",
        UnicodeCategory.OtherPunctuation => "Po", UnicodeCategory.MathSymbol => "Sm", UnicodeCategory.CurrencySymbol => "Sc", UnicodeCategory.ModifierSymbol => "Sk",
        UnicodeCategory.OtherSymbol => "So", _ => category.ToString(),
    };
}

/// <summary>A test that needs a Node whose ICU knows Unicode 17, as the development tools bring it; skipped elsewhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        try
        {
            var start = new ProcessStartInfo("node", "-p process.versions.unicode") { RedirectStandardOutput = true };
            using var node = Process.Start(start)!;
            if (!node.StandardOutput.ReadToEnd().StartsWith("17.", StringComparison.Ordinal)) Skip = "node does not know Unicode 17.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Skip = "node is not installed.";
        }
    }
}
