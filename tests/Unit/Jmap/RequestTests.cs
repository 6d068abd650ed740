using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Sternpost.Jmap;
using Sternpost.Jmap.Methods;
using Sternpost.Jmap.Protocol;

namespace Sternpost.Unit.Jmap;

/// <summary>Requests as strangers may write them (RFC 8620 §3).</summary>
public sealed class RequestTests
{
    private static readonly JmapOptions Options = new() { HostName = "mail.example" };

    [Theory]
    [InlineData("", "notJSON")]
    [InlineData("{", "notJSON")]
    [InlineData("{\"using\":[],\"using\":[],\"methodCalls\":[]}", "notJSON")]
    [InlineData("{\"using\":[\"\\ud800\"],\"methodCalls\":[]}", "notJSON")]
    [InlineData("[]", "notRequest")]
    [InlineData("{\"foo\":\"bar\"}", "notRequest")]
    [InlineData("{\"using\":\"x\",\"methodCalls\":[]}", "notRequest")]
    [InlineData("{\"using\":[],\"methodCalls\":[[\"Core/echo\",{}]]}", "notRequest")]
    [InlineData("{\"using\":[],\"methodCalls\":[[\"Core/echo\",[],\"c\"]]}", "notRequest")]
    [InlineData("{\"using\":[],\"methodCalls\":[],\"createdIds\":{\"a\":1}}", "notRequest")]
    [InlineData("{\"using\":[\"urn:x\"],\"methodCalls\":[]}", "unknownCapability")]
    public void What_is_no_request_is_refused_by_name(string text, string problem)
    {
        var refused = Assert.Throws<RequestProblem>(() => JmapRequest.Read(Encoding.UTF8.GetBytes(text), Options));
        Assert.Equal("urn:ietf:params:jmap:error:" + problem, refused.ToJson()["type"]!.GetValue<string>());
        Assert.Equal(400, refused.Status);
    }

