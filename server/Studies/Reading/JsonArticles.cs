using System.Text.Json;

namespace AttentionServer.Studies.Reading;

/// <summary>
/// The elements of the array "data" of a file in SQuAD's format, one after the other: a file of any size takes the memory
/// of its largest article.
/// </summary>
internal sealed class JsonArticles(DataFile file)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonFault.Deepest };

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _last;
    private bool _seen;
    private JsonReaderState _state = new(Options);
    private Phase _phase = Phase.Start;

    private enum Phase
    {
        Start,
        Members,
        Value,
        Data,
        Elements,
        After,
    }

    private enum Step
    {
        On,
        Short,
        Element,
        End,
    }

    /// <summary>The next element of "data"; null after the last, when the rest of the file has been read, too.</summary>
    public JsonDocument? Next()
    {
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _last, _state);
            JsonDocument? element = null;
            var step = Step.On;
            try
            {
                while (step == Step.On)
                {
                    // What lies half in the buffer is read again when more of it is there.
                    var ahead = reader;
                    step = Advance(ref ahead, out element);
                    if (step != Step.Short)
                        reader = ahead;
                }
            }
            catch (JsonException e)
            {
                var (problem, wayOut) = JsonFault.Explain(e);
                throw file.Wrong(problem, wayOut, DataFile.At(file.Path, e.LineNumber ?? 0, e.BytePositionInLine ?? 0), e);
            }

            _start += (int)reader.BytesConsumed;
            _state = reader.CurrentState;
            if (step == Step.Element)
                return element;
            if (step == Step.End)
                return null;
            Fill();
        }
    }

    private Step Advance(ref Utf8JsonReader reader, out JsonDocument? element)
    {
        element = null;
        if (!reader.Read())
            return _last && _phase == Phase.After ? Step.End : Step.Short;
        switch (_phase)
        {
            case Phase.Start:
                if (reader.TokenType != JsonTokenType.StartObject)
                    throw file.Wrong($"it holds {JsonKinds.Name(reader.TokenType)} and not an object with \"data\"", "write the questions in SQuAD's format, or one JSON object a line in a file named .jsonl");
                _phase = Phase.Members;
                return Step.On;
            case Phase.Members when reader.TokenType == JsonTokenType.EndObject:
                if (!_seen)
                    throw file.Wrong("\"data\" is missing from its object", "write the questions in SQuAD's format, or one JSON object a line in a file named .jsonl");
                _phase = Phase.After;
                return Step.On;
            case Phase.Members:
                if (reader.ValueTextEquals("data"u8) && _seen)
                    throw file.Wrong("it has \"data\" twice", "join the two arrays, or write two files");
                _phase = reader.ValueTextEquals("data"u8) ? Phase.Data : Phase.Value;
                return Step.On;
            case Phase.Value:
                if (!reader.TrySkip())
                    return Step.Short;
                _phase = Phase.Members;
                return Step.On;
            case Phase.Data:
                if (reader.TokenType != JsonTokenType.StartArray)
                    throw file.Wrong($"\"data\" is {JsonKinds.Name(reader.TokenType)} and not an array of articles", "write the questions in SQuAD's format", "data");
                (_phase, _seen) = (Phase.Elements, true);
                return Step.On;
            case Phase.Elements when reader.TokenType == JsonTokenType.EndArray:
                _phase = Phase.Members;
                return Step.On;
            case Phase.Elements:
                return JsonDocument.TryParseValue(ref reader, out element) ? Step.Element : Step.Short;
            default:
                return Step.On;
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length > Array.MaxLength / 2)
                throw file.Wrong("one of its articles is larger than a gigabyte", "divide it into several");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = file.Read(_buffer.AsSpan(_end));
        _end += read;
        if (read > 0)
            return;
        file.Finish();
        _last = true;
    }
}
