using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace AttentionServer.Tests.Lsp;

/// <summary>The document against a model too simple to be wrong: a list of lines, each with its own line break.</summary>
public class TextDocumentModelTests
{
    private static readonly Gen<string> Texts =
        Gen.Elements("\n", "\r", "\r\n", "a", "bc", "é", "🐎", "\ud83d", "\u2028", " ").ListOf().Select(parts => string.Concat(parts));

    private static readonly Gen<Position> Places = Gen.Choose(-2, 12).Two().Select(p => new Position(p.Item1, p.Item2));

    private static readonly Gen<ContentChange> Edits = Gen.OneOf(
        Texts.SelectMany(text => Places.Two(), (text, places) => new ContentChange(text, new(places.Item1, places.Item2))),
        Texts.Select(text => new ContentChange(text)));

    [Fact]
    public void OffsetsAndPositionsAreThoseOfTheModel() => Prop.ForAll(Texts.ToArbitrary(), Places.ToArbitrary(), (text, position) =>
    {
        var document = new TextDocument("file:///a", 1, text);
        var model = Lines(text);
        Assert.Equal(Offset(model, position), document.OffsetAt(position));
        for (var offset = 0; offset <= text.Length; offset++)
            Assert.Equal(PositionOf(model, offset), document.PositionAt(offset));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void EveryPlaceOutsideALineBreakComesBack() => Prop.ForAll(Texts.ToArbitrary(), text =>
    {
        var document = new TextDocument("file:///a", 1, text);
        for (var offset = 0; offset <= text.Length; offset++)
            if (offset == 0 || offset == text.Length || text[offset - 1] != '\r' || text[offset] != '\n')
                Assert.Equal(offset, document.OffsetAt(document.PositionAt(offset)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void EditsOneAfterTheOtherGiveTheTextOfTheModel() => Prop.ForAll(Texts.ToArbitrary(), Edits.ListOf().ToArbitrary(), (text, edits) =>
    {
        var store = new DocumentStore();
        store.Open(new("file:///a", "plaintext", 1, text));
        store.Change(new(new("file:///a", 7), [.. edits]));
        foreach (var edit in edits)
            text = Apply(text, edit);
        Assert.Equal((text, 7), (store.Find("file:///a")!.Text, store.Find("file:///a")!.Version));
    }).QuickCheckThrowOnFailure();

    /// <summary>As editors send them: from the end of the text to its start, in places that all edits of the change agree on.</summary>
    [Fact]
    public void EditsThatGoUpTheTextGiveTheTextOfTheModel() => Prop.ForAll(Texts.ToArbitrary(), Edits.ListOf().ToArbitrary(), (text, edits) =>
    {
        var upwards = edits.OrderByDescending(e => e.Range?.Start.Line).ThenByDescending(e => e.Range?.Start.Character).ToArray();
        var (next, made) = new TextDocument("file:///a", 1, text).Apply(2, upwards);
        var follower = text;
        foreach (var edit in made)
            follower = follower.Remove(edit.Start, edit.End - edit.Start).Insert(edit.Start, edit.Text);
        Assert.Equal(upwards.Aggregate(text, Apply), next.Text);
        Assert.Equal(next.Text, follower);
        for (var offset = 0; offset <= next.Text.Length; offset++)
            Assert.Equal(PositionOf(Lines(next.Text), offset), next.PositionAt(offset));
    }).QuickCheckThrowOnFailure();

    private static List<(string Text, string Break)> Lines(string text)
    {
        var lines = new List<(string, string)>();
        var line = "";
        for (var i = 0; i < text.Length; i++)
        {
            var lineBreak = text[i..].StartsWith("\r\n", StringComparison.Ordinal) ? "\r\n" : text[i] is '\r' or '\n' ? text[i..(i + 1)] : "";
            if (lineBreak.Length == 0)
            {
                line += text[i];
                continue;
            }

            lines.Add((line, lineBreak));
            line = "";
            i += lineBreak.Length - 1;
        }

        lines.Add((line, ""));
        return lines;
    }

    private static int Offset(List<(string Text, string Break)> lines, Position position)
    {
        if (position.Line < 0)
            return 0;
        var before = lines.Take(position.Line).Sum(l => l.Text.Length + l.Break.Length);
        return position.Line >= lines.Count ? before : before + Math.Clamp(position.Character, 0, lines[position.Line].Text.Length);
    }

    private static Position PositionOf(List<(string Text, string Break)> lines, int offset)
    {
        for (var line = 0; ; line++)
        {
            var (text, lineBreak) = lines[line];
            if (line == lines.Count - 1 || offset < text.Length + lineBreak.Length)
                return new(line, Math.Min(offset, text.Length));
            offset -= text.Length + lineBreak.Length;
        }
    }

    private static string Apply(string text, ContentChange edit)
    {
        if (edit.Range is not { } range)
            return edit.Text;
        var ends = new[] { Offset(Lines(text), range.Start), Offset(Lines(text), range.End) };
        return text.Remove(ends.Min(), ends.Max() - ends.Min()).Insert(ends.Min(), edit.Text);
    }
}
