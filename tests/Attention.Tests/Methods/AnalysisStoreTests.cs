using AttentionServer.Engine;
using AttentionServer.Methods;
using AttentionServer.Methods.Analyses;
using AttentionServer.Text;

namespace AttentionServer.Tests.Methods;

public sealed class AnalysisStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attention-store-").FullName;
    private readonly Model _model = GoldenModels.Open("bert", "mlm");

    [Fact]
    public void The_same_request_is_answered_from_the_file()
    {
        var store = new AnalysisStore(_folder, 1 << 30);
        var first = store.GetOrCreate(_model, Request("a [MASK] reads ."), CancellationToken.None);
        var written = File.GetLastWriteTimeUtc(first.Path);
        var second = store.GetOrCreate(_model, Request("a [MASK] reads ."), CancellationToken.None);
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(written, File.GetLastWriteTimeUtc(second.Path));
        Assert.Equal(first.Metadata.Predictions[0].Candidates, second.Metadata.Predictions[0].Candidates);
    }

    [Fact]
    public void Another_text_pair_method_or_model_is_another_analysis()
    {
        var store = new AnalysisStore(_folder, 1 << 30);
        using var other = GoldenModels.Open("bert", "qa");
        var ids = new[]
        {
            store.GetOrCreate(_model, Request("on with !"), CancellationToken.None).Id,
            store.GetOrCreate(_model, Request("with on !"), CancellationToken.None).Id,
            store.GetOrCreate(_model, Request("on with !", "run"), CancellationToken.None).Id,
            store.GetOrCreate(_model, Request("on with !") with { Methods = [new AttentionMean()] }, CancellationToken.None).Id,
            store.GetOrCreate(other, Request("on with !"), CancellationToken.None).Id,
        };
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void A_slice_is_the_part_of_the_tensor_it_names()
    {
        var store = new AnalysisStore(_folder, 1 << 30);
        var analysis = store.GetOrCreate(_model, Request("run played from !"), CancellationToken.None);
        var (path, shape) = store.Slice(analysis.Id, "attentions", [2, 1]);
        var tokens = analysis.Metadata.Tokens.Count;
        Assert.Equal([tokens, tokens], shape);
        var floats = File.ReadAllBytes(path).Chunk(4).Select(b => BitConverter.ToSingle(b)).ToArray();
        Assert.Equal(AnalysisReader.Map(analysis, "attentions", 2, 1), floats);
    }

    [Theory]
    [InlineData("attentions", new[] { 9 }, "outside axis 0")]
    [InlineData("attentions", new[] { 0, 0, 0, 0, 0 }, "axes")]
    [InlineData("../secret", new int[0], "does not have it")]
    public void A_slice_that_is_not_there_is_refused(string tensor, int[] index, string part)
    {
        var store = new AnalysisStore(_folder, 1 << 30);
        var analysis = store.GetOrCreate(_model, Request("on with !"), CancellationToken.None);
        Assert.Contains(part, Assert.Throws<MethodException>(() => store.Slice(analysis.Id, tensor, index)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("0123")]
    public void An_id_that_names_no_analysis_finds_none(string id) => Assert.Null(new AnalysisStore(_folder, 1 << 30).Find(id));

    [Fact]
    public void A_damaged_file_is_made_anew()
    {
        var store = new AnalysisStore(_folder, 1 << 30);
        var analysis = store.GetOrCreate(_model, Request("on with !"), CancellationToken.None);
        File.WriteAllText(analysis.Path, "not an analysis");
        Assert.Null(store.Find(analysis.Id));
        Assert.NotNull(store.GetOrCreate(_model, Request("on with !"), CancellationToken.None));
        Assert.NotNull(store.Find(analysis.Id));
    }

    [Fact]
    public void The_least_recently_used_go_first_and_nothing_else_in_the_folder_is_touched()
    {
        var mine = Path.Combine(_folder, "notes.txt");
        File.WriteAllText(mine, new string('x', 1 << 20));
        var store = new AnalysisStore(_folder, 12_000);
        var paths = new[] { "on", "with", "run", "played", "from" }.Select(word =>
        {
            var path = store.GetOrCreate(_model, Request(word), CancellationToken.None).Path;
            File.SetLastAccessTimeUtc(path, DateTime.UtcNow.AddHours(-1));
            return path;
        }).ToList();
        var last = store.GetOrCreate(_model, Request("talks woman painting ?"), CancellationToken.None).Path;
        Assert.True(File.Exists(last));
        Assert.Contains(paths, p => !File.Exists(p));
        Assert.True(File.Exists(mine));
        store.Clear();
        Assert.False(File.Exists(last));
        Assert.True(File.Exists(mine));
    }

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private AnalysisRequest Request(string text, string? pair = null) => new()
    {
        Encoding = _model.Tokenizer.Encode(text, pair, new EncodeOptions { MaxTokens = _model.MaxTokens }),
        Methods = MethodRegistry.All,
        Parts = TraceParts.Attentions,
    };
}
