namespace AttentionServer.Studies.Reading;

/// <summary>The lines of a file, as bytes without their ends; each is valid until the next is asked for.</summary>
internal sealed class DataLines(DataFile file)
{
    private byte[] _buffer = new byte[1 << 16];

    public IEnumerable<ReadOnlyMemory<byte>> All()
    {
        int start = 0, end = 0;
        while (true)
        {
            var length = _buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                yield return _buffer.AsMemory(start, length);
                start += length + 1;
                continue;
            }

            _buffer.AsSpan(start, end - start).CopyTo(_buffer);
            (start, end) = (0, end - start);
            if (end == _buffer.Length)
            {
                if (_buffer.Length > Array.MaxLength / 2)
                    throw file.Wrong("one of its lines is larger than a gigabyte", "write a question a line");
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            var read = file.Read(_buffer.AsSpan(end));
            if (read == 0)
            {
                file.Finish();
                if (end > 0)
                    yield return _buffer.AsMemory(0, end);
                yield break;
            }

            end += read;
        }
    }
}
