using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace AttentionServer.Models.Checkpoints;

/// <summary>
/// A whole file mapped read-only. Its bytes are pages of the operating system's cache: opening is immediate, and
/// two processes with the same model share the memory. A file must not be truncated while it is mapped.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _page;
    private readonly byte* _start;
    private int _disposed;

    /// <summary>Maps the file that <paramref name="path"/> names or links to.</summary>
    public MappedFile(string path)
    {
        Path = path;
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            try
            {
                Length = stream.Length;
                LastWriteUtc = File.GetLastWriteTimeUtc(stream.SafeFileHandle);
                if (Length > 0)
                {
                    _map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
                    _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
                    _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _page);
                    _start = _page + _view.PointerOffset;
                    ResidentPages.KeepSmall(_page, Length + _view.PointerOffset);
                }
            }
            catch
            {
                _view?.Dispose();
                _map?.Dispose();
                stream.Dispose();
                throw;
            }
            if (_map is null)
                stream.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new CheckpointException($"file: {path}: {e.Message.TrimEnd('.')}: check that it exists and may be read", e);
        }
    }

    /// <summary>The path it was opened with.</summary>
    public string Path { get; }

    /// <summary>Bytes in the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>When the file was last written, as of opening.</summary>
    public DateTime LastWriteUtc { get; }

    /// <summary>The address of a range that was checked to lie inside the file.</summary>
    public byte* At(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return _start + offset;
    }

    /// <summary>The same range as a span, for pieces of less than 2 GiB.</summary>
    public ReadOnlySpan<byte> Bytes(long offset, int length) => length == 0 ? [] : new(At(offset, length), length);

    /// <summary>Keeps the mapping alive until the returned hold is disposed, even if this file is disposed meanwhile.</summary>
    public Hold Keep()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return new Hold(_view?.SafeMemoryMappedViewHandle);
    }

    /// <summary>Takes the file's pages out of the process's resident memory; reading one brings it back.</summary>
    public void LetPagesGo()
    {
        if (_disposed != 0 || _view == null)
            return;
        using var hold = Keep();
        ResidentPages.LetGo(_page, Length + (_start - _page));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        // The view handle counts references: the pages go when the last hold does.
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _map?.Dispose();
    }

    /// <summary>A counted reference on the mapped pages.</summary>
    public readonly ref struct Hold
    {
        private readonly SafeBuffer? _handle;

        internal Hold(SafeBuffer? handle)
        {
            var added = false;
            handle?.DangerousAddRef(ref added);
            _handle = handle;
        }

        /// <summary>Lets go.</summary>
        public void Dispose() => _handle?.DangerousRelease();
    }
}
