using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Sternpost.Acme;

/// <summary>Which authority, and who we are to it.</summary>
public sealed record AcmeOptions
{
    /// <summary>The address of its directory.</summary>
    public required Uri Directory { get; init; }

    /// <summary>Addresses at which it may write to the administrator.</summary>
    public IReadOnlyList<string> Contacts { get; init; } = [];

    /// <summary>An account it gave out elsewhere; null for none.</summary>
    public ExternalAccount? External { get; init; }

    /// <summary>Whom to believe instead of those this computer believes; null for those.</summary>
    public X509Certificate2Collection? Roots { get; init; }

    /// <summary>What the program calls itself.</summary>
    public string Agent { get; init; } = "Sternpost";

    /// <summary>How long it may take over one name, or over making a certificate. Default 5 minutes.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>One of the kinds of certificate the authority offers, by its name; empty for its usual one.</summary>
    public string Profile { get; init; } = "";
}

/// <summary>An account at a certificate authority that speaks ACME (RFC 8555). Not for several callers at once.</summary>
public sealed class AcmeClient : IDisposable
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(30);

    private readonly AcmeOptions options;
    private readonly AccountKey key;
    private readonly TimeProvider time;
    private readonly HttpClient http;
    private readonly AcmeConnection connection;
    private AcmeDirectory? directory;

    /// <summary>Asks nothing yet.</summary>
    public AcmeClient(AcmeOptions options, AccountKey key, TimeProvider time)
    {
        this.options = options;
        this.key = key;
        this.time = time;
        http = AcmeConnection.Client(options.Roots, options.Agent);
        connection = new AcmeConnection(http, key, time);
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    /// <summary>What the authority offers.</summary>
    /// <exception cref="AcmeException">It cannot be asked.</exception>
    public async Task<AcmeDirectory> DirectoryAsync(CancellationToken cancellation) =>
        directory ??= AcmeDirectory.Of((await connection.GetAsync(options.Directory, cancellation).ConfigureAwait(false)).Json);

    /// <summary>When the authority wants a certificate renewed (RFC 9773 §4); null where it does not say.</summary>
    /// <exception cref="AcmeException">It cannot be asked.</exception>
    public async Task<RenewalInfo?> RenewalInfoAsync(X509Certificate2 certificate, CancellationToken cancellation)
    {
        if ((await DirectoryAsync(cancellation).ConfigureAwait(false)).RenewalInfo is not { } address || RenewalInfo.IdOf(certificate) is not { } id) return null;
        var answer = await connection.GetAsync(new Uri(address.AbsoluteUri.TrimEnd('/') + "/" + id), cancellation).ConfigureAwait(false);
        return RenewalInfo.Of(answer.Json, answer.RetryAfter);
    }

    /// <summary>Has a certificate made.</summary>
    /// <exception cref="AcmeException">The authority refuses for a reason that is not one of single names, or cannot be asked.</exception>
    public async Task<Issuance> IssueAsync(IssuanceRequest request, CancellationToken cancellation)
    {
        try
        {
            return await OrderedAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (AcmeException forgotten) when (forgotten.Problem.Type == "accountDoesNotExist")
        {
            // The authority was set up anew, or has cleaned up: our key gets another account there.
            (connection.Account, directory) = (null, null);
            return await OrderedAsync(request, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Issuance> OrderedAsync(IssuanceRequest request, CancellationToken cancellation)
    {
        await EnsureAccountAsync(cancellation).ConfigureAwait(false);
        AcmeOrder order;
        try
        {
            order = await OrderAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (AcmeException refused) when (refused.Problem.ByName.Count > 0)
        {
            return Issuance.Failed(refused.Problem.ByName.Select(single => new NameFailure(single.Name, "", single.Problem)));
        }
        var failures = await ProveAsync(order, request, cancellation).ConfigureAwait(false);
        return failures.Count > 0 ? Issuance.Failed(failures) : new Issuance(await FinishAsync(order, request, cancellation).ConfigureAwait(false), []);
    }

    // RFC 8555 §7.3: the same request finds the account that a key has.
    private async Task EnsureAccountAsync(CancellationToken cancellation)
    {
        if (connection.Account is not null) return;
        var where = await DirectoryAsync(cancellation).ConfigureAwait(false);
        if (where.NeedsExternalAccount && options.External is null) throw new AcmeException(new AcmeProblem("externalAccountRequired", "The authority takes only accounts that it gave out elsewhere.", 0));
        var payload = new StringBuilder("{\"termsOfServiceAgreed\":true");
        if (options.Contacts.Count > 0) payload.Append(",\"contact\":").Append(JsonSerializer.Serialize(options.Contacts.Select(contact => "mailto:" + contact)));
        if (options.External is { } external) payload.Append(",\"externalAccountBinding\":").Append(key.Bind(where.NewAccount, external));
        var answer = await connection.PostAsync(where, where.NewAccount, payload.Append('}').ToString(), cancellation).ConfigureAwait(false);
        if (Json.Text(answer.Json, "status") is { Length: > 0 } status and not "valid") throw new AcmeException($"The account at the authority is {status}. Remove its key from the data folder (tls/acme) to get another.");
        connection.Account = answer.Location?.AbsoluteUri ?? throw new AcmeException("The authority named no account.");
    }

    private async Task<AcmeOrder> OrderAsync(IssuanceRequest request, CancellationToken cancellation)
    {
        var where = await DirectoryAsync(cancellation).ConfigureAwait(false);
        var names = JsonSerializer.Serialize(request.Names.Select(name => new { type = name.Type, value = name.Value }));
        var profile = options.Profile.Length > 0 ? ",\"profile\":" + JsonSerializer.Serialize(options.Profile) : "";
        // RFC 9773 §5: the authority counts a renewal less than a new certificate.
        var replaces = where.RenewalInfo is not null && request.Replaces is { } old && RenewalInfo.IdOf(old) is { } id ? ",\"replaces\":" + JsonSerializer.Serialize(id) : "";
        AcmeAnswer answer;
        try
        {
            answer = await connection.PostAsync(where, where.NewOrder, $"{{\"identifiers\":{names}{profile}{replaces}}}", cancellation).ConfigureAwait(false);
        }
        catch (AcmeException refused) when (replaces.Length > 0 && refused.Problem is { Status: 400 or 404 or 409, ByName.Count: 0 })
        {
            // RFC 9773 §5: it may not know the old one, or have replaced it already.
            answer = await connection.PostAsync(where, where.NewOrder, $"{{\"identifiers\":{names}{profile}}}", cancellation).ConfigureAwait(false);
        }
        return AcmeOrder.Of(answer.Location ?? throw new AcmeException("The authority gave the order no address."), answer.Json);
    }

    // One name after the other: an authority counts failures, and the first one spoils the order.
    private async Task<List<NameFailure>> ProveAsync(AcmeOrder order, IssuanceRequest request, CancellationToken cancellation)
    {
        var where = await DirectoryAsync(cancellation).ConfigureAwait(false);
        foreach (var url in order.Authorizations)
        {
            var authorization = AcmeAuthorization.Of(url, (await connection.AskAsync(where, url, cancellation).ConfigureAwait(false)).Json);
            // RFC 8555 §7.1.4: proved by an earlier order.
            if (authorization.Status == "valid") continue;
            var choice = request.Ways.Where(way => request.MayUse(authorization.Name, way))
                .Select(way => (Way: way, Challenge: authorization.Challenges.FirstOrDefault(challenge => challenge.Type == way.Type))).FirstOrDefault(pair => pair.Challenge is not null);
            if (choice.Challenge is not { } challenge)
            {
                return [new NameFailure(authorization.Name, "", new AcmeProblem("noWay", $"The authority offers {string.Join(", ", authorization.Challenges.Select(offered => offered.Type))}, and none of these can be answered here.", 0))];
            }
            if (await ProveAsync(where, authorization, challenge, choice.Way, cancellation).ConfigureAwait(false) is { } problem) return [new NameFailure(authorization.Name, challenge.Type, problem)];
        }
        return [];
    }

    private async Task<AcmeProblem?> ProveAsync(AcmeDirectory where, AcmeAuthorization authorization, AcmeChallenge challenge, IChallengeWay way, CancellationToken cancellation)
    {
        var answer = key.Authorization(challenge.Token);
        try
        {
            if (await way.ShowAsync(authorization.Name, challenge.Token, answer, cancellation).ConfigureAwait(false) is { } hindrance) return new AcmeProblem("notShown", hindrance, 0);
            // RFC 8555 §7.5.1: "ready" is said by an empty object.
            await connection.PostAsync(where, challenge.Url, "{}", cancellation).ConfigureAwait(false);
            var (last, _) = await AwaitAsync(where, authorization.Url, json => Json.Text(json, "status") is not ("pending" or "processing"), cancellation).ConfigureAwait(false);
            var after = AcmeAuthorization.Of(authorization.Url, last);
            if (after.Status == "valid") return null;
            return after.Challenges.FirstOrDefault(other => other.Url == challenge.Url)?.Problem ?? after.Challenges.Select(other => other.Problem).FirstOrDefault(found => found is not null) ?? new AcmeProblem("", $"The authorization became '{after.Status}'.", 0);
        }
        finally
        {
            // Also when told to stop: what answers a challenge must not stay.
            await way.WithdrawAsync(authorization.Name, challenge.Token, answer, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<string> FinishAsync(AcmeOrder order, IssuanceRequest request, CancellationToken cancellation)
    {
        var where = await DirectoryAsync(cancellation).ConfigureAwait(false);
        var (ready, _) = await AwaitAsync(where, order.Url, json => Json.Text(json, "status") != "pending", cancellation).ConfigureAwait(false);
        order = AcmeOrder.Of(order.Url, ready);
        if (order.Status == "ready" && order.Finalize is { } finalize)
        {
            var csr = Base64Url.EncodeToString(SigningRequest.Make(request.Names, request.Key));
            await connection.PostAsync(where, finalize, $"{{\"csr\":\"{csr}\"}}", cancellation).ConfigureAwait(false);
            var (made, _) = await AwaitAsync(where, order.Url, json => Json.Text(json, "status") is not ("processing" or "ready"), cancellation).ConfigureAwait(false);
            order = AcmeOrder.Of(order.Url, made);
        }
        if (order.Status != "valid" || order.Certificate is not { } certificate) throw new AcmeException(order.Problem ?? new AcmeProblem("", $"The order became '{order.Status}'.", 0));
        return (await connection.AskAsync(where, certificate, cancellation).ConfigureAwait(false)).Text;
    }

    // RFC 8555 §7.5.1: asked again as often as the authority likes.
    private async Task<(JsonElement Json, TimeSpan Waited)> AwaitAsync(AcmeDirectory where, Uri url, Func<JsonElement, bool> isOver, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var wait = LeastWait;
        while (true)
        {
            var answer = await connection.AskAsync(where, url, cancellation).ConfigureAwait(false);
            var waited = time.GetElapsedTime(start);
            if (isOver(answer.Json)) return (answer.Json, waited);
            if (waited > options.Patience) throw new AcmeException($"The authority came to no end within {options.Patience.TotalMinutes:0} minutes.");
            var asked = answer.RetryAfter is { } said ? said : wait;
            await Task.Delay(asked < LeastWait ? LeastWait : asked > MostWait ? MostWait : asked, time, cancellation).ConfigureAwait(false);
            if (wait < TimeSpan.FromSeconds(10)) wait *= 1.5;
        }
    }
}
