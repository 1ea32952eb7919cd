namespace AttentionServer.Text;

/// <summary>The "post_processor" of tokenizer.json, as far as it says where special tokens go.</summary>
internal static class TemplateFormat
{
    public static Template Read(JsonPart? part)
    {
        if (part is not { } present) return Template.Bare;
        var type = present.Get("type").Text();
        return type switch
        {
            "TemplateProcessing" => ReadTemplate(present),
            "BertProcessing" => Template.Bert(ReadToken(present.Get("cls")), ReadToken(present.Get("sep"))),
            _ => throw present.Unsupported("post-processor", type),
        };
    }

    private static Template ReadTemplate(JsonPart part)
    {
        var special = part.Find("special_tokens");
        return new Template(ReadParts(part.Get("single"), special), ReadParts(part.Get("pair"), special));
    }

    private static List<TemplatePart> ReadParts(JsonPart list, JsonPart? special)
    {
        var parts = new List<TemplatePart>();
        foreach (var item in list.Items())
        {
            if (item.Find("Sequence") is { } sequence)
            {
                var typeId = sequence.Find("type_id")?.Integer() ?? 0;
                parts.Add(sequence.Get("id").Text() == "B" ? TemplatePart.Other(typeId) : TemplatePart.First(typeId));
            }
            else
            {
                var token = item.Get("SpecialToken");
                var name = token.Get("id").Text();
                var definition = special?.Find(name) ?? throw token.Error($"names \"{name}\", which special_tokens does not define");
                parts.AddRange(definition.Get("ids").Items().Zip(definition.Get("tokens").Items(), (id, text) =>
                    TemplatePart.Token(id.Integer(), text.Text(), token.Find("type_id")?.Integer() ?? 0)));
            }
        }
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
