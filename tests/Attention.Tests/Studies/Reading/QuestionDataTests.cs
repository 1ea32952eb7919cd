using System.Text.Json;
using AttentionServer.Studies.Reading;
using AttentionServer.Text;

namespace AttentionServer.Tests.Studies.Reading;

public sealed class QuestionDataTests : IDisposable
{
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _folder = Directory.CreateTempSubdirectory("attention-data-").FullName;

    [Fact]
    public void Squad_1_and_2_are_read_with_places_and_ranges()
    {
        var file = Write("q.json", """
            {"data": [
              {"title": "x", "paragraphs": [
                {"context": "Ann saw Bob.", "qas": [
                  {"id": "1", "question": "Who saw?", "answers": [{"text": "Ann", "answer_start": 0}, {"answer_start": 0, "text": "Ann"}]},
                  {"id": "2", "question": "Who left?", "answers": [], "plausible_answers": [{"text": "Bob", "answer_start": 8}], "is_impossible": true}]},
                {"context": "He ran.", "qas": [{"id": "3", "is_impossible": false, "question": "Did what?", "answers": [{"text": "ran", "answer_start": 3}]}]}]}],
             "version": "v2.0"}
            """);
        var questions = QuestionData.Read([file]).ToList();
        Assert.Equal(["1", "2", "3"], questions.Select(q => q.Id));
        Assert.Equal([false, true, false], questions.Select(q => q.Impossible));
        Assert.Equal(["Ann saw Bob.", "Ann saw Bob.", "He ran."], questions.Select(q => q.Passage));
        Assert.Equal([new GoldAnswer("Ann", new TextRange(0, 3)), new GoldAnswer("Ann", new TextRange(0, 3))], questions[0].Answers);
        Assert.Empty(questions[1].Answers);
        Assert.Equal(new Place(file, "data[0].paragraphs[1].qas[0]"), questions[2].Where);
        Assert.Equal("Did what?", questions[2].Text);
    }

    [Theory]
    [InlineData("\"Bob\", \"Ann\"", 8)]
    [InlineData("{\"text\": \"Bob\", \"answer_start\": 8}, \"Ann\"", 8)]
    public void Lines_hold_answers_as_texts_or_with_places(string answers, int start)
    {
        var file = Write("q.jsonl", $$"""{"context": "Ann saw Bob.", "id": "é", "question": "Who?", "answers": [{{answers}}]}""" + "\r\n");
        var question = QuestionData.Read([file]).Single();
        Assert.Equal((start, "Bob", "line 1", "é"), (question.Answers[0].Range.Start, question.Answers[0].Text, question.Where.Path, question.Id));
    }

    [Fact]
    public void Lines_as_the_datasets_library_writes_them_are_read_and_known_without_a_name()
    {
        var file = Write("squad.json", """
            {"id": "1", "title": "x", "context": "Ann saw Bob.", "question": "Who?", "answers": {"text": ["Ann", "Bob"], "answer_start": [0, 8]}}
            {"id": "2", "title": "x", "context": "Ann saw Bob.", "question": "Who?", "answers": {"text": [], "answer_start": []}}
            """);
        var questions = QuestionData.Read([file]).ToList();
        Assert.Equal([new GoldAnswer("Ann", new TextRange(0, 3)), new GoldAnswer("Bob", new TextRange(8, 11))], questions[0].Answers);
        Assert.Equal([false, true], questions.Select(q => q.Impossible));
    }

    [Theory]
    [InlineData(6, 8)] // code points, as SQuAD counts
    [InlineData(8, 8)] // UTF-16 units, as other tools do
    public void Places_beyond_the_basic_plane_are_found_by_either_count(int said, int start)
    {
        var file = Write("q.jsonl", $$"""{"id": "1", "question": "Who?", "context": "😀😀 and Bob, 😀", "answers": [{"text": "d", "answer_start": {{said - 1}}}, {"text": "d Bob", "answer_start": {{said - 1}}}]}""");
        var question = QuestionData.Read([file], new SkippedQuestions()).Single();
        Assert.Equal("d Bob", question.Passage[question.Answers[1].Range.Start..question.Answers[1].Range.End]);
        Assert.Equal(start - 1, question.Answers[1].Range.Start);
    }

