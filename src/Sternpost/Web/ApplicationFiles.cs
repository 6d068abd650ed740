using System.Collections.Frozen;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Sternpost.Web;

/// <summary>
/// The files of the webmail, out of the one file they come in. Each is sent compressed where the browser takes it, with a tag of its content; those
/// whose name says their content are kept by browsers for good, the rest is asked after each time.
/// </summary>
internal sealed partial class ApplicationFiles
{
    // More than the application has, so that a broken pack cannot fill the memory.
    private const long MostOctets = 64 * 1024 * 1024;

    // What runs is the application's own, from here; nothing is loaded from elsewhere, and nothing inline styles, or runs but the one start of the page.
    private const string Policy =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{start}; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; frame-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

    private const string Worker = "/sw.js", Starter = "/early.js", Program = "/_framework/blazor.webassembly.js", StarterSource = " src=\"early.js\"", EndOfStarter = "</script>";

    private static readonly string[] Places = ["/mail", "/label", "/search", "/settings", "/compose", "/contacts"];
    private readonly FrozenDictionary<string, SiteFile> files;
    private readonly string policy;

    private ApplicationFiles(Dictionary<string, SiteFile> files, string policy)
    {
        this.files = files.ToFrozenDictionary(StringComparer.Ordinal);
        this.policy = policy;
    }

    /// <summary>The file beside the program.</summary>
    public static string PackedFile => Path.Combine(AppContext.BaseDirectory, "webmail.zip");

    /// <summary>Reads the pack; null where there is none, as in a program built without the webmail.</summary>
    public static ApplicationFiles? Open(string path)
    {
        if (!File.Exists(path)) return null;
        var files = new Dictionary<string, SiteFile>(StringComparer.Ordinal);
        using var archive = ZipFile.OpenRead(path);
        if (archive.Entries.Sum(entry => entry.Length) > MostOctets) throw new InvalidDataException($"{path} is not the webmail.");
        foreach (var entry in archive.Entries.Where(entry => entry.Length > 0 && !entry.Name.EndsWith(".br", StringComparison.Ordinal)))
        {
            var packed = archive.GetEntry(entry.FullName + ".br");
            files["/" + entry.FullName] = new SiteFile(entry.Name, Read(entry), packed is null ? null : Read(packed));
        }
        if (!files.TryGetValue("/index.html", out var page)) return null;
        var (bundle, layout) = Bundle(files);
        files["/_framework/" + bundle.Name] = bundle;
        var allowed = "";
        if (files.Remove(Starter, out var starter) && files.Remove(Program, out var program) && files.Keys.FirstOrDefault(path => Native().IsMatch(path)) is { } native)
        {
            // In the page, so that it asks before anything else is there. The policy lets this text run and no other (CSP Level 3 §8.3).
            starter = Written(Written(Written(starter, "assemblies", "/_framework/" + bundle.Name), "layout", layout), "native", native);
            var text = Encoding.UTF8.GetString(starter.Content) + Encoding.UTF8.GetString(program.Content);
            files["/index.html"] = page = new SiteFile(page.Name, Encoding.UTF8.GetBytes(WithStarter(Encoding.UTF8.GetString(page.Content), text)), null);
            allowed = $" 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
        }
        if (files.TryGetValue(Worker, out var worker)) files[Worker] = Versioned(worker, files);
        page.Link = Preloads(files.Keys);
        return new ApplicationFiles(files, Policy.Replace("{start}", allowed, StringComparison.Ordinal));
    }

    private static string WithStarter(string page, string text)
    {
        if (text.Contains(EndOfStarter, StringComparison.OrdinalIgnoreCase)) throw new InvalidDataException("The start of the webmail cannot be written into its page.");
        var source = page.IndexOf(StarterSource, StringComparison.Ordinal);
        var end = page.IndexOf(EndOfStarter, source, StringComparison.Ordinal);
        return page[..source] + page[(source + StarterSource.Length)..end] + text + page[end..];
    }

