// What only the browser can do, for the program: requests, push, keys, the list, focus; what writing needs is in writing.js. It decides nothing about mail.

import { keepFocus } from './focus.js';
import { ahead, beginFrames, forgetFrames, showFrame } from './frames.js';
import { beginKeeping, forgetKept as forgetStored, install, keep, recallKept } from './offline.js';

export { ahead, forgetFrames, showFrame };

export function forgetKept() {
  forgetFrames();
  forgetStored();
}

const byId = id => document.getElementById(id);
// Tells the program that something happened, and what it is about.
export let tell = () => { };

/* ---- requests ---- */

const firstBodies = [];
let isFirst = true;

// Answers "STATUS\nBODY"; status 0 where the server could not be reached, and 203 (RFC 9110 §15.3.4) where what it said before is told instead.
export async function request(method, url, body, type) {
  if ((url === '/jmap/signin' || url === '/account/passkey') && method === 'POST') beginKeeping();
  if (isFirst && url === '/jmap/api' && firstBodies.length < 4) firstBodies.push(body);
  let [status, text] = await earlier(method, url, body) ?? [0, ''];
  if (status === 0) [status, text] = await ask(method, url, body, type);
  if (status === 200) keep(method, url, body, text);
  else if (status === 0) {
    const before = await recallKept(method, url, body);
    if (before !== null) [status, text] = [203, before];
  }
  return status + '\n' + text;
}

// What early.js has asked already.
async function earlier(method, url, body) {
  const key = method + ' ' + url + (body ? ' ' + body : '');
  const asked = window.early?.get(key);
  if (!asked) return null;
  window.early.delete(key);
  const answer = await asked;
  return answer[0] === 200 || method === 'GET' ? answer : null;
}

async function ask(method, url, body, type) {
  try {
    const response = await fetch(url, { method, body: body ?? undefined, credentials: 'same-origin', headers: type ? { 'Content-Type': type } : {} });
    return [response.status, await response.text()];
  } catch {
    return [0, ''];
  }
}

/* ---- push ---- */

let events = null;

export function subscribe(url) {
  events?.close();
  if (!url) { events = null; return; }
  events = new EventSource(url);
  events.addEventListener('state', e => tell('push', e.data));
  events.addEventListener('open', () => tell('online', ''));
  events.addEventListener('error', () => tell('offline', ''));
}

/* ---- places and keys ---- */

export function start(callback) {
  tell = callback;
  keepFocus();
  beginFrames(callback, onKey);
  addEventListener('popstate', () => tell('place', location.pathname + location.search));
  document.addEventListener('keydown', onKey);
  document.addEventListener('pointerover', onPoint, { passive: true });
  document.addEventListener('scroll', onScroll, { capture: true, passive: true });
  addEventListener('resize', () => tell('resize', ''));
  addEventListener('online', () => tell('online', ''));
  addEventListener('offline', () => tell('offline', ''));
  document.addEventListener('dragover', e => { if (hasFiles(e)) { e.preventDefault(); document.body.classList.add('is-dropping'); } });
  document.addEventListener('dragleave', e => { if (!e.relatedTarget) document.body.classList.remove('is-dropping'); });
  document.addEventListener('drop', e => {
    document.body.classList.remove('is-dropping');
    if (!hasFiles(e)) return;
    e.preventDefault();
  });
  addEventListener('beforeunload', e => { if (byId('editor')?.dataset.unsaved === 'true') e.preventDefault(); });
}

const hasFiles = e => [...(e.dataTransfer?.types ?? [])].includes('Files');

export function place() { return location.pathname + location.search; }

