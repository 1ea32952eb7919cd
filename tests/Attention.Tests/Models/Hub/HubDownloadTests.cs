using System.Text;
using AttentionServer.Models.Catalog;
using AttentionServer.Models.Checkpoints;
using AttentionServer.Models.Hub;

namespace AttentionServer.Tests.Models.Hub;

/// <summary>Downloads from a Hub that the test plays itself, well and badly behaved.</summary>
public sealed class HubDownloadTests : IDisposable
{
    private const string Id = "owner/tiny--model";

    private readonly string _cache = Directory.CreateTempSubdirectory("attention-hub-").FullName;
    private readonly FakeHub _hub;

    public HubDownloadTests()
    {
        var files = new[] { "config.json", "vocab.txt", "tokenizer_config.json", "model.safetensors" }.ToDictionary(f => f, f => File.ReadAllBytes(Golden.Data("bert", "mlm", f)));
        files["README.md"] = Encoding.UTF8.GetBytes("not needed");
        files["tf_model.h5"] = [1, 2, 3];
        _hub = new(Id, files);
    }

    private string Repository => Path.Combine(_cache, "models--owner--tiny--model");

    private string Blob(string file) => Path.Combine(Repository, "blobs", file.EndsWith(".safetensors", StringComparison.Ordinal) ? FakeHub.Sha256(_hub.Files[file]) : FakeHub.GitHash(_hub.Files[file]));