    [Fact]
    public void A_byte_order_mark_and_other_line_ends_are_accepted()
    {
        var bytes = System.Text.Encoding.UTF8.Preamble.ToArray().Concat(System.Text.Encoding.UTF8.GetBytes("{\"data\":\r\n [{\"paragraphs\": [{\"context\": \"Ann\", \"qas\": [{\"id\": \"1\", \"question\": \"Who?\", \"answers\": [{\"text\": \"Ann\", \"answer_start\": 0}]}]}]}]}\r\n")).ToArray();
        var path = Path.Combine(_folder, "q.json");
        File.WriteAllBytes(path, bytes);
        Assert.Single(QuestionData.Read([path]));
    }

    [Fact]
    public void A_passage_of_a_million_characters_is_accepted()
    {
        var passage = string.Concat(Enumerable.Repeat("漢字 and so on, ", 80_000)) + "Ann.";
        var file = Write("q.json", JsonSerializer.Serialize(new { data = new[] { new { paragraphs = new[] { new { context = passage, qas = new[] { new { id = "1", question = "Who?", answers = new[] { new { text = "Ann", answer_start = passage.Length - 4 } } } } } } } } }));
        Assert.True(passage.Length > 1 << 20);
        var question = QuestionData.Read([file]).Single();
        Assert.Equal((passage, passage.Length - 4), (question.Passage, question.Answers[0].Range.Start));
    }

    [Fact]
    public void Files_of_any_length_are_read_whole_wherever_reads_happen_to_end()
    {
        // Characters of one to four bytes, so that every border of the 64 KiB reads falls into one now and then.
        var random = new Random(5);
        for (var round = 0; round < 40; round++)
        {
            var passages = Enumerable.Range(0, 1 + random.Next(9)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(20_000)).Select(_ => random.Next(4) switch { 0 => "a", 1 => "é", 2 => "漢", _ => "😀" })) + "Ann").ToList();
            var lines = passages.Select((passage, i) => JsonSerializer.Serialize(new { id = $"{i}", question = "Who?", context = passage, answers = new[] { "Ann" } }, Unescaped)).ToList();
            var articles = lines.Select(line => $"{{\"paragraphs\": [{{\"context\": {JsonDocument.Parse(line).RootElement.GetProperty("context").GetRawText()}, \"qas\": [{line.Replace("[\"Ann\"]", "[], \"is_impossible\": true", StringComparison.Ordinal)}]}}]}}");
            var json = Write("q.json", $"{{\"before\": [[{new string('1', random.Next(70_000))}]], \"data\": [{string.Join(",\n", articles)}], \"after\": \"é\"}}");
            var jsonl = Write("q.jsonl", string.Join('\n', lines));
            Assert.Equal(passages, QuestionData.Read([json]).Select(q => q.Passage));
            Assert.Equal(passages, QuestionData.Read([jsonl]).Select(q => q.Passage));
        }
    }

    [Fact]
    public void Reading_ends_when_it_is_cancelled()
    {
        var file = Write("q.jsonl", string.Join('\n', Enumerable.Range(0, 100).Select(i => $$"""{"id": "{{i}}", "question": "Who?", "context": "Ann", "answers": ["Ann"]}""")));
        using var cancellation = new CancellationTokenSource();
        var read = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var unused in QuestionData.Read([file], null, cancellation.Token))
                if (++read == 10)
                    cancellation.Cancel();
        });
        Assert.Equal(10, read);
    }

    [SquadFact]
    public void All_of_squad_is_read()
    {
        var questions = SharedData.Dev1;
        Assert.Equal((10_570, 2_067), (questions.Count, questions.Select(q => q.Passage).Distinct().Count()));
        Assert.All(questions, q => Assert.All(q.Answers, a => Assert.Equal(a.Text, q.Passage[a.Range.Start..a.Range.End])));
        var second = SharedData.Dev2;
        Assert.Equal((11_873, 5_945), (second.Count, second.Count(q => q.Impossible)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
