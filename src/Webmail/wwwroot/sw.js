// Starts the application without a connection, and shows again the messages that were read. The server writes in the version and the files, all of
// one version, so that what is kept fits together.
'use strict';
const version = '{{version}}';
const files = new Set(['{{files}}']);
const application = 'application-' + version;
const mail = 'mail';
const mostKept = 400;
const beginnings = ['/mail/inbox'];
const places = /^\/(?:(?:mail|label|search|settings|compose|contacts)(?:\/.*)?)?$/;

addEventListener('install', event => event.waitUntil((async () => {
  const cache = await caches.open(application);
  await cache.addAll([...files]);
  // The page under the addresses that one begins at, so that these, too, come without waking this worker.
  const page = await (await cache.match('/')).blob(), headers = (await cache.match('/')).headers;
  for (const path of beginnings) await cache.put(path, new Response(page, { headers }));
  // What is kept of this version comes from where it is kept, without waking this worker, where the browser can do that.
  await event.addRoutes?.([...files, ...beginnings].map(pathname => ({ condition: { urlPattern: new URLPattern({ pathname, baseURL: location.origin }), requestMethod: 'GET' }, source: { cacheName: application } })))
    .catch(() => { /* By way of the worker, then. */ });
  await skipWaiting();
})()));

addEventListener('activate', event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('application-') && name !== application) await caches.delete(name);
  await clients.claim();
})()));

addEventListener('fetch', event => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate' && request.destination === 'document') {
    if (places.test(url.pathname)) event.respondWith(own('/', request));
  } else if (files.has(url.pathname)) event.respondWith(own(url.pathname, request));
  else if (url.pathname.startsWith('/jmap/view/') || (url.pathname.startsWith('/jmap/download/') && request.destination === 'image')) event.respondWith(seen(event));
});

async function own(path, request) {
  return await (await caches.open(application)).match(path) ?? fetch(request);
}

// Asked for ahead, or read a moment ago: what the server lets be kept for a while need not come again (RFC 9111 §4.2).
const isFresh = response => Date.now() - Date.parse(response.headers.get('date')) < 1000 * Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1] ?? 0);

async function seen(event) {
  const { request } = event, cache = await caches.open(mail), kept = await cache.match(request.url);
  if (kept && isFresh(kept)) return kept;
  try {
    const response = await fetch(request);
    // Shown at once, and kept beside it.
    if (response.ok && response.type === 'basic') event.waitUntil(keep(cache, request.url, response.clone()));
    return response;
  } catch (failure) {
    if (kept) return kept;
    throw failure;
  }
}

async function keep(cache, url, response) {
  await cache.put(url, response);
  if (Math.random() < .02) for (const old of (await cache.keys()).slice(0, -mostKept)) await cache.delete(old);
}

/* ---- what is pushed while no page is open ---- */

// The push says only that something has changed; what it is, is asked of the server.
addEventListener('push', event => event.waitUntil((async () => {
  const message = event.data?.json() ?? {};
  const words = await (await (await caches.open('push')).match('/words'))?.json() ?? {};
  if (message['@type'] === 'PushVerification') {
    await ask([['PushSubscription/set', { update: { [message.pushSubscriptionId]: { verificationCode: message.verificationCode } } }, 'c']]);
    await show(words.on ?? 'Notices are on', '', '/mail/inbox');
    return;
  }
  // Who looks at the mail sees it come.
  if ((await clients.matchAll({ type: 'window' })).some(window => window.visibilityState === 'visible')) return;
  try {
    await tellNewest(words);
  } catch {
    await show(words.newMail ?? 'New mail', '', '/mail/inbox');
  }
})()));

addEventListener('notificationclick', event => {
  event.notification.close();
  event.waitUntil((async () => {
    const path = event.notification.data?.path ?? '/mail/inbox';
    const [window] = await clients.matchAll({ type: 'window' });
    if (!window) return clients.openWindow(path);
    await window.focus().catch(() => { /* Shown all the same. */ });
    return window.navigate(path);
  })());
});

async function tellNewest(words) {
  const [mailboxes, subscriptions] = await ask([['Mailbox/query', { filter: { role: 'inbox' } }, 'a'], ['PushSubscription/get', { ids: null }, 'b']]);
  const [, emails] = await ask([
    ['Email/query', { filter: { inMailbox: mailboxes.ids[0], notKeyword: '$seen' }, sort: [{ property: 'receivedAt', isAscending: false }], limit: 1 }, 'a'],
    ['Email/get', { '#ids': { resultOf: 'a', name: 'Email/query', path: '/ids' }, properties: ['from', 'subject', 'threadId'] }, 'b'],
    // Who is told still uses it: it goes on.
    ...subscriptions.list.map(each => ['PushSubscription/set', { update: { [each.id]: { expires: null } } }, 'r']),
  ]);
  const cache = await caches.open('push');
  const [email] = emails.list;
  if (!email || email.id === await (await cache.match('/told'))?.text()) return;
  await cache.put('/told', new Response(email.id));
  const [sender] = email.from ?? [];
  await show(sender?.name || sender?.email || words.newMail || 'New mail', email.subject ?? '', '/mail/inbox/' + email.threadId);
}

const show = (heading, text, path) => registration.showNotification(heading, { body: text, icon: '/icon-192.png', tag: 'mail', renotify: true, data: { path } });

let accountId = null;

async function ask(calls) {
  accountId ??= (await answerOf(await fetch('/jmap/session', { credentials: 'same-origin' }))).primaryAccounts['urn:ietf:params:jmap:mail'];
  for (const [method, args] of calls) if (!method.startsWith('PushSubscription/')) args.accountId = accountId;
  const response = await fetch('/jmap/api', {
    method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'], methodCalls: calls }),
  });
  return (await answerOf(response)).methodResponses.map(([name, answer]) => {
    if (name === 'error') throw new Error(answer.type);
    return answer;
  });
}

async function answerOf(response) {
  if (!response.ok) {
    accountId = null;
    throw new Error('HTTP ' + response.status);
  }
  return response.json();
}
