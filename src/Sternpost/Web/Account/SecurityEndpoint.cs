using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Composition;
using ZXing;
using ZXing.QrCode;

namespace Sternpost.Web.Account;

/// <summary>
/// How an account is signed in to: its password, codes by time, passkeys, recovery codes, app passwords. GET says what there is; POST changes one thing, named
/// by <c>do</c>, and wants the password again for all but taking an app password back.
/// </summary>
internal sealed partial class SecurityEndpoint(ServerParts parts, PasskeyCeremony ceremony, string name, ILogger logger)
{
    public Task AnswerAsync(HttpContext context, Accounts.Account account, JsonObject? body) => body is null ? ShowAsync(context, account) : ChangeAsync(context, account, body);

    private async Task ShowAsync(HttpContext context, Accounts.Account account)
    {
        var state = await parts.SecondFactors.StateAsync(account.Id, context.RequestAborted);
        var programs = await parts.Sending.Passwords.ListAsync(account.Id, context.RequestAborted);
        await AccountPages.JsonAsync(context, new
        {
            codesSince = state.CodesSince,
            recoveryCodes = state.RecoveryCodes,
            passkeys = state.Passkeys.Select(passkey => new { id = Text(passkey.Id), name = passkey.Name, created = passkey.Created, used = passkey.Used }),
            appPasswords = programs.Select(program => new { id = Text(program.Id), name = program.Name, created = program.Created, used = program.Used, usedFrom = program.UsedFrom }),
        });
    }

    private async Task ChangeAsync(HttpContext context, Accounts.Account account, JsonObject body)
    {
        var (what, cancellation) = (AccountPages.Text(body, "do"), context.RequestAborted);
        if (what is not ("app-password-remove" or "codes-confirm" or "passkey-finish")
            && await parts.Sasl.ConfirmAsync(account, AccountPages.Text(body, "password"), AccountPages.ClientOf(context), cancellation) is { } refused)
        {
            await AccountPages.ProblemAsync(context, HttpStatusCode.Forbidden, refused);
            return;
        }
        switch (what)
        {
            case "password":
                await parts.Directory.SetPasswordAsync(account.Address, AccountPages.Text(body, "new"), cancellation);
                await DoneAsync(context, account, what, begin: true, new { });
                break;
            case "codes-begin":
                var secret = parts.SecondFactors.BeginCodes(account.Id);
                var (size, path) = Picture(Address(account, secret));
                await AccountPages.JsonAsync(context, new { secret, size, path });
                break;
            case "codes-confirm":
                if (await parts.SecondFactors.ConfirmCodesAsync(account.Id, AccountPages.Text(body, "code"), cancellation) is { } codes) await DoneAsync(context, account, what, codes.Count > 0, new { recoveryCodes = codes });
                else await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, "That is not the code of this moment. Look at the program again; if it stays so, the clock of your device is wrong.");
                break;
            case "codes-end":
                await parts.SecondFactors.EndCodesAsync(account.Id, cancellation);
                await DoneAsync(context, account, what, begin: false, new { });
                break;
            case "recovery-codes" when (await parts.SecondFactors.StateAsync(account.Id, cancellation)).IsOn:
                await DoneAsync(context, account, what, begin: false, new { recoveryCodes = await parts.SecondFactors.RenewRecoveryCodesAsync(account.Id, cancellation) });
                break;
            case "passkey-begin":
                await AccountPages.JsonAsync(context, new { options = await ceremony.AskToMakeAsync(context, account) });
                break;
            case "passkey-finish":
                if (await ceremony.MakeAsync(context, account, AccountPages.Text(body, "response"), AccountPages.Text(body, "name")) is { } made) await DoneAsync(context, account, what, made.Count > 0, new { recoveryCodes = made });
                else await AccountPages.ProblemAsync(context, HttpStatusCode.UnprocessableEntity, "The passkey could not be checked, so it was not kept. Try again.");
                break;
            case "passkey-remove" when long.TryParse(AccountPages.Text(body, "id"), CultureInfo.InvariantCulture, out var id) && await parts.SecondFactors.RemovePasskeyAsync(account.Id, id, cancellation):
                await DoneAsync(context, account, what, begin: false, new { });
                break;
            case "app-password-add":
                var (program, word) = await parts.Sending.Passwords.AddAsync(account.Address, AccountPages.Text(body, "name"), cancellation);
                await DoneAsync(context, account, what, begin: false, new { name = program.Name, secret = word });
                break;
            case "app-password-remove" when await parts.Sending.Passwords.RemoveAsync(account.Id, AccountPages.Text(body, "id"), cancellation):
                await DoneAsync(context, account, what, begin: false, new { });
                break;
            default:
                await AccountPages.ProblemAsync(context, HttpStatusCode.NotFound, "There is no such thing to change any more.");
                break;
        }
    }

    // What ended all sessions ended this one too; whoever did it stays signed in, by a new one.
    private async Task DoneAsync<T>(HttpContext context, Accounts.Account account, string what, bool begin, T answer)
    {
        LogChanged(account.Address.ToString(), what, AccountPages.ClientOf(context));
        if (begin) await parts.Jmap.BeginBrowserAsync(context, account);
        await AccountPages.JsonAsync(context, answer);
    }

    private string Address(Accounts.Account account, string secret) =>
        $"otpauth://totp/{Uri.EscapeDataString(name)}:{Uri.EscapeDataString(account.Address.ToString())}?secret={secret}&issuer={Uri.EscapeDataString(name)}";

    // As the path of a picture of so many squares a side: drawn here, so that no secret goes to anybody who draws such pictures.
    private static (int Size, string Path) Picture(string text)
    {
        // As small as it gets: a square of the picture is a square of the code, with the margin that readers want around it.
        var code = new QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, 0, 0);
        var path = new StringBuilder();
        for (var y = 0; y < code.Height; y++)
        {
            for (var x = 0; x < code.Width; x++) if (code[x, y]) path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
        }
        return (code.Width, path.ToString());
    }

    // As text: numbers of this size lose digits in JavaScript.
    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(1071, LogLevel.Information, "{Account} changed how it is signed in to: {What} (from {Client})")]
    private partial void LogChanged(string account, string what, IPAddress client);
}
