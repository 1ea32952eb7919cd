using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AttentionServer.Tests.Models.Hub;

/// <summary>
/// Plays the Hub on this machine: lists a repository and serves its files, large ones by a redirect to another port as the real one
/// does, and misbehaves when told to. Every request is remembered.
/// </summary>
internal sealed class FakeHub : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly HttpListener _hub = new();
    private readonly HttpListener _store = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<string> _requests = [];

    public FakeHub(string id, IReadOnlyDictionary<string, byte[]> files)
    {
        (Id, Files) = (id, new(files));
        (Address, StoreAddress) = (Start(_hub), Start(_store));
        _ = Serve(_hub, OfHub);
        _ = Serve(_store, OfStore);
    }

    public string Id { get; }

    public string Address { get; }

    public string StoreAddress { get; }

    public Dictionary<string, byte[]> Files { get; }

    /// <summary>What is answered instead of a file's bytes from some offset; null for the truth.</summary>
    public Func<string, long, Answer?>? Misbehave { get; set; }

    /// <summary>What is answered instead of the listing.</summary>
    public Func<Answer?>? Listing { get; set; }

    public bool IgnoresRanges { get; set; }

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    /// <summary>An answer that is not the right one.</summary>
    public sealed record Answer(int Status = 200, byte[]? Body = null, int? CutAfter = null, Dictionary<string, string>? Headers = null, int DelayMilliseconds = 0);

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string GitHash(byte[] bytes)
    {
#pragma warning disable CA5350 // git's own hash.
        return Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));
#pragma warning restore CA5350
    }

    public void Dispose()
    {
        _stop.Cancel();
        _hub.Close();
        _store.Close();
        _stop.Dispose();
    }

    private static bool IsLarge(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".bin", StringComparison.Ordinal);

    private static string Start(HttpListener listener)
    {
        // The listener wants a number; a free one is asked for first.
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var address = $"http://127.0.0.1:{port}/";
        listener.Prefixes.Add(address);
        listener.Start();
        return address.TrimEnd('/');
    }

    private async Task Serve(HttpListener listener, Func<HttpListenerContext, Task> answer)
    {
        while (!_stop.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(async () =>
            {
                try
                {
                    await answer(context);
                    context.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
                {
                    // The other side went away, or was meant to be cut off.
                    context.Response.Abort();
                }
            });
        }
    }

    private async Task OfHub(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath.TrimStart('/');
        Remember($"{path} {context.Request.Headers["Authorization"]}");
        if (path.StartsWith("api/models/", StringComparison.Ordinal))
        {
            await Write(context, Listing?.Invoke() ?? (path.StartsWith($"api/models/{Id}/revision/", StringComparison.Ordinal) ? new(Body: Encoding.UTF8.GetBytes(List())) : new(404)));
            return;
        }

        var name = path.Split('/')[^1];
        if (!Files.ContainsKey(name))
            context.Response.StatusCode = 404;
        else if (IsLarge(name))
        {
            context.Response.StatusCode = 302;
            context.Response.Headers["Location"] = $"{StoreAddress}/{name}";
        }
        else
            await File(context, name);
    }

    private async Task OfStore(HttpListenerContext context)
    {
        var name = context.Request.Url!.AbsolutePath.TrimStart('/');
        Remember($"store {name} {context.Request.Headers["Range"]} {context.Request.Headers["Authorization"]}");
        await File(context, name);
    }

    private async Task File(HttpListenerContext context, string name)
    {
        var range = context.Request.Headers["Range"];
        var start = range == null || IgnoresRanges ? 0 : long.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
        if (Misbehave?.Invoke(name, start) is { } answer)
        {
            await Write(context, answer);
            return;
        }

        if (start > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers["Content-Range"] = $"bytes {start}-{Files[name].Length - 1}/{Files[name].Length}";
        }

        await Write(context, new(context.Response.StatusCode, Files[name][(int)start..]));
    }

    private static async Task Write(HttpListenerContext context, Answer answer)
    {
        var body = answer.Body ?? [];
        context.Response.StatusCode = answer.Status;
        foreach (var (key, value) in answer.Headers ?? [])
            context.Response.Headers[key] = value;
        context.Response.ContentLength64 = body.Length;
        await Task.Delay(answer.DelayMilliseconds);
        await context.Response.OutputStream.WriteAsync(body.AsMemory(0, answer.CutAfter ?? body.Length));
        if (answer.CutAfter != null)
        {
            await context.Response.OutputStream.FlushAsync();
            throw new IOException("cut");
        }
    }

    private string List() => $$"""{"sha": "{{Commit}}", "siblings": [{{string.Join(", ", Files.Select(f => Entry(f.Key, f.Value)))}}]}""";

    private static string Entry(string name, byte[] content) => IsLarge(name)
        ? $$$"""{"rfilename": "{{{name}}}", "size": {{{content.Length}}}, "blobId": "x", "lfs": {"sha256": "{{{Sha256(content)}}}", "size": {{{content.Length}}}, "pointerSize": 130}}"""
        : $$"""{"rfilename": "{{name}}", "size": {{content.Length}}, "blobId": "{{GitHash(content)}}"}""";

    private void Remember(string request)
    {
        lock (_lock)
            _requests.Add(request.TrimEnd());
    }
}
