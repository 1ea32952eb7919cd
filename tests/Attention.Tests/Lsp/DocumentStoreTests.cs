using AttentionServer.Server.Lsp;

namespace AttentionServer.Tests.Lsp;

public class DocumentStoreTests
{
    private const string Uri = "untitled:Untitled-1";

    [Fact]
    public void KeepsTheLatestVersionAndForgetsOnClose()
    {
        var store = Opened("a");
        store.Change(new(new(Uri, 4), [new("b")]));
        Assert.Equal(("b", 4), (store.Find(Uri)!.Text, store.Find(Uri)!.Version));
        store.Change(new(new(Uri, 5), []));
        Assert.Equal(("b", 5), (store.Find(Uri)!.Text, store.Find(Uri)!.Version));
        store.Close(Uri);
        Assert.Null(store.Find(Uri));
    }

    [Fact]
    public void IgnoresWhatIsNotOpen()
    {
        var store = Opened("a");
        store.Closed += uri => Assert.Fail(uri);
        store.Change(new(new("file:///other", 2), [new("b")]));
        store.Close("file:///other");
        Assert.Null(store.Find("file:///other"));
        Assert.Equal("a", store.Find(Uri)!.Text);
    }

    [Fact]
    public void TellsEachEditAsThatOfTheTextBeforeIt()
    {
        var store = Opened("one two");
        var told = new List<string>();
        store.Edited += (uri, edit) => told.Add($"{uri} {edit}");
        store.Change(new(new(Uri, 2), [new("1", new(new(0, 0), new(0, 3))), new("2", new(new(0, 2), new(0, 5)))]));
        Assert.Equal([$"{Uri} {new TextEdit(0, 3, "1")}", $"{Uri} {new TextEdit(2, 5, "2")}"], told);
        Assert.Equal("1 2", store.Find(Uri)!.Text);
    }

    [Fact]
    public void HasTheTextThoughAListenerFails()
    {
        var store = Opened("a");
        store.Edited += (_, _) => throw new InvalidOperationException("a listener failed");
        Assert.Throws<InvalidOperationException>(() => store.Change(new(new(Uri, 2), [new("b"), new("c")])));
        Assert.Equal("c", store.Find(Uri)!.Text);
    }

    [Theory]
    [InlineData(Uri, 1, "from version 1 to 1")]
    [InlineData(Uri, 0, "from version 1 to 0")]
    [InlineData("file:///other", 2, "file:///other was edited but is not open")]
    public void DoubtsAChangeThatDoesNotFollow(string uri, int version, string says)
    {
        var store = Opened("a");
        var doubts = new List<string>();
        store.Doubted += doubts.Add;
        store.Change(new(new(uri, version), [new("b")]));
        Assert.Contains(says, Assert.Single(doubts), StringComparison.Ordinal);
        Assert.Equal(uri == Uri ? "b" : "a", store.Find(Uri)!.Text);
    }

    [Fact]
    public void DoubtsASecondOpeningAndNothingElse()
    {
        var store = Opened("a");
        var doubts = new List<string>();
        store.Doubted += doubts.Add;
        store.Change(new(new(Uri, 2), [new("b")]));
        store.Change(new(new(Uri, 9), []));
        store.Close(Uri);
        store.Open(new(Uri, "plaintext", 1, "c"));
        Assert.Empty(doubts);
        store.Open(new(Uri, "plaintext", 1, "d"));
        Assert.Contains("opened twice", Assert.Single(doubts), StringComparison.Ordinal);
        Assert.Equal("d", store.Find(Uri)!.Text);
    }

    [Fact]
    public void ASnapshotStaysWhatItWas()
    {
        var store = Opened("a");
        var snapshot = store.Find(Uri)!;
        store.Change(new(new(Uri, 2), [new("b")]));
        Assert.Equal(("a", 1), (snapshot.Text, snapshot.Version));
    }

    /// <summary>Trimming a long file, or replacing everywhere, is one change of thousands of edits, the last in the text first.</summary>
    [Fact]
    public void KeepsUpWithAChangeOfManyEdits()
    {
        const int lines = 20_000;
        var line = new string('x', 48);
        var store = Opened(string.Concat(Enumerable.Repeat(line + "  \n", lines)));
        var told = 0;
        store.Edited += (_, _) => told++;
        ContentChange[] trims = [.. Enumerable.Range(0, lines).Reverse().Select(l => new ContentChange("", new(new(l, 48), new(l, 50))))];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        store.Change(new(new(Uri, 2), trims));
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.Equal(string.Concat(Enumerable.Repeat(line + "\n", lines)), store.Find(Uri)!.Text);
        Assert.Equal(lines, told);
        Assert.InRange(allocated, 0, 64 << 20);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 2);
    }

    private static DocumentStore Opened(string text)
    {
        var store = new DocumentStore();
        store.Open(new(Uri, "plaintext", 1, text));
        return store;
    }
}
