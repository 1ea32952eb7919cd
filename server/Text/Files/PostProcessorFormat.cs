namespace AttentionServer.Text;

/// <summary>The "post_processor" of tokenizer.json: where special tokens go, and whether ranges leave out spaces.</summary>
internal static class PostProcessorFormat
{
    public static (Template Template, RangeTrimmer? Trimmer) Read(JsonPart? part)
    {
        Template? template = null;
        RangeTrimmer? trimmer = null;
        if (part is { } present) Read(present, ref template, ref trimmer);
        return (template ?? Template.Bare, trimmer);
    }

    private static void Read(JsonPart part, ref Template? template, ref RangeTrimmer? trimmer)
    {
        var type = part.Get("type").Text();
        switch (type)
        {
            case "Sequence":
                foreach (var step in part.Get("processors").Items()) Read(step, ref template, ref trimmer);
                return;
            case "ByteLevel":
                trimmer = ReadTrimmer(part) ?? trimmer;
                return;
            case "RobertaProcessing":
                trimmer = ReadTrimmer(part) ?? trimmer;
                break;
        }
        if (template is not null) throw part.Error("adds special tokens a second time, which is not supported");
        template = type switch
        {
            "TemplateProcessing" => ReadTemplate(part),
            "BertProcessing" => Template.Bert(ReadToken(part.Get("cls")), ReadToken(part.Get("sep"))),
            "RobertaProcessing" => Template.Roberta(ReadToken(part.Get("cls")), ReadToken(part.Get("sep"))),
            _ => throw part.Unsupported("post-processor", type),
        };
    }

    private static RangeTrimmer? ReadTrimmer(JsonPart part) =>
        part.Find("trim_offsets")?.Flag() ?? true ? new RangeTrimmer(part.Find("add_prefix_space")?.Flag() ?? true) : null;

    private static Template ReadTemplate(JsonPart part)
    {
        var special = part.Find("special_tokens");
        return new Template(ReadParts(part.Get("single"), special, members: 1), ReadParts(part.Get("pair"), special, members: 2));
    }

    private static List<TemplatePart> ReadParts(JsonPart list, JsonPart? special, int members)
    {
        var parts = new List<TemplatePart>();
        foreach (var item in list.Items())
        {
            if (item.Find("Sequence") is { } sequence)
            {
                var typeId = sequence.Find("type_id")?.Integer() ?? 0;
                parts.Add(sequence.Get("id").Text() == "B" ? TemplatePart.Other(typeId) : TemplatePart.First(typeId));
                continue;
            }
            var token = item.Get("SpecialToken");
            var name = token.Get("id").Text();
            var definition = special?.Find(name) ?? throw token.Error($"names \"{name}\", which special_tokens does not define");
            var (ids, texts) = (definition.Get("ids").Items().ToList(), definition.Get("tokens").Items().ToList());
            if (ids.Count != texts.Count) throw definition.Error("should have as many ids as tokens");
            var type = token.Find("type_id")?.Integer() ?? 0;
            parts.AddRange(ids.Zip(texts, (id, text) => TemplatePart.Token(id.Integer(), text.Text(), type)));
        }
        var places = parts.Where(part => part.Special is null).ToLookup(part => part.Second);
        if (places[false].Count() != 1 || places[true].Count() != members - 1)
            throw list.Error(members == 1 ? "should have the text A once" : "should have the texts A and B once each");
        return parts;
    }

    /// <summary>A token written as ["[CLS]", 101].</summary>
    private static (int Id, string Text) ReadToken(JsonPart part)
    {
        var items = part.Items().ToList();
        if (items.Count != 2) throw part.Error("should be a list of a token and its id");
        return (items[1].Integer(), items[0].Text());
    }
}
