using System.Text.RegularExpressions;
using Sternpost.MailAuth.Dkim;

namespace Sternpost.Unit.MailAuth.Peers;

/// <summary>Another project's DKIM. Results are words in the order of the signature fields: pass or fail.</summary>
internal abstract partial class DkimPeer
{
    public static DkimPeer Of(string name) => name switch
    {
        "opendkim" => new OpenDkim(),
        "dkimpy" => new Dkimpy(),
        _ => new Mailauth(),
    };

    /// <summary>What is missing here, or null.</summary>
    public abstract Task<string?> MissingAsync();

    /// <summary>Verifies all files of a folder, by name.</summary>
    public abstract Task<IReadOnlyDictionary<string, string>> VerifyAsync(string folder, IReadOnlyList<DkimSigningKey> keys);

    /// <summary>Prepends a signature to each file of a folder.</summary>
    public virtual Task SignAsync(string folder, DkimSigningKey key, string header, string body) => throw new NotSupportedException();

    protected static Dictionary<string, string> Lines(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToDictionary(parts => parts[0], parts => parts[1].Trim());

    protected static async Task<string> WriteKeysAsync(string folder, IReadOnlyList<DkimSigningKey> keys)
    {
        var file = Path.Combine(Path.GetDirectoryName(folder)!, Path.GetFileName(folder) + ".keys");
        await File.WriteAllLinesAsync(file, keys.Select(key => $"{key.RecordName.Ascii} {key.RecordText}"));
        return file;
    }

    protected static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        var (code, output, errors) = await Tool.RunAsync(program, arguments);
        Assert.True(code == 0, $"{program} ended with {code}: {errors}");
        return output;
    }

    /// <summary>PKCS #8 for all, in the form each of them reads.</summary>
    protected static async Task<string> WritePrivateKeyAsync(string folder, DkimSigningKey key, bool bareSeed)
    {
        var file = Path.Combine(Path.GetDirectoryName(folder)!, Path.GetFileName(folder) + ".private");
        var pkcs8 = key.ExportPrivateKey();
        await File.WriteAllTextAsync(file, bareSeed && key.KeyType == "ed25519" ? Convert.ToBase64String(pkcs8[^32..]) : new string(System.Security.Cryptography.PemEncoding.Write("PRIVATE KEY", pkcs8)));
        return file;
    }

    private sealed partial class OpenDkim : DkimPeer
    {
        public override Task<string?> MissingAsync() => Task.FromResult(Tool.Find("opendkim") is null ? "opendkim" : null);

        public override async Task<IReadOnlyDictionary<string, string>> VerifyAsync(string folder, IReadOnlyList<DkimSigningKey> keys)
        {
            var configuration = folder + ".opendkim";
            await File.WriteAllTextAsync(configuration, $"Mode v\nTestDNSData file:{await WriteKeysAsync(folder, keys)}\nMaximumSignaturesToVerify 10\n");
            var files = Directory.GetFiles(folder);
            // It reads whole lines only; by SMTP no message ends otherwise.
            foreach (var file in files) await EndLineAsync(file);
            var (_, output, _) = await Tool.RunAsync(Tool.Find("opendkim")!, ["-x", configuration, "-t", string.Join(',', files), "-v", "-v"]);
            // One header field a message, in the order given.
            var fields = output.Split("### INSHEADER")[1..];
            Assert.Equal(files.Length, fields.Length);
            var results = new Dictionary<string, string>();
            for (var i = 0; i < files.Length; i++)
                results[Path.GetFileName(files[i])] = string.Join(' ', Result().Matches(fields[i]).Select(match => match.Groups[1].Value == "pass" ? "pass" : "fail"));
            return results;
        }

        private static async Task EndLineAsync(string file)
        {
            if (await File.ReadAllBytesAsync(file) is [.., not (byte)'\n']) await File.AppendAllTextAsync(file, "\r\n");
        }

        [GeneratedRegex(@"\bdkim=(\w+)")]
        private static partial Regex Result();
    }

    private sealed class Dkimpy : DkimPeer
    {
        private const string Python = "/usr/bin/python3";

