// What only the browser can do, for the program: requests, push, keys, the frame of a message, the editor. It decides nothing about mail.

import { keepFocus } from './focus.js';
import { ahead, beginFrames, forgetFrames, showFrame } from './frames.js';
import { beginKeeping, forgetKept as forgetStored, install, keep, recallKept } from './offline.js';

export { ahead, forgetFrames, showFrame };

export function forgetKept() {
  forgetFrames();
  forgetStored();
}

const byId = id => document.getElementById(id);
let tell = () => { };

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

/* ---- files to attach ---- */

const files = new Map();
let nextFile = 1;

function take(list) {
  return [...list].map(file => {
    const id = String(nextFile++);
    files.set(id, { file, request: null });
    return { id, name: file.name || 'picture.png', size: file.size, type: file.type || 'application/octet-stream' };
  });
}

const isPicture = file => /^image\/(png|jpeg|gif|webp)$/.test(file.type);

function choosePicture() {
  keepRange();
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = 'image/png,image/jpeg,image/gif,image/webp';
  input.addEventListener('change', () => { restoreRange(); insertPictures([...input.files].filter(isPicture)); });
  input.click();
}

function chooseFiles() {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.addEventListener('change', () => tell('files', JSON.stringify(take(input.files))));
  input.click();
}

// At once and not by way of the program: browsers open a choice of files only while they remember the key or the finger that asked for it.
document.addEventListener('click', event => {
  const what = event.target.closest?.('[data-choose]')?.dataset.choose;
  if (what === 'files') chooseFiles();
  else if (what === 'picture') choosePicture();
});

// XMLHttpRequest, because fetch tells no progress of what is sent.
export function upload(id, url) {
  return new Promise(resolve => {
    const entry = files.get(id);
    if (!entry) { resolve('0\n'); return; }
    const sending = entry.request = new XMLHttpRequest();
    sending.open('POST', url);
    sending.setRequestHeader('Content-Type', entry.file.type || 'application/octet-stream');
    sending.upload.addEventListener('progress', e => tell('progress', id + ' ' + Math.floor(100 * e.loaded / Math.max(1, e.total))));
    for (const ending of ['error', 'abort', 'timeout']) sending.addEventListener(ending, () => { files.delete(id); resolve('0\n'); });
    sending.addEventListener('load', () => { files.delete(id); resolve(sending.status + '\n' + sending.responseText); });
    sending.send(entry.file);
  });
}

export function cancelUpload(id) {
  files.get(id)?.request?.abort();
  files.delete(id);
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
    const editor = byId('editor'), dropped = [...e.dataTransfer.files];
    if (!editor) return;
    const inText = editor.contains(e.target) ? dropped.filter(isPicture) : [];
    const at = inText.length > 0 ? document.caretRangeFromPoint?.(e.clientX, e.clientY) : null;
    if (at && editor.contains(at.startContainer)) select(at);
    if (inText.length > 0) insertPictures(inText);
    const others = dropped.filter(file => !inText.includes(file));
    if (others.length > 0) tell('files', JSON.stringify(take(others)));
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

// A document that is parsed here is under this page's policy, which styles in it would break; they are not wanted anyway.
const parse = html => new DOMParser().parseFromString(html.replace(/<style\b[^]*?<\/style\s*>/gi, '').replace(/<[a-z][^<>]*>/gi, tag => tag.replace(/\sstyle\s*=/gi, ' data-style=')), 'text/html');

export function openLink(url) { open(url, '_blank', 'noopener,noreferrer'); }

// The message with who sent it and when, and nothing beside it.
export function printFrame(id) {
  const card = byId(id)?.closest('.message');
  if (!card) return;
  card.classList.add('is-printed');
  print();
  card.classList.remove('is-printed');
}

// The words of a message as lines of text, to quote them: the document that is parsed runs and fetches nothing.
export function textOf(html) {
  const page = parse(html);
  page.querySelectorAll('script, style, title, head, template, noscript').forEach(element => element.remove());
  const read = parent => {
    let text = '';
    const newLine = () => { if (text && !text.endsWith('\n')) text += '\n'; };
    for (const child of parent.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) text += child.data.replace(/[ \t\r\n]+/g, ' ');
      if (child.nodeType !== Node.ELEMENT_NODE) continue;
      const tag = child.tagName;
      if (tag === 'BR') { text += '\n'; continue; }
      if (tag === 'IMG') { const alt = child.getAttribute('alt'); if (alt) text += '[' + alt + ']'; continue; }
      if (!/^(P|DIV|TR|LI|H[1-6]|BLOCKQUOTE|TABLE|UL|OL|HR|PRE)$/.test(tag)) { text += read(child); continue; }
      newLine();
      let inner = tag === 'PRE' ? child.textContent : read(child).replace(/^\s*\n|\n+$/g, '');
      if (tag === 'BLOCKQUOTE') inner = inner.split('\n').map(line => line.startsWith('>') ? '>' + line : '> ' + line).join('\n');
      if (tag === 'LI') inner = (child.parentElement?.tagName === 'OL' ? [...child.parentElement.children].indexOf(child) + 1 + '. ' : '• ') + inner.trim();
      text += inner + (/^(P|H[1-6]|TABLE|UL|OL)$/.test(tag) ? '\n\n' : '\n');
    }
    return text;
  };
  return read(page.body).replace(/[ \t]+\n/g, '\n').replace(/\n{3,}/g, '\n\n').replace(/\s+$/, '').replace(/\n--\n/, '\n-- \n');
}

