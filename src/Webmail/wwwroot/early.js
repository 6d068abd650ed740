// Written into the page by the server with blazor.webassembly.js after it, so it runs before anything else is there: the chosen colours, the first questions to the server, which then need not wait for the program, and the start of the program.
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

  // What the program asks for when it runs, and what only the browser asks for: after what it runs on, for a browser answers from its store one by one.
  const link = (rel, href) => document.head.append(Object.assign(document.createElement('link'), { rel, href }));
  native.catch(() => null).then(() => {
    for (const module of ['app.js', 'focus.js', 'frames.js', 'offline.js']) link('modulepreload', module);
  });
  addEventListener('load', () => link('manifest', 'app.webmanifest'));

  // All assemblies come in one file, whose name the server writes in, and what it consists of: names and octets. Each is read into a buffer of its own as it
  // comes; every further copy of all of them is felt.
  const layout = '{{layout}}'.split(' ');
  const assemblies = native.catch(() => null).then(() => fetch('{{assemblies}}', { credentials: 'same-origin' })).then(async response => {
    if (!response.ok) throw new Error('The assemblies did not come.');
    const parts = new Map(), fill = filler(response.body);
    for (let i = 0; i < layout.length; i += 2) parts.set(layout[i], await fill(Number(layout[i + 1])));
    return parts;
  });
  assemblies.catch(() => { /* They are asked for one by one, then. */ });

  // The next octets of a stream as a buffer: read straight into it, where the browser can do that.
  function filler(stream) {
    let reader = null;
    try { reader = stream.getReader({ mode: 'byob' }); } catch { /* By way of pieces. */ }
    if (reader) return async size => {
      let octets = new Uint8Array(size);
      for (let at = 0; at < size;) {
        const { value, done } = await reader.read(octets.subarray(at));
        if (done) throw new Error('The assemblies ended early.');
        at += value.length;
        octets = new Uint8Array(value.buffer);
      }
      return octets.buffer;
    };
    reader = stream.getReader();
    let piece = new Uint8Array(0);
    return async size => {
      const octets = new Uint8Array(size);
      for (let at = 0; at < size;) {
        if (piece.length === 0) {
          const { value, done } = await reader.read();
          if (done) throw new Error('The assemblies ended early.');
          piece = value;
        }
        const part = piece.subarray(0, size - at);
        octets.set(part, at);
        at += part.length;
        piece = piece.subarray(part.length);
      }
      return octets.buffer;
    };
  }

  // The page has been read when the program runs.
  const isRead = new Promise(done => addEventListener('DOMContentLoaded', done));

  // What the runtime asks of a response, without the ways a body goes through.
  async function assembly(name, url) {
    await isRead;
    const buffer = (await assemblies.catch(() => new Map())).get(name);
    return buffer ? { ok: true, status: 200, url, headers: new Headers(), arrayBuffer: () => Promise.resolve(buffer) } : fetch(url, { credentials: 'same-origin' });
  }

  addEventListener('DOMContentLoaded', () => {
    const failure = document.getElementById('blazor-error-ui');
    // The runtime shows the box through a style of its own; the button is ours.
    failure.querySelector('.reload').addEventListener('click', () => location.reload());
    new MutationObserver(() => { failure.hidden = false; }).observe(failure, { attributes: true, attributeFilter: ['style'] });
  });

  // When the rest of this text has run, which would look for its programs beside itself. The files of the runtime are named by their content: what the browser has kept of them it need not ask about, nor add up again.
  queueMicrotask(() => window.Blazor.start({
    loadBootResource: (type, name, url) => type === 'assembly' ? assembly(name, url) : type === 'dotnetwasm' ? native.catch(() => fetch(url, { credentials: 'same-origin' })) : name === 'dotnet.js' ? url : null,
    configureRuntime: runtime => runtime.withConfig({ disableNoCacheFetch: true, disableIntegrityCheck: true }),
  }));
})();