    [Fact]
    public async Task A_model_lies_where_other_tools_look_for_it_and_can_be_used()
    {
        var model = await Download(Id, token: "secret");
        Assert.Equal(Path.Combine(Repository, "snapshots", FakeHub.Commit), model.Folder);
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(Repository, "refs", "main")));
        Assert.Equal(["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"], Directory.EnumerateFiles(model.Folder).Select(f => Path.GetFileName(f)).Order());
        Assert.Equal($"../../blobs/{FakeHub.Sha256(_hub.Files["model.safetensors"])}", new FileInfo(Path.Combine(model.Folder, "model.safetensors")).LinkTarget);
        Assert.Equal(4, Directory.EnumerateFiles(Path.Combine(Repository, "blobs")).Count());

        var found = new ModelCatalog(hubFolder: _cache).Resolve(Id);
        Assert.Null(found.Problem);
        Assert.Contains(Id, new ModelCatalog(hubFolder: _cache).List().Select(m => m.Name));
        using var checkpoint = Checkpoint.Open(found.Folder);
        Assert.Equal("bert", checkpoint.Config.ModelType);
        // The token goes to the Hub and stays there.
        Assert.All(_hub.Requests, r => Assert.Equal(!r.StartsWith("store", StringComparison.Ordinal), r.EndsWith("Bearer secret", StringComparison.Ordinal)));
        Assert.DoesNotContain(_hub.Requests, r => r.Contains("README", StringComparison.Ordinal) || r.Contains("tf_model", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_there_is_not_fetched_again()
    {
        await Download(Id);
        var before = _hub.Requests.Count;
        var again = await Download(Id);
        Assert.Equal(0, again.Bytes);
        Assert.Equal(before + 1, _hub.Requests.Count);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_is_taken_up_where_it_broke()
    {
        var weights = _hub.Files["model.safetensors"];
        _hub.Misbehave = (name, start) => name == "model.safetensors" && start < weights.Length / 2 ? new(start > 0 ? 206 : 200, weights[(int)start..], CutAfter: weights.Length / 4) : null;
        await Download(Id);
        Assert.Equal(weights, File.ReadAllBytes(Blob("model.safetensors")));
        Assert.Contains(_hub.Requests, r => r.StartsWith("store model.safetensors bytes=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_interrupted_download_goes_on_and_ends_with_the_right_hash()
    {
        var weights = _hub.Files["model.safetensors"];
        using var interrupt = new CancellationTokenSource();
        _hub.Misbehave = (name, start) => name == "model.safetensors" ? new(Body: weights, CutAfter: weights.Length / 2) : null;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Download(Id, said: new(said =>
        {
            if (said.Contains("broke", StringComparison.Ordinal))
                interrupt.Cancel();
        }), cancellation: interrupt.Token));
        Assert.True(new FileInfo($"{Blob("model.safetensors")}.incomplete").Length > 0);
        Assert.False(File.Exists(Path.Combine(Repository, "refs", "main")));
        Assert.DoesNotContain(Id, new ModelCatalog(hubFolder: _cache).List().Select(m => m.Name));

        _hub.Misbehave = null;
        await Download(Id);
        Assert.Equal(weights, File.ReadAllBytes(Blob("model.safetensors")));
        Assert.Contains(_hub.Requests, r => r.StartsWith($"store model.safetensors bytes={weights.Length / 2}-", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles(_cache, "*.incomplete", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_sends_everything_again()
    {
        Directory.CreateDirectory(Path.Combine(Repository, "blobs"));
        foreach (var name in new[] { "model.safetensors", "vocab.txt" })
            File.WriteAllBytes($"{Blob(name)}.incomplete", _hub.Files[name][..10]);
        _hub.IgnoresRanges = true;
        await Download(Id);
        Assert.Equal(_hub.Files["model.safetensors"], File.ReadAllBytes(Blob("model.safetensors")));
        Assert.Equal(_hub.Files["vocab.txt"], File.ReadAllBytes(Blob("vocab.txt")));
    }

    [Fact]
    public async Task Two_at_once_end_with_one_good_copy()
    {
        var both = await Task.WhenAll(Download(Id), Download(Id));
        Assert.Equal(both[0].Folder, both[1].Folder);
        Assert.Equal(_hub.Files["model.safetensors"], File.ReadAllBytes(Blob("model.safetensors")));
        Assert.Single(_hub.Requests, r => r.StartsWith("store", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles(_cache, "*.part", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(_cache, "*.incomplete", SearchOption.AllDirectories)));
    }

    [Theory]
    [InlineData("wrong bytes", "another checksum")]
    [InlineData("too much", "more came than")]
    public async Task What_is_not_what_was_announced_is_thrown_away(string how, string message)
    {
        var weights = _hub.Files["model.safetensors"];
        _hub.Misbehave = (name, _) => name != "model.safetensors" ? null
            : new(Body: how == "too much" ? [.. weights, 0] : [.. weights[..^1], (byte)(weights[^1] ^ 1)]);
        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => Download(Id))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Blob("model.safetensors")));
        Assert.False(new FileInfo($"{Blob("model.safetensors")}.incomplete") is { Exists: true, Length: > 0 });
    }

    [Theory]
    [InlineData(401, "", "set HF_TOKEN")]
    [InlineData(403, "GatedRepo", "accept its terms at")]
    [InlineData(404, "RevisionNotFound", "revision 'main'")]
    [InlineData(404, "", "there is no such model")]
    [InlineData(418, "", "it answers 418")]
    public async Task What_the_Hub_refuses_is_a_sentence_with_the_way_out(int status, string code, string message)
    {
        _hub.Listing = () => new(status, Headers: code.Length > 0 ? new() { ["X-Error-Code"] = code } : null);
        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => Download(Id))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Hub_that_is_busy_is_waited_for()
    {
        var answers = 0;
        _hub.Listing = () => answers++ switch { 0 => new(429, Headers: new() { ["Retry-After"] = "1" }), 1 => new(503), _ => null };
        var said = new List<string>();
        await Download(Id, said: new(line =>
        {
            lock (said)
                said.Add(line);
        }));
        Assert.Contains(said, s => s.Contains("waiting 1 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_like_one_in_the_cache_is_told()
    {
        await Download(Id);
        Assert.Contains(Id, (await Assert.ThrowsAsync<HubException>(() => Download("owner/tiny--modle"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"sha\": \"../../etc\", \"siblings\": []}", "cannot be understood")]
    [InlineData("nonsense", "cannot be understood")]
    [InlineData("{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": [{\"rfilename\": \"config.json\", \"size\": 3, \"blobId\": \"../../../x\"}, {\"rfilename\": \"model.safetensors\", \"size\": 3, \"blobId\": \"y\"}]}", "impossible size or hash")]
    [InlineData("{\"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": [{\"rfilename\": \"../config.json\", \"size\": 3, \"blobId\": \"x\"}, {\"rfilename\": \"tf_model.h5\", \"size\": 3, \"blobId\": \"y\"}]}", "only tf_model.h5")]
    public async Task A_hostile_listing_is_refused_and_nothing_is_written_outside(string listing, string message)
    {
        _hub.Listing = () => new(Body: Encoding.UTF8.GetBytes(listing));
        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => Download(Id))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_family_that_cannot_be_computed_costs_its_configuration_only()
    {
        _hub.Files["config.json"] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_hub.Files["config.json"]).Replace("\"bert\"", "\"mamba\"", StringComparison.Ordinal));
        Assert.Contains("'mamba'", (await Assert.ThrowsAsync<HubException>(() => Download(Id))).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_hub.Requests, r => r.StartsWith("store", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../evil", "no name on the Hub")]
    [InlineData("owner/name@../x", "no name on the Hub")]
    [InlineData("owner/na me", "no name on the Hub")]
    public async Task Names_that_could_be_paths_are_refused(string name, string message) =>
        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => Download(name))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Offline_nothing_is_asked()
    {
        var settings = Settings(null) with { Offline = true };
        Assert.Contains("HF_HUB_OFFLINE", (await Assert.ThrowsAsync<HubException>(() => new HubDownload(settings).RunAsync(Id, null, CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Requests);
    }

    [Fact]
    public async Task Deleting_frees_the_repository_and_nothing_beside_it()
    {
        await Download(Id);
        var outside = Path.Combine(_cache, "outside");
        File.WriteAllText(outside, "stays");
        File.CreateSymbolicLink(Path.Combine(Repository, "blobs", "link"), outside);
        var catalog = new ModelCatalog(hubFolder: _cache);
        var bytes = catalog.BytesOf(Id);
        Assert.True(bytes > _hub.Files["model.safetensors"].Length);
        Assert.Equal(bytes, catalog.Delete(Id));
        Assert.False(Directory.Exists(Repository));
        Assert.True(File.Exists(outside));
        Assert.Throws<HubException>(() => catalog.Delete(Id));
        Assert.Throws<HubException>(() => catalog.Delete("../x"));
    }

    public void Dispose()
    {
        _hub.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    private HubSettings Settings(string? token) => new() { Endpoint = new($"{_hub.Address}/"), Cache = _cache, Token = token };

    private Task<DownloadedModel> Download(string name, string? token = null, Said? said = null, CancellationToken cancellation = default) =>
        new HubDownload(Settings(token)).RunAsync(name, said, cancellation);

    private sealed class Said(Action<string> told) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => told($"{value}");
    }
}
