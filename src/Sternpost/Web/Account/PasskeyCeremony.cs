using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fido2NetLib;
using Fido2NetLib.Objects;
using Microsoft.AspNetCore.Http;
using Sternpost.Accounts.SecondFactors;

namespace Sternpost.Web.Account;

/// <summary>
/// Making passkeys and signing in with them (WebAuthn): the questions a browser is asked, kept until they are answered once or grow old. A passkey is for the
/// host it was made at, and its owner must have proved themself to their device.
/// </summary>
internal sealed class PasskeyCeremony(SecondFactorBook factors, string name, TimeProvider time)
{
    // Anybody may ask to sign in; what is asked and never answered is forgotten, and there is an end to it.
    private const int MostAsked = 10_000;
    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<long, (CredentialCreateOptions Options, long At)> making = new();
    private readonly ConcurrentDictionary<string, (AssertionOptions Options, string Host, long At)> asking = new();

    /// <summary>What a browser is asked to make a passkey of an account by, as JSON.</summary>
    public async Task<string> AskToMakeAsync(HttpContext context, Accounts.Account account)
    {
        var known = (await factors.StateAsync(account.Id, context.RequestAborted)).Passkeys;
        var options = Of(context).RequestNewCredential(new RequestNewCredentialParams
        {
            User = new Fido2User { Id = UserId(account.Id), Name = account.Address.ToString(), DisplayName = account.DisplayName.Length > 0 ? account.DisplayName : account.Address.ToString() },
            ExcludeCredentials = [.. known.Select(passkey => new PublicKeyCredentialDescriptor(passkey.Credential))],
            AuthenticatorSelection = new AuthenticatorSelection { ResidentKey = ResidentKeyRequirement.Required, UserVerification = UserVerificationRequirement.Required },
            AttestationPreference = AttestationConveyancePreference.None,
        });
        making[account.Id] = (options, time.GetTimestamp());
        return options.ToJson();
    }

    /// <summary>Takes what the browser made; answers the recovery codes that came of it, none where there were some; null where it is not what was asked for.</summary>
    public async Task<IReadOnlyList<string>?> MakeAsync(HttpContext context, Accounts.Account account, string response, string title)
    {
        if (!making.TryRemove(account.Id, out var asked) || time.GetElapsedTime(asked.At) > Lasting || Read<AuthenticatorAttestationRawResponse>(response) is not { } made) return null;
        try
        {
            var credential = await Of(context).MakeNewCredentialAsync(new MakeNewCredentialParams { AttestationResponse = made, OriginalOptions = asked.Options, IsCredentialIdUniqueToUserCallback = static (_, _) => Task.FromResult(true) }, context.RequestAborted);
            return await factors.AddPasskeyAsync(account.Id, credential.Id, credential.PublicKey, credential.SignCount, context.Request.Host.Host, title, context.RequestAborted);
        }
        catch (Fido2VerificationException)
        {
            return null;
        }
    }

    /// <summary>What a browser is asked to sign in by, as JSON, and under which name the answer must come; null where too much is asked.</summary>
    public (string Id, string Options)? AskToSignIn(HttpContext context)
    {
        if (asking.Count >= MostAsked)
        {
            foreach (var (old, asked) in asking) if (time.GetElapsedTime(asked.At) > Lasting) asking.TryRemove(old, out _);
            if (asking.Count >= MostAsked) return null;
        }
        var options = Of(context).GetAssertionOptions(new GetAssertionOptionsParams { AllowedCredentials = [], UserVerification = UserVerificationRequirement.Required });
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        asking[id] = (options, context.Request.Host.Value!, time.GetTimestamp());
        return (id, options.ToJson());
    }

    /// <summary>The account whose passkey answers; null where none does.</summary>
    public async Task<Accounts.Account?> SignInAsync(HttpContext context, string id, string response)
    {
        if (!asking.TryRemove(id, out var asked) || time.GetElapsedTime(asked.At) > Lasting || asked.Host != context.Request.Host.Value || Read<AuthenticatorAssertionRawResponse>(response) is not { } given) return null;
        if (await factors.FindPasskeyAsync(given.RawId, context.RequestAborted) is not var (passkey, account) || !passkey.Host.Equals(context.Request.Host.Host, StringComparison.OrdinalIgnoreCase)) return null;
        try
        {
            var result = await Of(context).MakeAssertionAsync(new MakeAssertionParams
            {
                AssertionResponse = given,
                OriginalOptions = asked.Options,
                StoredPublicKey = passkey.PublicKey,
                StoredSignatureCounter = passkey.Counter,
                IsUserHandleOwnerOfCredentialIdCallback = (owner, _) => Task.FromResult(owner.UserHandle.AsSpan().SequenceEqual(UserId(account.Id))),
            }, context.RequestAborted);
            return await factors.UsedAsync(passkey, result.SignCount, context.RequestAborted) ? account : null;
        }
        catch (Fido2VerificationException)
        {
            return null;
        }
    }

    private Fido2 Of(HttpContext context) => new(new Fido2Configuration
    {
        RPID = context.Request.Host.Host,
        RPName = name,
        Origins = new HashSet<string> { "https://" + context.Request.Host.Value },
    });

    private static T? Read<T>(string json) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json);
        }
        catch (Exception failed) when (failed is JsonException or FormatException or NotSupportedException)
        {
            return null;
        }
    }

    // WebAuthn §14.6.1: nothing of a person, so not the address.
    private static byte[] UserId(long accountId) => SHA256.HashData(Encoding.UTF8.GetBytes("passkey\n" + accountId.ToString(CultureInfo.InvariantCulture)));
}
