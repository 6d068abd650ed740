// Runs before anything is painted: the chosen colours, and the first question to the server, which then need not wait for the program.
'use strict';
(() => {
  let choice = null;
  try { choice = localStorage.getItem('theme'); } catch { /* No storage: the system's colours. */ }
  if (choice === 'dark' || choice === 'light') document.documentElement.dataset.theme = choice;
  window.earlySession = fetch('/jmap/session', { credentials: 'same-origin', headers: { Accept: 'application/json' } })
    .then(async response => [response.status, await response.text()], () => [0, '']);
  addEventListener('DOMContentLoaded', () => {
    const failure = document.getElementById('blazor-error-ui');
    // The runtime shows the box through a style of its own; the button is ours.
    failure.querySelector('.reload').addEventListener('click', () => location.reload());
    new MutationObserver(() => { failure.hidden = false; }).observe(failure, { attributes: true, attributeFilter: ['style'] });
  });
})();
