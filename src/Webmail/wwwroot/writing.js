// What writing needs beside the program: the files to attach, and the editor. It comes when the first list has been shown, or with the first letter.

import { focus, tell } from './app.js';

const byId = id => document.getElementById(id);

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

document.addEventListener('drop', e => {
  const editor = byId('editor'), dropped = [...e.dataTransfer?.files ?? []];
  if (!editor || dropped.length === 0) return;
  const inText = editor.contains(e.target) ? dropped.filter(isPicture) : [];
  const at = inText.length > 0 ? document.caretRangeFromPoint?.(e.clientX, e.clientY) : null;
  if (at && editor.contains(at.startContainer)) select(at);
  if (inText.length > 0) insertPictures(inText);
  const others = dropped.filter(file => !inText.includes(file));
  if (others.length > 0) tell('files', JSON.stringify(take(others)));
});

/* ---- the text of a letter ---- */

// A document that is parsed here is under this page's policy, which styles in it would break; they are not wanted anyway.
const parse = html => new DOMParser().parseFromString(html.replace(/<style\b[^]*?<\/style\s*>/gi, '').replace(/<[a-z][^<>]*>/gi, tag => tag.replace(/\sstyle\s*=/gi, ' data-style=')), 'text/html');

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
  if (!editor) return null;
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
