using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sternpost.Accounts;
using Sternpost.Accounts.Forwarding;
using Sternpost.Accounts.Masked;
using Sternpost.Accounts.Sasl;
using Sternpost.Accounts.Sessions;
using Sternpost.Jmap.Blobs;
using Sternpost.Jmap.Contacts;
using Sternpost.Jmap.Http;
using Sternpost.Jmap.Labels;
using Sternpost.Jmap.Mail;
using Sternpost.Jmap.Pictures;
using Sternpost.Jmap.Protocol;
using Sternpost.Jmap.Push;
using Sternpost.Jmap.Senders;
using Sternpost.Jmap.Stores;
using Sternpost.Jmap.Submission;
using Sternpost.Jmap.View;
using Sternpost.Mailboxes;
using Sternpost.Mailboxes.Searching;
using Sternpost.Smtp.Policy.Submission;
using Sternpost.Storage;

namespace Sternpost.Jmap;

/// <summary>
/// The JMAP server (RFC 8620, RFC 8621) over the web listener's HTTPS: the session resource, the API, uploads and downloads, push, and the
/// signing in of browsers. It answers for every path that it <see cref="Owns"/>.
/// </summary>
public sealed class JmapServer : IAsyncDisposable
{
    private static readonly TimeSpan UpkeepEvery = TimeSpan.FromMinutes(1);

    private readonly JmapOptions options;
    private readonly MailStore mail;
    private readonly MailSearch search;
    private readonly UploadStore uploads;
    private readonly SaslServer sasl;
    private readonly Authentication authentication;
    private readonly SignInEndpoint signIn;
    private readonly SessionResource session;
    private readonly RequestProcessor processor;
    private readonly BlobEndpoints blobEndpoints;
    private readonly MessageView view;
    private readonly PictureProxy pictures;
    private readonly OneClickPost oneClick;
    private readonly Snoozing snoozing;
    private readonly EventSource events;
    private readonly States states;
    private readonly Handover handover;
    private readonly PushService push;
    private readonly Turns turns;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource hurrying = new();
    private readonly HashSet<long> active = [];
    private Task working = Task.CompletedTask;

    /// <summary>A server over this store.</summary>
    /// <param name="options">Name and limits.</param>
    /// <param name="database">Where what is JMAP's own is kept.</param>
    /// <param name="mail">The messages.</param>
    /// <param name="directory">The accounts.</param>
    /// <param name="sasl">How they sign in.</param>
    /// <param name="submission">How they send.</param>
    /// <param name="waiting">Asks the queue whom a message still waits for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Category <c>Sternpost.Jmap</c>.</param>
    public JmapServer(
        JmapOptions options, Database database, MailStore mail, AccountDirectory directory, SaslServer sasl, DirectSubmission submission, WaitingRecipients waiting, TimeProvider time, ILoggerFactory loggers)
    {
        this.options = options;
        this.mail = mail;
        this.sasl = sasl;
        this.time = time;
        log = loggers.CreateLogger("Sternpost.Jmap");
        search = new MailSearch(mail, database, loggers.CreateLogger<MailSearch>());
        uploads = new UploadStore(database, time);
        var identities = new IdentityStore(database);
        var submissions = new SubmissionStore(database);
        var sessions = new WebSessions(database, directory, time);
        var blobs = new BlobReader(mail, uploads);
        states = new States(mail);
        authentication = new Authentication(sasl, sessions, log);
        signIn = new SignInEndpoint(sasl, sessions, authentication, log);
        var vapid = new Vapid(new DirectorySecret(database, "web push"), options.HostName, time);
        session = new SessionResource(vapid, options);
        blobEndpoints = new BlobEndpoints(blobs, uploads, options);
        pictures = new PictureProxy(
            new DirectorySecret(database, "pictures"), new PictureCache(Path.Combine(database.Folder, "pictures"), options.MaxPictures, options.KeepPictures, time), new PictureFetch(options.PushToLoopback), time, log);
        view = new MessageView(blobs, pictures);
        events = new EventSource(mail, states);
        turns = new Turns(options.MaxConcurrentRequests);
        handover = new Handover(submissions, mail, directory, submission, options, new CollectedContacts(mail, database, time), time, log);
        push = new PushService(new PushStore(database), mail, states, vapid, options, time, log);

        var table = new MethodTable();
        table.Add(Capability.Core, "Core/echo", call => ValueTask.FromResult((System.Text.Json.Nodes.JsonObject)call.Arguments.Json.DeepClone()));
        new MailboxMethods(mail, options).AddTo(table);
        new MailboxQueries(mail).AddTo(table);
        new ThreadMethods(mail, options).AddTo(table);
        new EmailReading(mail, blobs, options).AddTo(table);
        new EmailQueries(mail, search).AddTo(table);
        var emailSet = new EmailSetMethod(mail, blobs, options, time);
        emailSet.AddTo(table);
        new EmailImporting(mail, blobs, options, time).AddTo(table);
        new SnippetMethods(mail, options).AddTo(table);
        new QuotaMethods(mail, options).AddTo(table);
        new BlobMethods(mail, blobs, uploads, options).AddTo(table);
        new IdentityMethods(mail, identities, directory, options).AddTo(table);
        new SubmissionMethods(mail, submissions, identities, handover, emailSet, waiting, options, time).AddTo(table);
        new SubmissionQueries(mail).AddTo(table);
        new VacationMethods(mail, options).AddTo(table);
        push.AddTo(table);
        new SenderRuleMethods(mail, database, options, time).AddTo(table);
        new LabelMethods(mail, database, options).AddTo(table);
        new MaskedAddressMethods(mail, database, new MaskedBook(database, directory, time), options, time).AddTo(table);
        new ShieldMethods(mail, database, time).AddTo(table);
        new AddressBookMethods(options).AddTo(table);
        new ContactCardMethods(mail, database, options, time).AddTo(table);
        new ContactCardQueries(database).AddTo(table);
        snoozing = new Snoozing(mail, new SnoozeStore(database), options, time, log);
        snoozing.AddTo(table);
        oneClick = new OneClickPost(options.PushToLoopback);
        new ListExitMethod(mail, database, oneClick, options, time, log).AddTo(table);
        processor = new RequestProcessor(table, log);

        AccountRemoval.Join(directory, database, accountId => ThreadPool.UnsafeQueueUserWorkItem(_ => search.Remove(accountId), null));
    }

