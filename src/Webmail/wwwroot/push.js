// Notices of a page that is closed (RFC 8620 §7.2, RFC 8030): the browser's push service wakes sw.js, which asks the server what has come.

const device = 'webmail';

async function call(method, args) {
  const response = await fetch('/jmap/api', {
    method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:webpush-vapid'], methodCalls: [[method, args, 'c']] }),
  });
  if (!response.ok) throw new Error('HTTP ' + response.status);
  const answer = (await response.json()).methodResponses[0];
  if (answer[0] === 'error') throw new Error(answer[1].description ?? answer[1].type);
  return answer[1];
}

const isHere = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;
const text = octets => btoa(String.fromCharCode(...new Uint8Array(octets))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

async function registered() {
  return isHere() ? await navigator.serviceWorker.getRegistration('/') : undefined;
}

// "unsupported", "denied", "on" or "off".
export async function pushState() {
  try {
    const registration = await registered();
    if (!registration) return 'unsupported';
    if (Notification.permission === 'denied') return 'denied';
    if (!await registration.pushManager.getSubscription()) return 'off';
    return (await call('PushSubscription/get', { ids: null })).list.length > 0 ? 'on' : 'off';
  } catch {
    return 'unsupported';
  }
}

// The words are told to the worker here, for it has no others.
export async function pushOn(words) {
  try {
    const registration = await registered();
    if (!registration) return 'unsupported';
    if (await Notification.requestPermission() !== 'granted') return 'denied';
    const session = await (await fetch('/jmap/session', { credentials: 'same-origin' })).json();
    const applicationServerKey = session.capabilities['urn:ietf:params:jmap:webpush-vapid'].applicationServerKey;
    const cache = await caches.open('push');
    await cache.put('/words', new Response(words));
    // One that was made under another key, or before another sign-in, is made anew.
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
    const before = (await call('PushSubscription/get', { ids: null })).list.filter(known => known.deviceClientId.startsWith(device)).map(known => known.id);
    const answer = await call('PushSubscription/set', {
      create: { s: { deviceClientId: device, url: subscription.endpoint, keys: { p256dh: text(subscription.getKey('p256dh')), auth: text(subscription.getKey('auth')) }, types: ['EmailDelivery'] } },
      destroy: before,
    });
    if (answer.created?.s) return 'on';
    await subscription.unsubscribe();
    return 'failed';
  } catch {
    return 'failed';
  }
}

export async function pushOff() {
  try {
    const known = (await call('PushSubscription/get', { ids: null })).list.map(each => each.id);
    if (known.length > 0) await call('PushSubscription/set', { destroy: known });
  } catch { /* Signed out already: the server ends what belongs to the sign-in. */ }
  try {
    await (await (await registered())?.pushManager.getSubscription())?.unsubscribe();
    await caches.delete('push');
  } catch { /* There was none. */ }
  return 'off';
}