export function go(path, replace) {
  if (path === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', path); else history.pushState(null, '', path);
}

let prefix = null;
const single = new Set(['j', 'k', 'n', 'p', 'o', 'u', 'e', '#', '!', 's', 'r', 'a', 'f', 'c', '/', '?', 'x', 'z', 'I', 'U', 'v', 'b', 'l', 'ArrowDown', 'ArrowUp', 'Enter', 'Escape', 'Delete', 'N']);

function onKey(e) {
  if (e.isComposing || e.defaultPrevented) return;
  const target = e.target;
  const typing = target.closest?.('input:not([type=checkbox]), textarea, select, [contenteditable=true]');
  if ((e.ctrlKey || e.metaKey) && e.key === 'Enter' && byId('editor')) { e.preventDefault(); tell('key', 'send'); return; }
  // An open list of proposals has these keys; what holds them listens after this.
  if (target.getAttribute?.('aria-expanded') === 'true' && target.getAttribute('role') === 'combobox' && ['ArrowDown', 'ArrowUp', 'Escape', 'Enter'].includes(e.key)) { e.preventDefault(); return; }
  if (e.key === 'Escape') {
    if (prefix) { prefix = null; return; }
    // A browser would empty the field, and with it the list that one goes to.
    if (typing?.id === 'search') e.preventDefault();
    tell('key', typing?.id === 'search' ? 'Escape search' : 'Escape');
    return;
  }
  if (typing || e.ctrlKey || e.metaKey || e.altKey) return;
  // A dialog has its own keys: letters pressed in it are not for the mail behind it.
  if (document.querySelector('dialog[open]')) return;
  if (prefix === 'g') {
    prefix = null;
    if ('istdaknc'.includes(e.key)) { e.preventDefault(); tell('key', 'g ' + e.key); }
    return;
  }
  if (prefix === '*') {
    prefix = null;
    if ('anur'.includes(e.key)) { e.preventDefault(); tell('key', '* ' + e.key); }
    return;
  }
  if (e.key === 'g' || e.key === '*') { prefix = e.key; setTimeout(() => { prefix = null; }, 1500); return; }
  if (!single.has(e.key)) return;
  // Return and arrows belong to what has the focus, except in the list, which is moved through with them.
  if (['Enter', 'ArrowDown', 'ArrowUp'].includes(e.key) && !(target === document.body || target.closest?.('#list'))) return;
  if (e.key === 'Enter' && target.closest?.('button, a, input')) return;
  e.preventDefault();
  tell('key', e.key);
}

/* ---- the list, of which only what is in sight exists ---- */

let scrollWaits = false;

function onScroll(e) {
  if (e.target.id !== 'list' || scrollWaits) return;
  scrollWaits = true;
  requestAnimationFrame(() => { scrollWaits = false; tell('scroll', ''); });
}

// How far the list is scrolled, how much of it is seen, how high a row is, in CSS pixels; as is usual where there is none yet.
export const listTop = () => Math.max(0, byId('list')?.scrollTop ?? 0);
export const listHeight = () => byId('list')?.clientHeight ?? 800;
export function listRow() {
  const list = byId('list');
  if (!list) return 72;
  const row = list.querySelector('.row');
  return row ? row.getBoundingClientRect().height : parseFloat(getComputedStyle(list).getPropertyValue('--row')) || 72;
}

export function layOut(total, first, height) {
  const space = byId('list-space'), window_ = byId('list-rows');
  if (!space || !window_) return;
  space.style.height = (total * height) + 'px';
  window_.style.transform = 'translateY(' + (first * height) + 'px)';
}

export function scrollToRow(index, height) {
  const list = byId('list');
  if (!list) return;
  const top = index * height;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
}

export function scrollTop(id) { byId(id)?.scrollTo(0, 0); }

// A row that the pointer rests on is probably opened next.
let near = 0;

function onPoint(e) {
  const row = e.target.closest?.('.row');
  clearTimeout(near);
  if (row && e.pointerType === 'mouse' && !row.classList.contains('is-open')) near = setTimeout(() => { if (row.isConnected) tell('near', String(Math.max(0, Number(row.getAttribute('aria-posinset')) - 1))); }, 80);
}

/* ---- focus and dialogs ---- */

export function focus(selector) {
  requestAnimationFrame(() => {
    const element = document.querySelector(selector);
    if (!element) return;
    element.focus({ preventScroll: element.closest('#list') !== null });
    if (element.matches('input')) element.select();
  });
}

export function openDialog(id) {
  const dialog = byId(id);
  if (dialog && !dialog.open) {
    dialog.addEventListener('cancel', e => { e.preventDefault(); tell('key', 'Escape'); }, { once: true });
    dialog.showModal();
  }
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function blur() { document.activeElement?.blur(); }

export function openLink(url) { open(url, '_blank', 'noopener,noreferrer'); }

// The message with who sent it and when, and nothing beside it.
export function printFrame(id) {
  const card = byId(id)?.closest('.message');
  if (!card) return;
  card.classList.add('is-printed');
  print();
  card.classList.remove('is-printed');
}

/* ---- small things ---- */

export function remember(key, value) { try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value); } catch { /* Not kept, then. */ } }
export function recall(key) { try { return localStorage.getItem(key); } catch { return null; } }

export function setTheme(choice) {
  if (choice === 'dark' || choice === 'light') document.documentElement.dataset.theme = choice; else delete document.documentElement.dataset.theme;
}

// Whether list and message stand side by side, as in app.css.
export function isWide() { return matchMedia('(min-width: 901px)').matches; }

export function isDark() {
  const choice = document.documentElement.dataset.theme;
  return choice ? choice === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

export function title(text) { document.title = text; }

export function language() { return navigator.language; }

export const wait = milliseconds => new Promise(done => setTimeout(done, milliseconds));

export function mark(name) {
  performance.mark(name);
  if (name !== 'list shown') return;
  // The same will be asked first the next time one begins here.
  isFirst = false;
  window.early?.clear();
  if (location.pathname.startsWith('/mail/')) remember('early', JSON.stringify({ place: location.pathname, bodies: firstBodies }));
  setTimeout(install, 2000);
}

export function zoneOffset(milliseconds) { return -new Date(milliseconds).getTimezoneOffset(); }

let notifying = false;

export async function askToNotify() {
  if (!('Notification' in window)) return 'unsupported';
  const answer = await Notification.requestPermission();
  notifying = answer === 'granted';
  return answer;
}

// Fetched when it is wanted: most starts have nothing to do with it.
export const pushState = async () => (await import('./push.js')).pushState();
export const pushOn = async words => (await import('./push.js')).pushOn(words);
export const pushOff = async () => (await import('./push.js')).pushOff();

export function notify(heading, text) {
  if (!('Notification' in window) || Notification.permission !== 'granted' || document.visibilityState === 'visible') return;
  const notice = new Notification(heading, { body: text, icon: '/icon.svg', tag: 'mail' });
  notice.addEventListener('click', () => { window.focus(); notice.close(); });
}

/* ---- passkeys ---- */

export function hasPasskeys() {
  return typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
}

export async function makePasskey(options) {
  try {
    return JSON.stringify(await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options)) }));
  } catch {
    return '';
  }
}

export async function usePasskey(options) {
  try {
    return JSON.stringify(await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options)) }));
  } catch {
    return '';
  }
}
