namespace Sternpost.Administration;

/// <summary>Style sheet and script of the administrator's page; the content policy allows none inside it.</summary>
internal static class AdministrationFiles
{
    public const string Style = """
        :root { color-scheme: light dark; --line: #8885; --quiet: #777; --bad: #c62828; --warn: #b26a00; --good: #2e7d32; }
        @media (prefers-color-scheme: dark) { :root { --quiet: #999; --bad: #ff8a80; --warn: #ffcc80; --good: #a5d6a7; } }
        * { box-sizing: border-box; }
        body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 84rem; padding: 1rem; }
        header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; }
        h1 { font-size: 1.4rem; margin: .2rem 0; overflow-wrap: anywhere; } h2 { font-size: 1rem; margin: 0 0 .4rem; display: flex; justify-content: space-between; } h2 span { color: var(--quiet); font-weight: normal; }
        header p { margin: 0; }
        .cards { columns: 3 22rem; column-gap: 1rem; margin: 1rem 0; }
        section { break-inside: avoid; margin: 0 0 1rem; border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
        ul { list-style: none; margin: 0; padding: 0; max-height: 22rem; overflow: auto; } li { padding: .4rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; } li:first-child { border-top: 0; }
        small { display: block; color: var(--quiet); } small.bad, b.bad { color: var(--bad); } b.warn { color: var(--warn); }
        summary small { display: inline; }
        .acts a { margin-right: 1rem; } .quiet { color: var(--quiet); margin: .2rem 0; }
        .state { font-size: 1.15rem; font-weight: 600; margin: .6rem 0; } .good { color: var(--good); } .state.bad { color: var(--bad); }
        .figures { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: .5rem 0; } .figures div { display: flex; flex-direction: column; } dd { margin: 0; font-size: 1.6rem; font-variant-numeric: tabular-nums; } dt { color: var(--quiet); }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .3rem; padding: .6rem; max-height: 20rem; overflow: auto; font: 13px/1.4 ui-monospace, monospace; }
        .narrow { max-width: 22rem; } .narrow label { display: block; margin: .6rem 0; } .narrow input { width: 100%; }
        input, button { font: inherit; padding: .35rem .6rem; max-width: 100%; } .line { margin-top: .6rem; }
        .do { font-weight: 600; } .done { border-left: .3rem solid var(--good); padding: .4rem .8rem; } #said { color: var(--bad); min-height: 1.5em; }
        """;

    public const string Script = """
        'use strict';
        document.getElementById('signin')?.addEventListener('submit', async event => {
          event.preventDefault();
          const form = event.target, said = document.getElementById('said');
          said.textContent = '';
          try {
            const answer = await fetch('/jmap/signin', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: form.username.value, password: form.password.value }) });
            if (answer.ok) location.reload();
            else said.textContent = (await answer.json()).detail ?? 'That did not work.';
          } catch {
            said.textContent = 'The server does not answer. Is the network there?';
          }
        });
        document.getElementById('signout')?.addEventListener('click', async () => {
          await fetch('/jmap/signin', { method: 'DELETE' });
          location.assign('/admin');
        });
        """;
}
