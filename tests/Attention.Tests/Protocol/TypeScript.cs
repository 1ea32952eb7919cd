using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AttentionServer.Tests.Protocol;

/// <summary>Writes the message records of the server as TypeScript declarations.</summary>
internal static class TypeScript
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static string Of(IEnumerable<Type> records)
    {
        var text = new StringBuilder("// Generated from server/Server/Protocol by `npm run protocol`; edit the C# records instead.\n");
        foreach (var type in records.Where(t => !t.IsNested).OrderBy(t => t.Name, StringComparer.Ordinal))
            Declare(type, text);
        return text.ToString();
    }

    private static void Declare(Type type, StringBuilder text)
    {
        if (type.IsEnum)
        {
            text.Append($"\nexport type {type.Name} = {string.Join(" | ", Enum.GetNames(type).Select(n => $"'{Camel(n)}'"))};\n");
            return;
        }

        var cases = type.GetCustomAttributes<JsonDerivedTypeAttribute>().ToList();
        if (cases.Count > 0)
        {
            text.Append($"\nexport type {type.Name} =");
            foreach (var one in cases)
                text.Append($"\n  | {{ type: '{one.TypeDiscriminator}'; {string.Join(" ", Members(one.DerivedType))} }}".Replace(";  }", "; }", StringComparison.Ordinal));
            text.Append(";\n");
            return;
        }

        text.Append($"\nexport interface {type.Name} {{\n");
        foreach (var member in Members(type))
            text.Append($"  {member}\n");
        text.Append("}\n");
    }

    private static IEnumerable<string> Members(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.Name != "EqualityContract")
        .Select(p => $"{Camel(p.Name)}{(IsOptional(p) ? "?" : "")}: {Name(Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType, Nullability.Create(p))};");

    private static bool IsOptional(PropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) != null || Nullability.Create(property).ReadState == NullabilityState.Nullable;

    private static string Name(Type type, NullabilityInfo? nullability = null) =>
        type == typeof(string) ? "string"
        : type == typeof(bool) ? "boolean"
        : type.IsPrimitive ? "number"
        : type.IsArray && nullability?.ElementType?.ReadState == NullabilityState.Nullable ? $"({Name(Nullable.GetUnderlyingType(type.GetElementType()!) ?? type.GetElementType()!)} | null)[]"
        : type.IsArray ? Name(type.GetElementType()!) + "[]"
        : type.Name;

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}