    /// <summary>Whether a request says that its body is JSON.</summary>
    internal static bool IsJson(HttpRequest request) =>
        System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path is this server's to answer.</summary>
    public static bool Owns(PathString path) => path.StartsWithSegments("/jmap", StringComparison.Ordinal) || path == "/.well-known/jmap";

    /// <summary>Begins what is done behind requests: sending later, push, the search index.</summary>
    public void Start() => working = Task.WhenAll(handover.RunAsync(stopping.Token), push.RunAsync(stopping.Token), snoozing.RunAsync(stopping.Token), UpkeepAsync(stopping.Token));

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (stopping.IsCancellationRequested)
        {
            await ComeAgainAsync(context).ConfigureAwait(false);
            return;
        }
        // A stream that stays open ends with the server at once, so that the client comes back to the next one; what was asked before is answered.
        var asked = context.RequestAborted;
        var isStream = context.Request.Path.Value is "/jmap/eventsource" or "/jmap/ws";
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(asked, (isStream ? stopping : hurrying).Token);
        context.RequestAborted = ending.Token;
        try
        {
            await RouteAsync(context, ending).ConfigureAwait(false);
        }
        catch (RequestProblem problem) when (!context.Response.HasStarted)
        {
            await Answers.ProblemAsync(context, problem).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Nobody waits for the answer, or its time is over; then the client must not take silence for success.
            context.RequestAborted = asked;
            if (stopping.IsCancellationRequested && !isStream && !context.Response.HasStarted) await ComeAgainAsync(context).ConfigureAwait(false);
        }
    }

    private static Task ComeAgainAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return Answers.ProblemAsync(context, new RequestProblem(StatusCodes.Status503ServiceUnavailable, "about:blank", "The server is being stopped or started anew; ask again in a few seconds"));
    }

    /// <summary>
    /// Ends streams and what runs behind requests. Whoever asks from now on is told to come again (503); what was asked before has <paramref name="patience"/>
    /// to be answered. To be called before the listener is stopped, and this disposed after it.
    /// </summary>
    public async Task CloseAsync(TimeSpan patience)
    {
        hurrying.CancelAfter(patience);
        await stopping.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Who is signed in by the browser that sent a request, with the secret of that sign-in; null for nobody, and for what a page of another site sends. For pages beside JMAP.</summary>
    public ValueTask<(Account Account, string Token)?> BrowserAsync(HttpContext context) => authentication.BrowserAsync(context);

    /// <summary>Signs a browser in as an account that has proved itself otherwise than by its password: begins a session and sets its cookie.</summary>
    public Task BeginBrowserAsync(HttpContext context, Account account) => signIn.BeginAsync(context, account);

    /// <summary>True where a browser says that a page of another site made it send a request.</summary>
    public static bool IsForeign(HttpContext context) => Authentication.IsForeign(context);

    /// <summary>Ends all of it at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync(TimeSpan.Zero).ConfigureAwait(false);
        try
        {
            await working.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
        await search.DisposeAsync().ConfigureAwait(false);
        await push.DisposeAsync().ConfigureAwait(false);
        handover.Dispose();
        pictures.Dispose();
        oneClick.Dispose();
        snoozing.Dispose();
        stopping.Dispose();
        hurrying.Dispose();
    }

    private async Task RouteAsync(HttpContext context, CancellationTokenSource ending)
    {
        var path = context.Request.Path.Value ?? "";
        if (path == "/jmap/signin")
        {
            await signIn.AnswerAsync(context).ConfigureAwait(false);
            return;
        }
        if (await authentication.AuthenticateAsync(context).ConfigureAwait(false) is not { } scope) return;
        lock (active) active.Add(scope.Account.Id);
        var method = context.Request.Method;
        var reads = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        if (path is "/.well-known/jmap" or "/jmap/session" && reads) await session.AnswerAsync(context, scope).ConfigureAwait(false);
        else if (path is "/jmap/api" or "/jmap/api/" && HttpMethods.IsPost(method)) await RunAsync(context, scope).ConfigureAwait(false);
        else if (path.StartsWith("/jmap/upload/", StringComparison.Ordinal) && HttpMethods.IsPost(method)) await blobEndpoints.UploadAsync(context, scope, path["/jmap/upload/".Length..]).ConfigureAwait(false);
        else if (path.StartsWith("/jmap/download/", StringComparison.Ordinal) && reads) await blobEndpoints.DownloadAsync(context, scope, path["/jmap/download/".Length..]).ConfigureAwait(false);
        else if (path.StartsWith(MessageView.Path, StringComparison.Ordinal) && reads) await view.AnswerAsync(context, scope, path[MessageView.Path.Length..]).ConfigureAwait(false);
        else if (path.StartsWith(PictureProxy.Path, StringComparison.Ordinal) && reads) await pictures.AnswerAsync(context, scope, path[PictureProxy.Path.Length..]).ConfigureAwait(false);
        else if ((path == "/jmap/eventsource" && HttpMethods.IsGet(method)) || path == "/jmap/ws")
        {
            // What stays open ends with the sign-in it was opened by, as sessions of the other protocols do.
            using var watched = sasl.Sessions?.Add(scope.Account, scope.AppPassword?.Id, "JMAP", ending.Cancel);
            await (path == "/jmap/ws" ? ConnectAsync(context, scope) : events.StreamAsync(context, scope)).ConfigureAwait(false);
        }
        else throw new RequestProblem(StatusCodes.Status404NotFound, "about:blank", "There is nothing at this address, or not by this method");
    }

    private async Task RunAsync(HttpContext context, RequestScope scope)
    {
        // RFC 8620 §3.6.1.
        if (!IsJson(context.Request)) throw RequestProblem.NotJson("The Content-Type of a request is application/json");
        using var turn = turns.Take(scope.Account.Id) ?? throw RequestProblem.Limit("maxConcurrentRequests", $"At most {options.MaxConcurrentRequests} requests run at once", StatusCodes.Status429TooManyRequests);
        var body = await Answers.BodyAsync(context, options.MaxSizeRequest).ConfigureAwait(false)
            ?? throw RequestProblem.Limit("maxSizeRequest", $"A request has at most {options.MaxSizeRequest} octets", StatusCodes.Status413PayloadTooLarge);
        var request = JmapRequest.Read(body.Span, options);
        await Answers.JsonAsync(context, await processor.RunAsync(request, scope, session.StateFor(scope), context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task ConnectAsync(HttpContext context, RequestScope scope)
    {
        if (!context.WebSockets.IsWebSocketRequest) throw new RequestProblem(StatusCodes.Status426UpgradeRequired, "about:blank", "This address speaks WebSocket (RFC 8887)");
        // RFC 8887 §3: the subprotocol must be asked for; and a browser's page of another site must not.
        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(WebSocketSession.SubProtocol)) throw RequestProblem.NotRequest("Ask for the subprotocol jmap");
        if (Authentication.IsForeign(context)) throw new RequestProblem(StatusCodes.Status403Forbidden, "about:blank", "A page of another site may not connect");
        using var socket = await context.WebSockets.AcceptWebSocketAsync(WebSocketSession.SubProtocol).ConfigureAwait(false);
        using var conversation = new WebSocketSession(socket, scope, processor, () => session.StateFor(scope), mail, states, options);
        await conversation.RunAsync(context.RequestAborted).ConfigureAwait(false);
    }

    // Behind everything: uploads nobody used, threads nobody is in, and the words of new mail for those who use JMAP.
    private async Task UpkeepAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(UpkeepEvery, time);
        for (var turn = 0; await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false); turn++)
        {
#pragma warning disable CA1031 // What fails now is done at the next turn; it is logged.
            try
            {
                if (turn % 60 == 0) await uploads.SweepAsync(cancellation).ConfigureAwait(false);
                if (turn % (24 * 60) == 60) await mail.Objects.SweepThreadsAsync(cancellation).ConfigureAwait(false);
                long[] accounts;
                lock (active)
                {
                    accounts = [.. active];
                    active.Clear();
                }
                foreach (var accountId in accounts) await search.PrepareAsync(accountId, cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                log.UpkeepFailed(failure);
            }
#pragma warning restore CA1031
        }
    }
}
