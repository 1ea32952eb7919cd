using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace AttentionServer.Models.Hub;

/// <summary>A repository at one commit.</summary>
internal sealed record HubRepository(string Commit, IReadOnlyList<HubFile> Files);

/// <summary>Talks to the Hub; what it answers becomes a sentence for the user.</summary>
internal sealed class HubClient : IDisposable
{
    private const int LongestListing = 16 << 20;

    private readonly HubSettings _settings;
    private readonly HttpClient _http;

    public HubClient(HubSettings settings)
    {
        _settings = settings;
        // Redirects lead to other hosts; the handler leaves the token behind there.
        _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15), MaxConnectionsPerServer = 8 }) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("attention-vscode", "0.1"));
    }

    /// <summary>The commit of a revision and its files.</summary>
    public async Task<HubRepository> ListAsync(string id, string revision, CancellationToken cancellation)
    {
        using var response = await SendAsync($"api/models/{id}/revision/{Uri.EscapeDataString(revision)}?blobs=true", null, id, cancellation).ConfigureAwait(false);
        await Refuse(response, id, revision).ConfigureAwait(false);
        await using var stream = new LimitedStream(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), LongestListing);
        try
        {
            using var document = await JsonDocument.ParseAsync(stream, new JsonDocumentOptions { MaxDepth = 32 }, cancellation).ConfigureAwait(false);
            var commit = document.RootElement.GetProperty("sha").GetString()!;
            if (commit.Length != 40 || !commit.All(char.IsAsciiHexDigitLower))
                throw new JsonException("the commit is no hash");
            return new(commit, [.. document.RootElement.GetProperty("siblings").EnumerateArray().Select(FileOf).OfType<HubFile>()]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new HubException($"model '{id}': {_settings.Endpoint}: the list of its files cannot be understood: is HF_ENDPOINT a Hub?", e);
        }
    }

    /// <summary>Opens a file from an offset; a server may answer with the whole of it instead.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string id, string commit, HubFile file, long offset, CancellationToken cancellation)
    {
        var response = await SendAsync($"{id}/resolve/{commit}/{file.Name}", offset, id, cancellation).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            await Refuse(response, id, commit).ConfigureAwait(false);
        throw new InvalidOperationException();
    }

    public void Dispose() => _http.Dispose();

    private static HubFile? FileOf(JsonElement sibling)
    {
        var name = sibling.GetProperty("rfilename").GetString()!;
        if (sibling.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object)
            return new(name, lfs.GetProperty("size").GetInt64(), lfs.GetProperty("sha256").GetString()!, true);
        return sibling.TryGetProperty("size", out var size) && sibling.TryGetProperty("blobId", out var blob) ? new(name, size.GetInt64(), blob.GetString()!, false) : null;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, long? offset, string id, CancellationToken cancellation)
    {
        if (_settings.Offline)
            throw new HubException($"model '{id}': HF_HUB_OFFLINE is set: it is not in the cache and nothing may be fetched: unset the variable to download it");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_settings.Endpoint, path));
        if (_settings.Token is { } token)
            request.Headers.Authorization = new("Bearer", token);
        if (offset > 0)
            request.Headers.Range = new(offset, null);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
    }

    private async Task Refuse(HttpResponseMessage response, string id, string revision)
    {
        if (response.IsSuccessStatusCode)
            return;
        var code = response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.First() : "";
        var page = new Uri(_settings.Endpoint, id);
        if ((int)response.StatusCode is 429 or >= 500)
            throw new HubBusyException(response.Headers.RetryAfter?.Delta, $"model '{id}': {_settings.Endpoint}: it answers {(int)response.StatusCode} ({response.ReasonPhrase}): try again later");
        await Task.CompletedTask.ConfigureAwait(false);
        throw (response.StatusCode, code) switch
        {
            (_, "RevisionNotFound") => new HubException($"model '{id}': revision '{revision}': the repository has none of that name: leave it out or look at {page}"),
            (_, "GatedRepo") => new HubException($"model '{id}': it is gated: accept its terms at {page} and set HF_TOKEN to a token of yours"),
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) when _settings.Token == null =>
                new HubException($"model '{id}': {_settings.Endpoint}: it does not exist, is private or is gated: check the name, accept its terms at {page} and set HF_TOKEN"),
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) =>
                new HubException($"model '{id}': {_settings.Endpoint}: the token in HF_TOKEN may not read it: accept its terms at {page} or use another token"),
            (HttpStatusCode.NotFound, _) => new HubMissingException(id, $"model '{id}': {_settings.Endpoint}: there is no such model or revision '{revision}'"),
            _ => new HubException($"model '{id}': {_settings.Endpoint}: it answers {(int)response.StatusCode} ({response.ReasonPhrase}): try again later"),
        };
    }

    /// <summary>Ends a listing that does not end by itself.</summary>
    private sealed class LimitedStream(Stream inner, long most) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _read; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Count(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Count(int read) => (_read += read) <= most ? read : throw new JsonException("it is too long");
    }
}

/// <summary>The Hub asks to wait, or is out of order for a moment.</summary>
internal sealed class HubBusyException(TimeSpan? after, string message) : Exception(message)
{
    public TimeSpan? After => after;
}

/// <summary>The Hub knows no such model; whoever knows names like it can tell.</summary>
internal sealed class HubMissingException(string id, string message) : Exception(message)
{
    public string Id => id;
}