/* ---- the editor ---- */

// Pictures within the text: where each is, by its content id. Only those are ever shown.
let pictures = new Map();

export function openEditor(html, known) {
  const editor = byId('editor');
  if (!editor) return;
  for (const url of pictures.values()) if (url.startsWith('blob:')) URL.revokeObjectURL(url);
  pictures = new Map(Object.entries(JSON.parse(known)));
  // Only what the program made of escaped text and of its own drafts comes here, and it passes the same door as what is pasted.
  editor.replaceChildren(clean(html));
  document.execCommand('defaultParagraphSeparator', false, 'div');
  editor.addEventListener('input', () => { editor.dataset.unsaved = 'true'; tell('edited', ''); });
  editor.addEventListener('paste', onPaste);
  const range = document.createRange();
  range.setStart(editor, 0);
  select(range);
}

function select(range) {
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

// Pictures are named as they will be in the message. The document that they are renamed in loads nothing.
export function editorHtml() {
  const editor = byId('editor');
  if (!editor) return '';
  if (!editor.querySelector('img')) return editor.innerHTML;
  const page = new DOMParser().parseFromString(editor.innerHTML, 'text/html');
  for (const image of page.querySelectorAll('img')) {
    const cid = image.dataset.cid;
    if (!pictures.has(cid)) { image.remove(); continue; }
    image.removeAttribute('data-cid');
    image.setAttribute('src', 'cid:' + cid);
  }
  return page.body.innerHTML;
}

function insertPictures(list) {
  if (list.length === 0) return;
  byId('editor').focus();
  const taken = take(list).map((item, i) => ({ ...item, cid: 'p' + crypto.randomUUID() + '@sternpost', url: URL.createObjectURL(list[i]) }));
  const holder = document.createElement('div');
  for (const { cid, url, name } of taken) {
    pictures.set(cid, url);
    holder.append(pictureOf(cid, name));
  }
  document.execCommand('insertHTML', false, holder.innerHTML);
  tell('files', JSON.stringify(taken.map(({ url, ...item }) => item)));
}

function pictureOf(cid, alt) {
  const image = document.createElement('img');
  image.src = pictures.get(cid);
  image.dataset.cid = cid;
  image.alt = alt ?? '';
  return image;
}

export function removePicture(cid) {
  pictures.delete(cid);
  for (const image of byId('editor')?.querySelectorAll('img') ?? []) if (image.dataset.cid === cid) image.remove();
}

// The body of a message as the server has cleaned it, as far as the editor holds its form; pictures of the message get content ids of their own.
export function quoteOf(html) {
  const page = parse(html), found = new Map();
  if (page.body.innerHTML.length > 600000) return JSON.stringify({ html: '', pictures: [] });
  for (const image of page.querySelectorAll('img')) {
    const parts = /^\/jmap\/download\/[^/]+\/([A-Za-z0-9_-]+)\/([^?]*)\?type=(image%2F[a-z.+-]+)$/i.exec(image.getAttribute('src') ?? '');
    if (!parts) { image.remove(); continue; }
    if (!found.has(parts[0])) found.set(parts[0], { cid: 'q' + crypto.randomUUID() + '@sternpost', blobId: parts[1], name: decodeURIComponent(parts[2]), type: decodeURIComponent(parts[3]) });
    image.setAttribute('src', 'cid:' + found.get(parts[0]).cid);
  }
  const kept = [...found.values()].map(picture => picture.cid);
  // All of it in a document that loads nothing.
  const owner = new DOMParser().parseFromString('', 'text/html'), holder = owner.body;
  for (const part of page.body.children) holder.append(cleaned(part, cid => kept.includes(cid) ? inert(cid) : null, owner));
  return JSON.stringify({ html: holder.innerHTML, pictures: [...found.values()] });

  function inert(cid) {
    const image = owner.createElement('img');
    image.setAttribute('src', 'cid:' + cid);
    return image;
  }
}

export function setEditor(html) { byId('editor')?.replaceChildren(clean(html)); }

export function editorText() { return textOf(editorHtml()); }

export function markSaved() { const editor = byId('editor'); if (editor) editor.dataset.unsaved = 'false'; }

let keptRange = null;

// Before another field takes the focus, and the selection with it.
export function keepSelection() {
  keepRange();
  focus('#link');
}

function keepRange() {
  const selection = getSelection();
  if (selection.rangeCount > 0 && byId('editor')?.contains(selection.anchorNode)) keptRange = selection.getRangeAt(0).cloneRange();
}

function restoreRange() {
  byId('editor')?.focus();
  if (keptRange) select(keptRange);
  keptRange = null;
}

export function format(command, value) {
  const editor = byId('editor');
  if (!editor) return;
  editor.focus();
  if (command === 'createLink' && keptRange) {
    getSelection().removeAllRanges();
    getSelection().addRange(keptRange);
    keptRange = null;
  }
  if (command === 'createLink' && getSelection().isCollapsed) {
    const link = document.createElement('a');
    link.href = value;
    link.textContent = value;
    document.execCommand('insertHTML', false, link.outerHTML);
  } else document.execCommand(command, false, value || undefined);
}

const kept = new Set(['B', 'STRONG', 'I', 'EM', 'U', 'S', 'STRIKE', 'A', 'BR', 'DIV', 'P', 'UL', 'OL', 'LI', 'BLOCKQUOTE', 'PRE', 'CODE', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'SPAN', 'HR', 'SUB', 'SUP', 'SMALL', 'DL', 'DT', 'DD', 'TABLE', 'CAPTION', 'THEAD', 'TBODY', 'TFOOT', 'TR', 'TH', 'TD']);

// What the editor may hold: a few elements, no attribute but a link's address and what spans in a table, and the message's own pictures.
function clean(html) {
  return cleaned(parse(html).body, (cid, alt) => pictures.has(cid) ? pictureOf(cid, alt) : null);
}

function cleaned(body, picture, owner = document) {
  const result = owner.createDocumentFragment();
  const copy = (from, to) => {
    for (const child of from.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) to.append(child.data);
      if (child.nodeType !== Node.ELEMENT_NODE || /^(SCRIPT|STYLE|TITLE|META|LINK|TEMPLATE|NOSCRIPT|IFRAME|OBJECT|SVG|MATH)$/i.test(child.tagName)) continue;
      if (child.tagName === 'IMG') {
        const image = picture(child.dataset.cid ?? /^cid:(.+)$/.exec(child.getAttribute('src') ?? '')?.[1], child.getAttribute('alt'));
        if (image) {
          image.alt = child.getAttribute('alt') ?? '';
          const width = child.getAttribute('width') ?? '';
          if (/^\d{1,4}$/.test(width)) image.setAttribute('width', width);
          to.append(image);
        }
        continue;
      }
      if (!kept.has(child.tagName)) { copy(child, to); continue; }
      const element = owner.createElement(child.tagName);
      if (child.tagName === 'A' && /^(https?|mailto):/i.test(child.getAttribute('href') ?? '')) element.setAttribute('href', child.getAttribute('href'));
      for (const name of ['colspan', 'rowspan']) if (/^\d{1,2}$/.test(child.getAttribute(name) ?? '')) element.setAttribute(name, child.getAttribute(name));
      for (const name of ['sternpost-quote', 'sternpost-signature']) if (child.classList.contains(name)) element.className = name;
      copy(child, element);
      to.append(element);
    }
  };
  copy(body, result);
  return result;
}

function onPaste(e) {
  const html = e.clipboardData.getData('text/html'), pasted = [...e.clipboardData.files];
  // What office programs copy comes as text and as a picture of the text: the text is meant.
  if (pasted.length > 0 && !(html && e.clipboardData.getData('text/plain').trim())) {
    e.preventDefault();
    insertPictures(pasted.filter(isPicture));
    const others = pasted.filter(file => !isPicture(file));
    if (others.length > 0) tell('files', JSON.stringify(take(others)));
    return;
  }
  if (!html) return;
  e.preventDefault();
  const holder = document.createElement('div');
  holder.append(clean(html));
  document.execCommand('insertHTML', false, holder.innerHTML);
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