        private const string Script = """
            import base64, os, sys, dkim
            mode, folder, keys = sys.argv[1], sys.argv[2], sys.argv[3]
            def read(name):
                with open(os.path.join(folder, name), 'rb') as f: return f.read()
            if mode == 'verify':
                zone = dict(line.rstrip('\n').split(' ', 1) for line in open(keys))
                def txt(name, timeout=5):
                    name = name.decode() if isinstance(name, bytes) else name
                    return zone.get(name.rstrip('.'), '').encode() or None
                for name in sorted(os.listdir(folder)):
                    message = dkim.DKIM(read(name))
                    count = sum(1 for field, _ in message.headers if field.lower() == b'dkim-signature')
                    results = []
                    for i in range(count):
                        try: results.append('pass' if message.verify(idx=i, dnsfunc=txt) else 'fail')
                        except dkim.DKIMException: results.append('fail')
                    print(name + '\t' + ' '.join(results))
            else:
                selector, domain, algorithm, header, body = [a.encode() for a in sys.argv[4:9]]
                private = open(keys, 'rb').read()
                for name in sorted(os.listdir(folder)):
                    message = read(name)
                    field = dkim.sign(message, selector, domain, private, canonicalize=(header, body), signature_algorithm=algorithm)
                    with open(os.path.join(folder, name), 'wb') as f: f.write(field + message)
            """;

        public override async Task<string?> MissingAsync() =>
            File.Exists(Python) && (await Tool.RunAsync(Python, ["-c", "import dkim, nacl"])).Code == 0 ? null : "python3-dkim with python3-nacl";

        public override async Task<IReadOnlyDictionary<string, string>> VerifyAsync(string folder, IReadOnlyList<DkimSigningKey> keys) =>
            Lines(await OutputAsync(Python, "-c", Script, "verify", folder, await WriteKeysAsync(folder, keys)));

        public override async Task SignAsync(string folder, DkimSigningKey key, string header, string body) =>
            await OutputAsync(Python, "-c", Script, "sign", folder, await WritePrivateKeyAsync(folder, key, bareSeed: true), key.Selector, key.Domain.Ascii, key.KeyType + "-sha256", header, body);
    }

    private sealed class Mailauth : DkimPeer
    {
        private const string Script = """
            const fs = require('fs'), path = require('path');
            const [mode, folder, keys, selector, domain, algorithm, canonicalization] = process.argv.slice(1);
            const { dkimVerify } = require('mailauth/lib/dkim/verify');
            const { dkimSign } = require('mailauth/lib/dkim/sign');
            (async () => {
              for (const name of fs.readdirSync(folder).sort()) {
                const file = path.join(folder, name), message = fs.readFileSync(file);
                if (mode === 'verify') {
                  const zone = Object.fromEntries(fs.readFileSync(keys, 'utf8').trim().split('\n').map(line => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]));
                  const resolver = async (query, type) => { if (type === 'TXT' && zone[query]) return [[zone[query]]]; const e = new Error('none'); e.code = 'ENOTFOUND'; throw e; };
                  const { results } = await dkimVerify(message, { resolver });
                  console.log(name + '\t' + results.filter(r => r.status.result !== 'none').map(r => r.status.result === 'pass' ? 'pass' : 'fail').join(' '));
                } else {
                  const { signatures, errors } = await dkimSign(message, { canonicalization, algorithm, signatureData: [{ signingDomain: domain, selector, privateKey: fs.readFileSync(keys, 'utf8'), algorithm, canonicalization }] });
                  if (errors.length) throw errors[0].err || errors[0];
                  fs.writeFileSync(file, Buffer.concat([Buffer.from(signatures), message]));
                }
              }
            })().catch(e => { console.error(e); process.exit(1); });
            """;

        // Where ./test puts it: artifacts/ beside the sources, which git ignores.
        private static readonly string? Modules = FindModules();

        public override Task<string?> MissingAsync() => Task.FromResult(Tool.Find("node") is null || Modules is null ? "mailauth of npm" : null);

        public override async Task<IReadOnlyDictionary<string, string>> VerifyAsync(string folder, IReadOnlyList<DkimSigningKey> keys) =>
            Lines(await NodeAsync("verify", folder, await WriteKeysAsync(folder, keys)));

        public override async Task SignAsync(string folder, DkimSigningKey key, string header, string body) =>
            await NodeAsync("sign", folder, await WritePrivateKeyAsync(folder, key, bareSeed: false), key.Selector, key.Domain.Ascii, key.KeyType + "-sha256", $"{header}/{body}");

        private static async Task<string> NodeAsync(params string[] arguments)
        {
            var (code, output, errors) = await Tool.RunAsync(Tool.Find("node")!, ["-e", Script, .. arguments], new Dictionary<string, string> { ["NODE_PATH"] = Modules! });
            Assert.True(code == 0, errors);
            return output;
        }

        private static string? FindModules()
        {
            for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                var candidate = Path.Combine(folder, "artifacts", "peers", "node_modules");
                if (Directory.Exists(Path.Combine(candidate, "mailauth"))) return candidate;
            }
            return null;
        }
    }
}
