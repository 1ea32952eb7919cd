using System.Security.Cryptography;
using AttentionServer.Models.Architectures;
using AttentionServer.Models.Catalog;

namespace AttentionServer.Models.Hub;

/// <summary>How far a download is.</summary>
public sealed record DownloadProgress(long Done, long Total, int FilesDone, int Files, string? Waiting = null)
{
    /// <summary>"123 of 440 MB", and what it waits for if it does.</summary>
    public override string ToString() => Waiting ?? $"{Done / 1e6:0} of {Total / 1e6:0} MB, file {Math.Min(FilesDone + 1, Files)} of {Files}";
}

/// <summary>A model that is now in the cache.</summary>
public sealed record DownloadedModel(string Id, string Folder, string Commit, long Bytes);

/// <summary>
/// Fetches a model into the cache of Hugging Face's tools, in their layout, so that they find it there: blobs by hash, and
/// snapshots of links to them. A blob appears when it is whole and right, a snapshot when all its blobs are there; what is
/// interrupted goes on where it stopped, and several processes at once end with one good copy.
/// </summary>
public sealed class HubDownload(HubSettings settings)
{
    private const int AtOnce = 4;
    private const int Tries = 6;
    private const long Margin = 64 << 20;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(30);

    /// <summary>Downloads what is not there yet of <c>owner/name[@revision]</c>.</summary>
    public async Task<DownloadedModel> RunAsync(string name, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var at = name.IndexOf('@', StringComparison.Ordinal);
        var (id, revision) = at < 0 ? (name, "main") : (name[..at], name[(at + 1)..]);
        if (!HubCache.IsId(id) || !HubCache.IsRevision(revision))
            throw new HubException($"model '{name}': it is no name on the Hub: write owner/name or owner/name@revision");

        using var client = new HubClient(settings);
        var repository = await Patiently(() => client.ListAsync(id, revision, cancellation), progress, id, cancellation).ConfigureAwait(false);
        var needed = HubFile.Needed(repository.Files);
        if (needed.Count == 0)
            throw NothingUsable(id, repository);
        foreach (var file in needed)
            if (file.Size < 0 || !file.HasProperHash)
                throw new HubException($"model '{id}': {settings.Endpoint}: its list gives {file.Name} an impossible size or hash: is HF_ENDPOINT a Hub?");
        var config = needed.FirstOrDefault(f => f.Name == "config.json") ?? throw new HubException($"model '{id}': {settings.Endpoint}: it has no config.json: choose a model in the format of Transformers");

        var model = new HubCache(settings.Cache).FolderOf(id);
        try
        {
            Directory.CreateDirectory(Path.Combine(model, "blobs"));
            var state = new State(this, client, id, repository.Commit, model, needed, progress, cancellation);
            // The configuration first: a family that cannot be computed should cost no more than that.
            await state.FetchAsync(config).ConfigureAwait(false);
            Supported(id, state.BlobOf(config));
            state.CheckSpace();
            await Parallel.ForEachAsync(needed, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (file, _) => await state.FetchAsync(file).ConfigureAwait(false)).ConfigureAwait(false);
            return new(name, Link(model, revision, repository.Commit, needed), repository.Commit, state.Fetched);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"model '{id}': {settings.Cache}: it cannot be written ({e.Message.TrimEnd('.')}): check the folder and the free space", e);
        }
    }

    private static void Supported(string id, string config)
    {
        var type = ModelConfig.Parse(File.ReadAllText(config), id).ModelType;
        if (!ArchitectureRegistry.ModelTypes.Contains(type))
            throw new HubException($"model '{id}': model_type '{type}': it is of a family that cannot be computed: supported are {string.Join(", ", ArchitectureRegistry.ModelTypes)}");
    }

    private HubException NothingUsable(string id, HubRepository repository)
    {
        var instead = repository.Files.Select(f => f.Name).Where(n => n.EndsWith(".h5", StringComparison.Ordinal) || n.EndsWith(".msgpack", StringComparison.Ordinal) || n.EndsWith(".gguf", StringComparison.Ordinal) || n.EndsWith(".onnx", StringComparison.Ordinal)).Take(3).ToList();
        return new($"model '{id}': {settings.Endpoint}: it has no model.safetensors and no pytorch_model.bin{(instead.Count > 0 ? $", only {string.Join(", ", instead)}" : "")}: choose a model in one of these formats");
    }

    /// <summary>Waits when the Hub asks to, tries again when a connection breaks, and says at last what is wrong.</summary>
    private async Task<T> Patiently<T>(Func<Task<T>> ask, IProgress<DownloadProgress>? progress, string id, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (HubMissingException e)
            {
                var near = NearNames.Of(e.Id, new HubCache(settings.Cache).List().Select(c => c.Id));
                throw new HubException($"{e.Message}: {(near.Count > 0 ? $"in the cache there are {string.Join(", ", near)}" : "check the name")}", e);
            }
            catch (HubBusyException e) when (attempt < Tries && (e.After ?? TimeSpan.Zero) <= LongestWait)
            {
                var wait = e.After ?? Pause(attempt);
                progress?.Report(new(0, 0, 0, 0, $"the Hub is busy; waiting {Math.Max(1, wait.TotalSeconds):0} s"));
                await Task.Delay(wait, cancellation).ConfigureAwait(false);
            }
            catch (HubBusyException e)
            {
                throw new HubException(e.Message, e);
            }
            catch (Exception e) when (e is HttpRequestException or HttpIOException or StalledException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                if (attempt >= Tries)
                    throw new HubException($"model '{id}': {settings.Endpoint}: the connection fails ({e.Message.TrimEnd('.')}): check the network, HF_ENDPOINT and the proxy, and try again; what was fetched is kept", e);
                progress?.Report(new(0, 0, 0, 0, "the connection broke; trying again"));
                await Task.Delay(Pause(attempt), cancellation).ConfigureAwait(false);
            }
        }
    }

    private static TimeSpan Pause(int attempt) => TimeSpan.FromMilliseconds(250 * Math.Pow(2, attempt - 1));

    /// <summary>Links the blobs into a snapshot, the configuration last: a snapshot with one is complete.</summary>
    private static string Link(string model, string revision, string commit, IReadOnlyList<HubFile> files)
    {
        var snapshot = Path.Combine(model, "snapshots", commit);
        Directory.CreateDirectory(snapshot);
        foreach (var file in files.OrderBy(f => f.Name == "config.json"))
        {
            var link = Path.Combine(snapshot, file.Name);
            if (File.Exists(link))
                continue;
            var temporary = $"{link}.{Guid.NewGuid():n}.part";
            try
            {
                File.CreateSymbolicLink(temporary, Path.Combine("..", "..", "blobs", file.Hash));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                // Windows lets only some users make links; Hugging Face's tools copy there too.
                File.Copy(Path.Combine(model, "blobs", file.Hash), temporary);
            }

            File.Move(temporary, link, overwrite: true);
        }

        if (revision != commit)
        {
            var reference = Path.Combine(model, "refs", revision);
            Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
            var temporary = $"{reference}.{Guid.NewGuid():n}.part";
            File.WriteAllText(temporary, commit);
            File.Move(temporary, reference, overwrite: true);
        }

        return snapshot;
    }

    private sealed class StalledException() : Exception("nothing came for 30 seconds");

    /// <summary>One download under way.</summary>
    private sealed class State(HubDownload owner, HubClient client, string id, string commit, string model, IReadOnlyList<HubFile> files, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        private readonly long _total = files.Sum(f => f.Size);
        private long _done;
        private long _fetched;
        private int _filesDone;
        private long _reported;

        public long Fetched => _fetched;

        public string BlobOf(HubFile file) => Path.Combine(model, "blobs", file.Hash);

        public void CheckSpace()
        {
            var missing = files.Where(f => !IsWhole(f)).Sum(f => f.Size - PartOf(f));
            var free = new DriveInfo(Path.GetFullPath(model)).AvailableFreeSpace;
            if (free < missing + Margin)
                throw new HubException($"model '{id}': {owner.Cache}: {missing / 1e6:0} MB are to be fetched and {free / 1e6:0} MB are free: make room, or set HF_HUB_CACHE to another disk");
        }

        public async Task FetchAsync(HubFile file)
        {
            if (!IsWhole(file))
            {
                using var held = await Lock(file).ConfigureAwait(false);
                // Another process may have fetched it while this one waited.
                if (!IsWhole(file))
                    await owner.Patiently(() => Continue(file), progress, id, cancellation).ConfigureAwait(false);
            }

            Interlocked.Increment(ref _filesDone);
            Report(always: true);
        }

        private bool IsWhole(HubFile file) => File.Exists(BlobOf(file)) && new FileInfo(BlobOf(file)).Length == file.Size;

        private string Incomplete(HubFile file) => $"{BlobOf(file)}.incomplete";

        private long PartOf(HubFile file) => File.Exists(Incomplete(file)) ? Math.Min(file.Size, new FileInfo(Incomplete(file)).Length) : 0;

        /// <summary>One process at a time fetches a blob; the lock goes with the process, however it ends.</summary>
        private async Task<FileStream> Lock(HubFile file)
        {
            var path = Path.Combine(owner.Cache, ".locks", Path.GetFileName(model), $"{file.Hash}.lock");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            while (true)
            {
                try
                {
                    return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException) when (Directory.Exists(Path.GetDirectoryName(path)))
                {
                    progress?.Report(new(_done, _total, _filesDone, files.Count, "another process is fetching this model; waiting for it"));
                    await Task.Delay(200, cancellation).ConfigureAwait(false);
                }
            }
        }

        /// <summary>Goes on with a file where it stopped, and puts it in its place when it is whole and its hash is right.</summary>
        private async Task<bool> Continue(HubFile file)
        {
            using var hash = file.StartHash();
            await using (var target = new FileStream(Incomplete(file), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1 << 16))
            {
                if (target.Length > file.Size)
                    target.SetLength(0);
                var start = await Reread(target, hash).ConfigureAwait(false);
                if (start < file.Size)
                    await Append(file, target, hash, start).ConfigureAwait(false);
            }

            if (!Convert.ToHexStringLower(hash.GetHashAndReset()).Equals(file.Hash, StringComparison.Ordinal))
            {
                File.Delete(Incomplete(file));
                throw new HubException($"model '{id}': {file.Name}: what came has another checksum than the Hub announces, and was thrown away: try again; if it stays so, the network changes files");
            }

            File.Move(Incomplete(file), BlobOf(file), overwrite: true);
            return true;
        }

        private async Task<long> Reread(FileStream target, IncrementalHash hash)
        {
            var buffer = new byte[1 << 20];
            for (int read; (read = await target.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
                hash.AppendData(buffer, 0, read);
            return target.Length;
        }

        private async Task Append(HubFile file, FileStream target, IncrementalHash hash, long start)
        {
            using var response = await client.OpenAsync(id, commit, file, start, cancellation).ConfigureAwait(false);
            var written = start;
            if (start > 0 && response.StatusCode != System.Net.HttpStatusCode.PartialContent)
            {
                // The server sends the whole file again.
                hash.GetHashAndReset();
                if (!file.Large)
                    hash.AppendData(System.Text.Encoding.ASCII.GetBytes($"blob {file.Size}\0"));
                target.SetLength(0);
                written = 0;
            }

            target.Position = written;
            await using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var buffer = new byte[1 << 17];
            while (await Next(body, buffer).ConfigureAwait(false) is var read and > 0)
            {
                written += read;
                if (written > file.Size)
                {
                    target.SetLength(0);
                    throw new HubException($"model '{id}': {file.Name}: more came than the {file.Size} bytes the Hub announces, and was thrown away: try again");
                }

                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                Interlocked.Add(ref _done, read);
                Interlocked.Add(ref _fetched, read);
                Report(always: false);
            }

            await target.FlushAsync(cancellation).ConfigureAwait(false);
            if (written < file.Size)
                throw new HttpIOException(HttpRequestError.ResponseEnded, $"{file.Name} ended after {written} of {file.Size} bytes");
        }

        private async Task<int> Next(Stream body, byte[] buffer)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Stalled);
            try
            {
                return await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new StalledException();
            }
            catch (IOException e) when (e is not HttpIOException)
            {
                throw new HttpIOException(HttpRequestError.ResponseEnded, e.Message, e);
            }
        }

        private void Report(bool always)
        {
            var now = Environment.TickCount64;
            if (!always && now - Interlocked.Read(ref _reported) < 100)
                return;
            Interlocked.Exchange(ref _reported, now);
            // What was there already counts as done.
            var done = files.Sum(f => IsWhole(f) ? f.Size : PartOf(f));
            progress?.Report(new(done, _total, _filesDone, files.Count));
        }
    }

    private string Cache => settings.Cache;
}