    [Fact]
    public void Budgets_hold()
    {
        var calls = string.Join(',', Enumerable.Repeat("[\"Core/echo\",{},\"c\"]", Options.MaxCallsInRequest + 1));
        var limit = Assert.Throws<RequestProblem>(() => Read($"{{\"using\":[],\"methodCalls\":[{calls}]}}"));
        Assert.Equal("maxCallsInRequest", limit.ToJson()["limit"]!.GetValue<string>());
        Assert.Throws<RequestProblem>(() => Read("{\"using\":[],\"methodCalls\":[[\"x\"," + string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200) + ",\"c\"]]}"));
    }

    [Fact]
    public void Whatever_comes_in_a_request_or_a_problem_comes_out()
    {
        Gen.OneOf(Gen.Byte.Array[0, 200], Gen.String[Gen.Char["{}[]\",:ab01\\u\u00e9"], 0, 80].Select(Encoding.UTF8.GetBytes)).Sample(octets =>
        {
            try
            {
                Assert.NotNull(JmapRequest.Read(octets, Options));
            }
            catch (RequestProblem)
            {
                // The only way out.
            }
        }, iter: 20_000, threads: 1);
    }

    [Theory]
    [InlineData("/ids", "[\"a\",\"b\"]")]
    [InlineData("/ids/1", "\"b\"")]
    [InlineData("/list/*/id", "[1,2]")]
    [InlineData("/list/*/tags", "[\"x\",\"y\",\"z\"]")]
    [InlineData("/a~1b/m~0n", "7")]
    [InlineData("/empty/*/id", "[]")]
    [InlineData("", "{\"ids\":[\"a\",\"b\"],\"list\":[{\"id\":1,\"tags\":[\"x\"]},{\"id\":2,\"tags\":[\"y\",\"z\"]}],\"a/b\":{\"m~n\":7},\"empty\":[]}")]
    public void References_lead_where_their_path_says(string path, string value) => Assert.Equal(value, Resolve(path)["ids"]!.ToJsonString());

    [Theory]
    [InlineData("ids")]
    [InlineData("/ids/2")]
    [InlineData("/ids/01")]
    [InlineData("/ids/-")]
    [InlineData("/nothing")]
    [InlineData("/list/*/nothing")]
    [InlineData("/ids/0/0")]
    public void References_that_lead_nowhere_are_refused(string path) => Assert.Equal("invalidResultReference", Assert.Throws<MethodError>(() => Resolve(path)).Type);

    [Fact]
    public void A_reference_must_name_the_answer_it_means_and_stand_alone()
    {
        Assert.Equal("invalidResultReference", Assert.Throws<MethodError>(() => Resolve("/ids", name: "Other/get")).Type);
        Assert.Equal("invalidResultReference", Assert.Throws<MethodError>(() => Resolve("/ids", call: "z")).Type);
        var both = new JsonObject { ["ids"] = null, ["#ids"] = new JsonObject() };
        Assert.Equal("invalidArguments", Assert.Throws<MethodError>(() => ResultReferences.Resolve(both, [])).Type);
    }

    [Fact]
    public void A_reference_cannot_gather_without_end()
    {
        // Each level of "*" multiplies; the answer that is read has ten thousand values.
        var rows = new JsonArray([.. Enumerable.Range(0, 400).Select(_ => (JsonNode)new JsonArray([.. Enumerable.Range(0, 400).Select(i => (JsonNode)i)]))]);
        var answers = new[] { new Invocation("Foo/get", new JsonObject { ["rows"] = rows }, "a") };
        var arguments = new JsonObject { ["#ids"] = new JsonObject { ["resultOf"] = "a", ["name"] = "Foo/get", ["path"] = "/rows/*/*" } };
        Assert.Equal("invalidResultReference", Assert.Throws<MethodError>(() => ResultReferences.Resolve(arguments, answers)).Type);
    }

    [Theory]
    [InlineData("{\"a\":1}", "{\"a\":2}", "{\"a\":2}")]
    [InlineData("{\"k\":{\"x\":true}}", "{\"k/y\":true}", "{\"k\":{\"x\":true,\"y\":true}}")]
    [InlineData("{\"k\":{\"x\":true}}", "{\"k/x\":null}", "{\"k\":{}}")]
    [InlineData("{\"k\":{\"x\":true}}", "{\"k\":null}", "{\"k\":null}")]
    [InlineData("{\"k\":{\"a/b\":1}}", "{\"k/a~1b\":2}", "{\"k\":{\"a/b\":2}}")]
    public void Patches_change_what_they_name(string before, string patch, string after) =>
        Assert.Equal(after, Patch.Apply(JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(patch)!.AsObject()).ToJsonString());

    [Theory]
    [InlineData("{\"k\":{}}", "{\"k\":{},\"k/x\":1}")]
    [InlineData("{}", "{\"k/x\":1}")]
    [InlineData("{\"k\":[1]}", "{\"k/0\":1}")]
    public void Patches_that_contradict_themselves_or_lead_nowhere_are_refused(string before, string patch) =>
        Assert.Equal("invalidPatch", Assert.Throws<SetError>(() => Patch.Apply(JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(patch)!.AsObject())).Type);

    [Theory]
    [InlineData("M12", true)]
    [InlineData("M0", true)]
    [InlineData("M012", false)]
    [InlineData("M", false)]
    [InlineData("M-1", false)]
    [InlineData("M+1", false)]
    [InlineData("T12", false)]
    [InlineData("M99999999999999999999", false)]
    public void An_id_has_one_spelling(string text, bool isOne) => Assert.Equal(isOne, ObjectId.TryRead(ObjectId.Email, text, out _));

    private static JmapRequest Read(string text) => JmapRequest.Read(Encoding.UTF8.GetBytes(text), Options);

    private static JsonObject Resolve(string path, string name = "Foo/query", string call = "a")
    {
        var answer = JsonNode.Parse("{\"ids\":[\"a\",\"b\"],\"list\":[{\"id\":1,\"tags\":[\"x\"]},{\"id\":2,\"tags\":[\"y\",\"z\"]}],\"a/b\":{\"m~n\":7},\"empty\":[]}")!.AsObject();
        var arguments = new JsonObject { ["#ids"] = new JsonObject { ["resultOf"] = call, ["name"] = name, ["path"] = path } };
        return ResultReferences.Resolve(arguments, [new Invocation("Foo/query", answer, "a")]);
    }
}
