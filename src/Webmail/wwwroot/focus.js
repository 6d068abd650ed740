// Where the keyboard is. Whatever is drawn away takes the focus with it, and who works without a mouse would begin again at the top of the
// page: so it goes back to where it came from, or to what took the place of what is gone.

const regions = [['dialog', 'dialog'], ['.composer', 'composer'], ['#list', 'list'], ['.reading', 'reading'], ['.folders', 'folders']];
const trail = [];
let last = null;
let waits = false;

const regionOf = element => regions.find(([selector]) => element.closest(selector))?.[1] ?? 'page';
const canHave = element => element && element.isConnected && !element.closest('[inert]') && !element.disabled && element.checkVisibility({ visibilityProperty: true });

export function keepFocus() {
  document.addEventListener('focusin', e => {
    if (e.target === document.body) return;
    last = { element: e.target, region: regionOf(e.target) };
    const at = trail.findIndex(each => each.element === e.target);
    if (at >= 0) trail.splice(at, 1);
    trail.push(last);
    if (trail.length > 20) trail.shift();
  });
  new MutationObserver(look).observe(document.getElementById('app'), { childList: true, subtree: true, attributes: true, attributeFilter: ['inert', 'class', 'disabled', 'hidden', 'aria-busy'] });
}

// After whatever else wants the focus has had its turn.
function look() {
  if (waits || !last) return;
  waits = true;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    waits = false;
    const now = document.activeElement;
    if (now && now !== document.body && canHave(now)) return;
    // Taken away by whom it belongs to, as by a click beside everything: that is meant.
    if (canHave(last.element)) return;
    const next = successor();
    if (next) next.focus({ preventScroll: true, focusVisible: true });
  }));
}

function successor() {
  const dialog = document.querySelector('dialog[open]');
  if (dialog) return dialog.querySelector('[autofocus], button, input, a[href]');
  // The row that came to the place of one that went, and what is read instead of what was.
  // A list that is on its way is waited for.
  if (document.querySelector('#list[aria-busy=true]') && last.region !== 'reading') return null;
  if (last.region === 'list') return firstOf(['#list .row.is-cursor .row-link', '#list .row .row-link', '#reading-title', '#list']);
  if (last.region === 'reading') return firstOf(['#reading-title', '#list .row.is-cursor .row-link', '#list']);
  for (let i = trail.length - 1; i >= 0; i--) if (canHave(trail[i].element)) return trail[i].element;
  return firstOf(['#editor', '#reading-title', '#list .row.is-cursor .row-link', '#list', 'main h1', '#username']);
}

function firstOf(selectors) {
  for (const selector of selectors) {
    const found = document.querySelector(selector);
    if (canHave(found)) return found;
  }
  return null;
}
