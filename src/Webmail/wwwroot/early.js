// Runs before anything is painted: the chosen colours, the first questions to the server, which then need not wait for the program, and the start of the program.
'use strict';
(() => {
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

  addEventListener('DOMContentLoaded', () => {
    const failure = document.getElementById('blazor-error-ui');
    // The runtime shows the box through a style of its own; the button is ours.
    failure.querySelector('.reload').addEventListener('click', () => location.reload());
    new MutationObserver(() => { failure.hidden = false; }).observe(failure, { attributes: true, attributeFilter: ['style'] });
    // The files of the runtime are named by their content: what the browser has kept of them it need not ask about, nor add up again.
    window.Blazor?.start({ configureRuntime: runtime => runtime.withConfig({ disableNoCacheFetch: true, disableIntegrityCheck: true }) });
  });
})();