    // The worker keeps the files of one version together: it is told which they are, and is another file where any of them is.
    private static SiteFile Versioned(SiteFile worker, Dictionary<string, SiteFile> files)
    {
        var others = files.Where(file => file.Key != Worker && !Assembly().IsMatch(file.Key)).OrderBy(file => file.Key, StringComparer.Ordinal).ToList();
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(',', others.Select(file => file.Value.Tag)))).AsSpan(0, 8));
        var names = string.Join("', '", others.Select(file => file.Key == "/index.html" ? "/" : file.Key));
        return Written(Written(worker, "version", version), "files", names);
    }

    private static SiteFile Written(SiteFile file, string name, string value) =>
        new(file.Name, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file.Content).Replace("{{" + name + "}}", value, StringComparison.Ordinal)), null);

    // Thirty files cost a browser more in asking than in bytes: the octets of all assemblies in one, which early.js takes apart by the layout, the name and
    // size of each.
    private static (SiteFile File, string Layout) Bundle(Dictionary<string, SiteFile> files)
    {
        var assemblies = files.Where(file => Assembly().IsMatch(file.Key)).OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => file.Value).ToList();
        using var content = new MemoryStream();
        foreach (var file in assemblies) content.Write(file.Content);
        var octets = content.ToArray();
        var layout = string.Join(' ', assemblies.Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name} {file.Content.Length}")));
        return (new SiteFile($"assemblies.{Convert.ToHexStringLower(SHA256.HashData(octets).AsSpan(0, 5))}.dat", octets, null), layout);
    }

    [GeneratedRegex(@"^/_framework/(?!dotnet\.)[A-Za-z0-9.]+\.[a-z0-9]{10}\.wasm$", RegexOptions.CultureInvariant)]
    private static partial Regex Assembly();

    // The programs that the page asks for only through others, named at once so that nobody waits for one to learn of the next. What is large is asked
    // for by the start of the page itself: what a browser loads ahead is copied once more before it is used.
    private static string Preloads(IEnumerable<string> paths) => string.Join(", ", paths.Order(StringComparer.Ordinal).Where(path => Preloaded().IsMatch(path)).Select(path => $"<{path}>; rel=modulepreload"));

    [GeneratedRegex(@"^/_framework/dotnet(?:\.native|\.runtime)?(?:\.[a-z0-9]{10})?\.js$", RegexOptions.CultureInvariant)]
    private static partial Regex Preloaded();

    [GeneratedRegex(@"^/_framework/dotnet\.native\.[a-z0-9]{10}\.wasm$", RegexOptions.CultureInvariant)]
    private static partial Regex Native();

    /// <summary>Compresses what did not come compressed, so that nobody's first visit waits for it.</summary>
    public void Prepare()
    {
        // Single assemblies are asked for only where the file of all of them did not come.
        foreach (var (_, file) in files.Where(file => !Assembly().IsMatch(file.Key))) _ = file.Brotli;
    }

    /// <summary>Whether a path is a file of the application, or a place in it.</summary>
    public bool Owns(PathString path) => Find(path) is not null;

    /// <summary>Sends the file; <see cref="Owns"/> has said that there is one.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        var file = Find(context.Request.Path)!;
        var (request, response) = (context.Request, context.Response);
        var headers = response.Headers;
        headers.ContentSecurityPolicy = policy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        // The look of a message is asked for with each message, and is worth no question each time.
        headers.CacheControl = file.IsNamedByContent ? "public, max-age=31536000, immutable" : file.Name == "view.css" ? "public, max-age=600, stale-while-revalidate=86400" : "no-cache";
        headers.Vary = "Accept-Encoding";
        headers.ETag = file.Tag;
        if (file.Link is not null) headers.Link = file.Link;
        if (request.Headers.IfNoneMatch.Any(tags => tags is not null && tags.Contains(file.Tag, StringComparison.Ordinal)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var (body, encoding) = file.For(request.Headers.AcceptEncoding.ToString());
        if (encoding is not null) headers.ContentEncoding = encoding;
        response.ContentType = file.ContentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(request.Method)) await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private SiteFile? Find(PathString path)
    {
        // Paths are keys and never lead to the disk, so ".." finds nothing.
        if (path.Value is { } text && files.TryGetValue(text, out var file)) return text == "/index.html" ? null : file;
        return path == "/" || Places.Any(place => path.StartsWithSegments(place, StringComparison.Ordinal)) ? files["/index.html"] : null;
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        var content = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(content);
        return content;
    }

    private sealed partial class SiteFile(string name, byte[] content, byte[]? packed)
    {
        private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
        {
            [".html"] = "text/html; charset=utf-8",
            [".js"] = "text/javascript; charset=utf-8",
            [".css"] = "text/css; charset=utf-8",
            [".json"] = "application/json",
            [".wasm"] = "application/wasm",
            [".svg"] = "image/svg+xml",
            [".png"] = "image/png",
            [".ico"] = "image/x-icon",
            [".webmanifest"] = "application/manifest+json",
            [".dat"] = "application/octet-stream",
            [".txt"] = "text/plain; charset=utf-8",
        }.ToFrozenDictionary();

        private readonly Lazy<byte[]> brotli = new(() => packed ?? Compressed(content, stream => new BrotliStream(stream, new BrotliCompressionOptions { Quality = 7 })));
        private readonly Lazy<byte[]> gzip = new(() => Compressed(content, stream => new GZipStream(stream, CompressionLevel.Optimal)));

        public string Name => name;

        public byte[] Content => content;

        /// <summary>What is wanted with it (RFC 8288).</summary>
        public string? Link { get; set; }

        public string ContentType { get; } = Types.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream");

        public string Tag { get; } = "\"" + Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16)) + "\"";

        public bool IsNamedByContent { get; } = Fingerprint().IsMatch(name);

        public byte[] Brotli => brotli.Value;

        public (byte[] Body, string? Encoding) For(string accepted)
        {
            if (Path.GetExtension(name) is ".png" or ".ico") return (content, null);
            var encodings = StringWithQualityHeaderValue.TryParseList([accepted], out var list) ? list : [];
            bool Takes(string encoding) => encodings.Any(each => each.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && each.Quality is not 0);
            return Takes("br") ? (brotli.Value, "br") : Takes("gzip") ? (gzip.Value, "gzip") : (content, null);
        }

        private static byte[] Compressed(byte[] content, Func<Stream, Stream> compressor)
        {
            using var target = new MemoryStream();
            using (var stream = compressor(target)) stream.Write(content);
            return target.ToArray();
        }

        // What the build names name.FINGERPRINT.wasm.
        [GeneratedRegex(@"\.[a-z0-9]{10}\.(?:wasm|js|dat)$", RegexOptions.CultureInvariant)]
        private static partial Regex Fingerprint();
    }
}
