// What was read stays readable without a connection: the answers to what was asked are kept in this browser until one signs out. sw.js keeps the
// application and the messages' own pages.

const store = 'mail';
const most = 400;
const mostLetters = 600000;
let isClosed = false;
let kept = 0;

const reads = body => [...body.matchAll(/\["([A-Za-z]+\/[A-Za-z]+)",/g)].every(call => /\/(?:get|query)$/.test(call[1]));
const concerns = (method, url, body) => 'caches' in window && (method === 'GET' ? url === '/jmap/session' || url === '/symbols.json' : method === 'POST' && url === '/jmap/api' && reads(body));

async function address(method, url, body) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(method + ' ' + url + ' ' + (body ?? '')));
  return '/kept/' + [...new Uint8Array(hash)].map(octet => octet.toString(16).padStart(2, '0')).join('');
}

export async function keep(method, url, body, text) {
  if (isClosed || text.length > mostLetters || !concerns(method, url, body)) return;
  try {
    const cache = await caches.open(store);
    await cache.put(await address(method, url, body), new Response(text));
    // The oldest go first; the browser tells them in the order they came.
    if (++kept % 50 === 0) for (const old of (await cache.keys()).slice(0, -most)) await cache.delete(old);
    if (isClosed) await caches.delete(store);
  } catch { /* No room, or not allowed: nothing is kept. */ }
}

export async function recallKept(method, url, body) {
  if (isClosed || !concerns(method, url, body)) return null;
  try {
    const found = await (await caches.open(store)).match(await address(method, url, body));
    return found ? await found.text() : null;
  } catch {
    return null;
  }
}

export function forgetKept() {
  isClosed = true;
  try {
    localStorage.removeItem('early');
    window.caches?.delete(store);
  } catch { /* There was nothing. */ }
}

export function beginKeeping() { isClosed = false; }

// Once the program runs, so that it does not wait for what is only for the next time.
export function install() {
  // Asked whether there is a newer one: a page that comes from the worker's store without waking it may not make the browser ask.
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').then(registration => registration.update()).catch(() => { /* Without it, all is fetched each time. */ });
}
