// The frame of a message. Frames of messages that will probably be read next are made ahead, out of sight, and moved to their place without being
// loaded again, where the browser can do that (Node.moveBefore); nothing of a message is told to the program, nor fetched by it, before it is shown.

const most = (navigator.deviceMemory ?? 8) < 4 ? 2 : 6;
const longest = 400000;
const waiting = new Map(), observed = new WeakMap();
let tell = () => { }, onKey = () => { }, holder = null, making = null, isAsked = false, wanted = [];

export function beginFrames(teller, keys) { tell = teller; onKey = keys; }

const byId = id => document.getElementById(id);

function frameFor() {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-same-origin allow-popups allow-popups-to-escape-sandbox');
  frame.referrerPolicy = 'no-referrer';
  frame.addEventListener('load', () => settle(frame));
  return frame;
}

// ID is of the frame; its place, "place-ID", is the program's, and what is in it is not.
export function showFrame(id, url, title) {
  const place = byId('place-' + id);
  if (!place) return;
  let frame = place.querySelector('iframe');
  const made = waiting.get(url);
  waiting.delete(url);
  if (frame || !made) {
    made?.remove();
    const isNew = !frame;
    frame ??= frameFor();
    frame.className = 'body';
    frame.src = url;
    if (isNew) place.append(frame);
  } else {
    frame = made;
    place.moveBefore(frame, null);
    frame.className = 'body';
  }
  frame.id = id;
  frame.title = title;
  frame.removeAttribute('tabindex');
  if (frame === made && observed.has(frame)) reveal(frame);
}

function pageOf(frame) {
  const page = frame.contentDocument;
  return page?.body && page.location.href !== 'about:blank' ? page : null;
}

function settle(frame) {
  const page = pageOf(frame);
  // Nothing is made ahead of a message that is gone.
  if (!page || (!frame.id && 'gone' in page.documentElement.dataset)) return;
  let changes = 0, width = 0;
  const fit = () => {
    // A page whose height follows the frame's would grow for ever.
    if (frame.clientWidth !== width) { width = frame.clientWidth; changes = 0; }
    if (changes++ > 12) return;
    frame.style.height = Math.min(60000, Math.ceil(page.body.getBoundingClientRect().height) + 2 + (page.documentElement.scrollWidth > frame.clientWidth ? 16 : 0)) + 'px';
  };
  fit();
  const watch = new ResizeObserver(fit);
  watch.observe(page.body);
  observed.set(frame, watch);
  for (const type of ['click', 'auxclick', 'keydown']) page.addEventListener(type, e => onFrameLink(e, type));
  for (const type of ['mouseover', 'focusin']) page.addEventListener(type, e => tell('target', targetOf(e.target)));
  for (const type of ['mouseout', 'focusout']) page.addEventListener(type, () => tell('target', ''));
  page.addEventListener('keydown', e => { if (!e.target.closest('a, [data-to]') || e.key !== 'Enter') onKey(e); });
  foldQuotes(page, fit);
  if (frame.id) reveal(frame);
}

function reveal(frame) {
  const page = pageOf(frame);
  if (!page) return;
  frame.classList.add('is-loaded');
  frame.classList.toggle('is-html', page.documentElement.classList.contains('is-html'));
  performance.mark('message shown');
  // The program may be in the middle of drawing what this is in.
  setTimeout(() => tell('frame', frame.id + ' ' + (page.documentElement.dataset.leftOut ?? '0')));
}

/* ---- made ahead ---- */

// "OCTETS URL", a line each, of messages that will probably be read next.
export function ahead(lines) {
  if (navigator.connection?.saveData) return;
  for (const line of lines.split('\n')) {
    const [octets, url] = line.split(' ');
    if (waiting.has(url) || wanted.includes(url)) continue;
    if (Number(octets) <= longest && 'moveBefore' in document.body) wanted.push(url);
    // The worker keeps the page, at least.
    else if (navigator.serviceWorker?.controller) fetch(url, { credentials: 'same-origin', priority: 'low' }).then(response => response.blob()).catch(() => { /* Asked for when it is read. */ });
  }
  wanted = wanted.slice(-most);
  makeNext();
}

export function forgetFrames() {
  wanted = [];
  waiting.clear();
  holder?.replaceChildren();
}

const idle = window.requestIdleCallback ?? (then => setTimeout(then, 50));

// One after another, while nothing else is to be done.
function makeNext() {
  if (isAsked || making?.isConnected || wanted.length === 0) return;
  isAsked = true;
  idle(() => {
    isAsked = false;
    const url = wanted.shift();
    if (!url) return;
    if (!holder) {
      holder = document.createElement('div');
      holder.id = 'frames-ahead';
      holder.inert = true;
      document.body.append(holder);
    }
    // As wide as it will be, so that it is laid out once.
    const shown = document.querySelector('iframe.body')?.clientWidth;
    if (shown) holder.style.inlineSize = shown + 'px';
    const frame = making = frameFor();
    frame.addEventListener('load', () => {
      making = null;
      // It did not come; it is asked for when it is read.
      if (!observed.has(frame) && waiting.delete(url)) frame.remove();
      makeNext();
    }, { once: true });
    frame.title = url;
    frame.tabIndex = -1;
    frame.src = url;
    waiting.set(url, frame);
    holder.append(frame);
    for (const [old, other] of [...waiting].slice(0, -most)) { waiting.delete(old); other.remove(); }
  }, { timeout: 2000 });
}

/* ---- what is in it ---- */

// A reply's copy of what it answers, at the end of the message, is folded.
function foldQuotes(page, fit) {
  const last = page.querySelector('.text > blockquote:last-child, .html .gmail_quote, .html blockquote[type=cite], .html .sternpost-quote');
  if (!last || last.textContent.trim().length < 200 || page.body.textContent.trim().length - last.textContent.trim().length < 20) return;
  const details = page.createElement('details'), summary = page.createElement('summary');
  details.className = 'sternpost-fold';
  summary.textContent = '···';
  summary.title = 'Earlier messages';
  summary.setAttribute('aria-label', 'Earlier messages');
  last.replaceWith(details);
  details.append(summary, last);
  details.addEventListener('toggle', () => fit());
}

const linkOf = node => node.closest?.('a[href], area[href], [data-to]');

function targetOf(node) {
  const link = linkOf(node);
  return link ? link.dataset.to ?? link.href ?? '' : '';
}

function onFrameLink(e, type) {
  const link = linkOf(e.target);
  if (!link || (type === 'keydown' && e.key !== 'Enter' && !(e.key === ' ' && link.dataset.to))) return;
  if (link.dataset.to) {
    e.preventDefault();
    tell('stopped', JSON.stringify({ to: link.dataset.to, reason: link.dataset.reason ?? '', shown: link.dataset.shown ?? '' }));
  } else if (link.protocol === 'mailto:') {
    e.preventDefault();
    tell('mailto', link.href);
  }
}
