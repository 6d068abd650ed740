// Written into the page by the server, so it runs before anything else is there: the chosen colours, the first questions to the server, which then need not wait for the program, and the start of the program.
'use strict';
(() => {
  // The runtime first, which is made ready while the assemblies come; to remember something takes the browser a while.
  const native = fetch('{{native}}', { credentials: 'same-origin', priority: 'high' });
  native.catch(() => { /* It is asked for again, then. */ });

  const recall = key => { try { return localStorage.getItem(key); } catch { return null; } };
  const choice = recall('theme');
  if (choice === 'dark' || choice === 'light') document.documentElement.dataset.theme = choice;

  // Who is signed in; and where this browser began at this place before, what it asked first then. Only what is asked for word by word is answered by it.
  const ask = (url, init) => fetch(url, { credentials: 'same-origin', ...init }).then(async response => [response.status, await response.text()], () => [0, '']);
  const early = window.early = new Map([['GET /jmap/session', ask('/jmap/session')]]);
  let plan = null;
  try { plan = JSON.parse(recall('early')); } catch { /* Not one of ours. */ }
  if (plan?.place === location.pathname && Array.isArray(plan.bodies)) {
    for (const body of plan.bodies) early.set('POST /jmap/api ' + body, ask('/jmap/api', { method: 'POST', body, headers: { 'Content-Type': 'application/json' } }));
  }

  // All assemblies come in one file, whose name the server writes in: a line for each with its name and octets, an empty line, and their octets.
  const assemblies = native.catch(() => null).then(() => fetch('{{assemblies}}', { credentials: 'same-origin' })).then(async response => {
    if (!response.ok) throw new Error('The assemblies did not come.');
    const buffer = await response.arrayBuffer(), octets = new Uint8Array(buffer), parts = new Map();
    let end = 0;
    while (octets[end] !== 10 || octets[end + 1] !== 10) end++;
    let at = end + 2;
    for (const line of new TextDecoder().decode(octets.subarray(0, end)).split('\n')) {
      const [name, size] = line.split(' ');
      parts.set(name, [at, at += Number(size)]);
    }
    return { buffer, parts };
  });
  assemblies.catch(() => { /* They are asked for one by one, then. */ });

  // What the runtime asks of a response, without the ways a body goes through.
  async function assembly(name, url) {
    const { buffer, parts } = await assemblies.catch(() => ({ parts: new Map() }));
    const place = parts.get(name);
    return place ? { ok: true, status: 200, url, headers: new Headers(), arrayBuffer: () => Promise.resolve(buffer.slice(...place)) } : fetch(url, { credentials: 'same-origin' });
  }

  addEventListener('DOMContentLoaded', () => {
    const failure = document.getElementById('blazor-error-ui');
    // The runtime shows the box through a style of its own; the button is ours.
    failure.querySelector('.reload').addEventListener('click', () => location.reload());
    new MutationObserver(() => { failure.hidden = false; }).observe(failure, { attributes: true, attributeFilter: ['style'] });
    // The files of the runtime are named by their content: what the browser has kept of them it need not ask about, nor add up again.
    window.Blazor?.start({
      loadBootResource: (type, name, url) => type === 'assembly' ? assembly(name, url) : type === 'dotnetwasm' ? native.catch(() => fetch(url, { credentials: 'same-origin' })) : null,
      configureRuntime: runtime => runtime.withConfig({ disableNoCacheFetch: true, disableIntegrityCheck: true }),
    });
  });
})();
