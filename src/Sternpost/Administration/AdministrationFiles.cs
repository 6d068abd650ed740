namespace Sternpost.Administration;

/// <summary>Style sheet and script of the administrator's page; the content policy allows none inside it.</summary>
internal static class AdministrationFiles
{
    public const string Style = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --link: #0b57b0; --line: #8885; --quiet: #5f5f5f; --bad: #b71c1c; --warn: #8a4b00; --good: #256b29; }
        @media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #ececec; --link: #9ecbff; --quiet: #aaa; --bad: #ff8a80; --warn: #ffcc80; --good: #a5d6a7; } }
        * { box-sizing: border-box; }
        body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 84rem; padding: 1rem; background: var(--paper); color: var(--ink); } a { color: var(--link); }
        header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; }
        h1 { font-size: 1.4rem; margin: .2rem 0; overflow-wrap: anywhere; } h2 { font-size: 1rem; margin: 0 0 .4rem; display: flex; justify-content: space-between; } h2 span { color: var(--quiet); font-weight: normal; }
        header p { margin: 0; }
        .cards { columns: 3 22rem; column-gap: 1rem; margin: 1rem 0; }
        section { break-inside: avoid; margin: 0 0 1rem; border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
        ul { list-style: none; margin: 0; padding: 0; } li { padding: .4rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; } li:first-child { border-top: 0; }
        small { display: block; color: var(--quiet); } small.bad, b.bad { color: var(--bad); } b.warn, small.warn { color: var(--warn); }
        summary small { display: inline; }
        .acts a { margin-right: 1rem; } .quiet { color: var(--quiet); margin: .2rem 0; }
        .skip { position: absolute; left: -99rem; } .skip:focus { position: static; }
        nav ul { display: flex; flex-wrap: wrap; gap: .2rem .4rem; margin: .8rem 0 1rem; border-bottom: 1px solid var(--line); } nav li { border: 0; padding: 0; }
        nav a { display: block; padding: .4rem .6rem; text-decoration: none; border-bottom: .2rem solid transparent; } nav a[aria-current] { font-weight: 600; border-color: currentColor; } nav a:hover { text-decoration: underline; }
        a, button, input, select { outline-offset: 2px; } .search { display: flex; flex-wrap: wrap; gap: .4rem .6rem; align-items: center; } .search input { flex: 1 1 14rem; max-width: 34rem; }
        main > h2 { margin: 1.4rem 0 .4rem; display: block; } .rows { max-width: 60rem; } .rows ul { margin: .3rem 0 .3rem 1rem; } .acts { display: block; margin: .3rem 0; } .acts a { display: inline-block; padding: .15rem 0; }
        .trail { border-top: 1px solid var(--line); padding: .8rem 0; max-width: 60rem; } .trail h2 { display: block; overflow-wrap: anywhere; } .trail p { margin: .2rem 0; overflow-wrap: anywhere; }
        .way { list-style: none; margin: .6rem 0 0 .4rem; padding: 0; border-left: 2px solid var(--line); } .way li { border: 0; padding: .25rem 0 .25rem 1rem; position: relative; color: var(--ink); }
        .way li::before { content: ""; position: absolute; left: -.4rem; top: .7rem; width: .65rem; height: .65rem; border-radius: 50%; background: var(--quiet); } .way .good::before { background: var(--good); } .way .bad::before { background: var(--bad); } .way .warn::before { background: var(--warn); }
        .way time { color: var(--quiet); font-variant-numeric: tabular-nums; margin-right: .5rem; } .way b { margin-right: .5rem; } .way li.bad b { color: var(--bad); } .way li.warn b { color: var(--warn); } .way li.good b { color: var(--good); }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; max-width: 70rem; } th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-top: 1px solid var(--line); vertical-align: top; } th { font-weight: 600; border-top: 0; white-space: nowrap; }
        .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .6rem 1.5rem; margin: 1rem 0; } .facts dd { font-size: 1rem; overflow-wrap: anywhere; }
        .trouble { border-left: .3rem solid var(--bad); padding: .4rem .8rem; } .narrow select { width: 100%; } .check input { width: auto; }
        .state { font-size: 1.15rem; font-weight: 600; margin: .6rem 0; } .good { color: var(--good); } .state.bad { color: var(--bad); }
        .figures { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: .5rem 0; } .figures div { display: flex; flex-direction: column-reverse; } dd { margin: 0; font-size: 1.6rem; font-variant-numeric: tabular-nums; } dt { color: var(--quiet); }
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
            const answer = await fetch('/jmap/signin', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: form.username.value, password: form.password.value, ...(form.code.value ? { code: form.code.value } : {}) }) });
            if (answer.ok) { location.reload(); return; }
            const problem = await answer.json();
            if (problem.type === 'urn:sternpost:secondFactor') {
              document.getElementById('second').hidden = false;
              form.code.focus();
            }
            said.textContent = problem.detail ?? 'That did not work.';
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
