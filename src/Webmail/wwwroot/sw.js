// Starts the application without a connection, and shows again the messages that were read. The server writes in the version and the files, all of
// one version, so that what is kept fits together.
'use strict';
const version = '{{version}}';
const files = new Set(['{{files}}']);
const application = 'application-' + version;
const mail = 'mail';
const mostKept = 400;
const places = /^\/(?:(?:mail|label|search|settings|compose|contacts)(?:\/.*)?)?$/;

addEventListener('install', event => event.waitUntil((async () => {
  await (await caches.open(application)).addAll([...files]);
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
  else if (url.pathname.startsWith('/jmap/view/') || (url.pathname.startsWith('/jmap/download/') && request.destination === 'image')) event.respondWith(seen(request));
});

async function own(path, request) {
  return await (await caches.open(application)).match(path) ?? fetch(request);
}

async function seen(request) {
  try {
    const response = await fetch(request);
    if (response.ok && response.type === 'basic') {
      const cache = await caches.open(mail);
      await cache.put(request.url, response.clone());
      if (Math.random() < .02) for (const old of (await cache.keys()).slice(0, -mostKept)) await cache.delete(old);
    }
    return response;
  } catch (failure) {
    const kept = await (await caches.open(mail)).match(request.url);
    if (kept) return kept;
    throw failure;
  }
}
