/**
 * How the page looks: light and dark, on a phone and on a wall.
 *
 * @module
 */

/** The style sheet. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --card: #fff; --text: #1b1f24; --quiet: #5b6470; --line: #dde1e6;
  --good: #1a7f37; --busy: #b35900; --bad: #c62828; --idle: #6b7480;
  --good-fill: #4cae67; --busy-fill: #f0b24a; --bad-fill: #e05a4f; --idle-fill: #a9b1bb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14171b; --card: #1d2127; --text: #e6e9ed; --quiet: #9aa4b0; --line: #343b44;
    --good: #5fd17f; --busy: #f2b45a; --bad: #ff8a80; --idle: #aab3bd;
    --good-fill: #2f9e4f; --busy-fill: #c98a2b; --bad-fill: #d9534a; --idle-fill: #6b7480;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 76rem;
  background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
}
header, section {
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1rem 1.2rem; margin-bottom: 1rem;
}
h1 { font-size: 1rem; font-weight: 600; margin: 0 0 .6rem; overflow-wrap: anywhere; }
h1 code { font-weight: 400; color: var(--quiet); }
h2 { font-size: 1rem; margin: 0 0 .7rem; }
p { margin: .3rem 0; }
.now { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: baseline; }
.now .state { display: inline-block; font-size: 1.7rem; font-weight: 700; line-height: 1.2; }
.now .state::first-letter { text-transform: uppercase; }
.now .quiet { font-size: .9rem; }
#reason { overflow-wrap: anywhere; }
.quiet, small { color: var(--quiet); }
small { display: block; font-size: .8rem; font-weight: 400; }
.state { color: var(--idle); font-weight: 600; white-space: nowrap; }
.state::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .4em;
  border-radius: 50%; background: currentColor; }
.running { color: var(--good); }
.loading, .installing, .recovering, .backing_off, .draining { color: var(--busy); }
.unhealthy, .fatal, .gave_up { color: var(--bad); }
figure { margin: 0; }
.lane { margin-bottom: .4rem; }
.lane .name { font-size: .85rem; color: var(--quiet); overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: 46px; border-bottom: 1px solid var(--line); }
svg rect { height: 26px; stroke-width: 1; }
svg text { fill: var(--bad); font-size: 12px; }
rect.loading { fill: var(--busy-fill); stroke: var(--busy-fill); }
rect.serving { fill: var(--good-fill); stroke: var(--good-fill); }
rect.unhealthy { fill: var(--bad-fill); stroke: var(--bad-fill); }
svg rect.death { width: 2px; height: 42px; fill: var(--bad); }
.axis { display: flex; justify-content: space-between; font-size: .8rem; color: var(--quiet); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin-top: .5rem; font-size: .8rem;
  color: var(--quiet); }
.key { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem; border-radius: .15rem;
  vertical-align: -.08rem; }
.key.loading { background: var(--busy-fill); }
.key.serving { background: var(--good-fill); }
.key.unhealthy, .key.death { background: var(--bad-fill); }
.key.death { width: .25rem; background: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0;
  border-top: 1px solid var(--line); }
td { font-variant-numeric: tabular-nums; }
thead th { border-top: 0; color: var(--quiet); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 600; }
time { white-space: nowrap; }
details p, details pre { max-width: 46rem; }
summary { cursor: pointer; }
meter { width: 4rem; vertical-align: middle; }
pre { margin: .3rem 0; font: .82rem/1.45 ui-monospace, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
#lines pre { max-height: 24rem; overflow-y: auto; }
@media (max-width: 40rem) {
  body { padding: .6rem; }
  header, section { padding: .8rem .9rem; }
  svg text ~ text { display: none; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody { display: block; }
  tbody tr { display: grid; padding: .5rem 0; border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 0; padding-top: 0; }
  th, td { border-top: 0; padding: .1rem 0; }
  td { display: grid; grid-template-columns: 7rem 1fr; overflow-wrap: anywhere; }
  td::before { content: attr(data-head); color: var(--quiet); }
  td:has(> div:empty) { display: none; }
}
footer { color: var(--quiet); font-size: .85rem; overflow-wrap: anywhere; }
#lost { color: var(--bad); }
`;
