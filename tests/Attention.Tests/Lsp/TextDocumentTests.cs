using AttentionServer.Server.Lsp;
using AttentionServer.Server.Protocol;

namespace AttentionServer.Tests.Lsp;

public class TextDocumentTests
{
    [Theory]
    [InlineData("", 0, 0, 0)]
    [InlineData("ab", 0, 1, 1)]
    [InlineData("ab", 0, 2, 2)]
    [InlineData("ab", 0, 99, 2)]
    [InlineData("ab", 1, 0, 2)]
    [InlineData("ab", 99, 99, 2)]
    [InlineData("ab", -1, 1, 0)]
    [InlineData("ab", 0, -1, 0)]
    [InlineData("ab", 0, int.MinValue, 0)]
    [InlineData("a\nb", 0, int.MaxValue, 1)]
    [InlineData("a\nb", int.MaxValue, int.MaxValue, 3)]
    [InlineData("a\nb", 0, 2, 1)]
    [InlineData("a\nb", 1, 0, 2)]
    [InlineData("a\r\nb", 0, 9, 1)]
    [InlineData("a\r\nb", 1, 1, 4)]
    [InlineData("a\rb", 0, 9, 1)]
    [InlineData("a\rb", 1, 0, 2)]
    [InlineData("\r\r\n\n", 1, 0, 1)]
    [InlineData("\r\r\n\n", 2, 0, 3)]
    [InlineData("\r\r\n\n", 3, 0, 4)]
    [InlineData("\n", 1, 0, 1)]
    [InlineData("\r", 1, 5, 1)]
    [InlineData("🐎x", 0, 2, 2)]
    [InlineData("🐎x", 0, 1, 1)]
    [InlineData("a\u2028b", 0, 3, 3)]
    [InlineData("a\u2028b", 1, 0, 3)]
    [InlineData("a\u0085\vb\f", 1, 0, 5)]
    public void FindsTheOffsetOfAPosition(string text, int line, int character, int offset) =>
        Assert.Equal(offset, Document(text).OffsetAt(new(line, character)));

    [Theory]
    [InlineData("", 5, 0, 0)]
    [InlineData("ab", -5, 0, 0)]
    [InlineData("ab", 2, 0, 2)]
    [InlineData("a\nb", 1, 0, 1)]
    [InlineData("a\nb", 2, 1, 0)]
    [InlineData("a\r\nb", 2, 0, 1)]
    [InlineData("a\r\nb", 3, 1, 0)]
    [InlineData("a\rb", 2, 1, 0)]
    [InlineData("a\n", 2, 1, 0)]
    [InlineData("🐎x", 2, 0, 2)]
    public void FindsThePositionOfAnOffset(string text, int offset, int line, int character) =>
        Assert.Equal(new Position(line, character), Document(text).PositionAt(offset));

    [Theory]
    [InlineData("hello", 0, 0, 0, 1, "J", "Jello")]
    [InlineData("hello", 0, 5, 0, 5, "!", "hello!")]
    [InlineData("hello", 0, 4, 0, 1, "", "ho")]
    [InlineData("a\r\nb", 0, 1, 1, 0, "", "ab")]
    [InlineData("a\r\nb", 0, 9, 0, 99, "x", "ax\r\nb")]
    [InlineData("a\nb\nc", 1, 0, 2, 0, "", "a\nc")]
    [InlineData("a\nb", 5, 0, 9, 0, "\n", "a\nb\n")]
    public void Edits(string before, int startLine, int startCharacter, int endLine, int endCharacter, string text, string after)
    {
        var document = Document(before);
        var edited = document.Apply(2, [new(text, new(new(startLine, startCharacter), new(endLine, endCharacter)))]).Next;
        Assert.Equal((after, 2), (edited.Text, edited.Version));
        Assert.Equal((before, 1), (document.Text, document.Version));
    }

    [Fact]
    public void TakesAWholeNewText() => Assert.Equal("new", Document("old\nold").Apply(2, [new("new")]).Next.Text);

    [Fact]
    public void KeepsUpWithManyEditsOfALongDocument()
    {
        var document = Document(string.Concat(Enumerable.Repeat("A line of some length, as prose has them.\r\n", 25_000)));
        var lines = document.PositionAt(int.MaxValue).Line;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 100; i++)
            document = document.Apply(i + 2, [new("\n", new(new(i * 100, 3), new(i * 100, 4)))]).Next;
        Assert.Equal(lines + 100, document.PositionAt(int.MaxValue).Line);
        Assert.InRange(clock.Elapsed.TotalMilliseconds / 100, 0, 50);
    }

    private static TextDocument Document(string text) => new("file:///a", 1, text);
}
