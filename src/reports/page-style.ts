/** The style of a report: light and dark, wide and narrow, and printed. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#16181d;--soft:#5b6270;--line:#e3e6eb;--zebra:#fafbfc;
--accent:#3b5bdb;--ok:#1a7f4b;--ok-bg:#e6f5ec;--warning:#8a5a00;--warning-bg:#fdf3dc;--problem:#b3261e;--problem-bg:#fce8e6;
--skipped:#5b6270;--skipped-bg:#eef0f3;--dot:#5f7bea}
@media screen and (prefers-color-scheme:dark){:root{--bg:#111318;--card:#1a1d24;--ink:#e8eaf0;--soft:#9da5b4;--line:#2b303a;
--zebra:#1e222a;--accent:#8ea6ff;--ok:#6fd39b;--ok-bg:#15301f;--warning:#f0c064;--warning-bg:#352a12;--problem:#ff9d94;
--problem-bg:#3d1b19;--skipped:#9da5b4;--skipped-bg:#262b34;--dot:#7f99ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
main,header,footer{max-width:1040px;margin:0 auto;padding:0 24px}
header{padding-top:40px;padding-bottom:8px}
h1{font-size:28px;line-height:1.25;letter-spacing:-.015em;margin:0 0 4px;font-weight:650;text-wrap:balance}
h2{font-size:17px;line-height:1.3;margin:0;font-weight:620;letter-spacing:-.005em}
p{margin:0}
.sub,.when,.note,footer{color:var(--soft)}
.sub{font-size:16px;text-wrap:balance}
.when{font-size:13px;margin-top:6px}
.sum{font-size:17px;margin-top:18px;max-width:70ch}
.pills{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0 0;padding:0;list-style:none}
.pill{display:inline-flex;align-items:center;gap:6px;border-radius:999px;padding:3px 11px 3px 8px;font-size:13px;font-weight:560;white-space:nowrap}
.i{width:16px;height:16px;flex:none;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.ok{color:var(--ok)}.warning{color:var(--warning)}.problem{color:var(--problem)}.skipped{color:var(--skipped)}
.pill.ok{background:var(--ok-bg)}.pill.warning{background:var(--warning-bg)}.pill.problem{background:var(--problem-bg)}.pill.skipped{background:var(--skipped-bg)}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;margin:20px 0;overflow:hidden}
.head{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:8px 16px;padding:14px 20px;border-bottom:1px solid var(--line)}
.head .count{color:var(--soft);font-weight:400;font-size:14px;margin-left:6px}
.note{font-size:13px;padding:10px 20px;border-top:1px solid var(--line)}
.head+.note{border-top:0;border-bottom:1px solid var(--line)}
.none{padding:16px 20px;color:var(--soft)}
.checks{list-style:none;margin:0;padding:0}
.checks li{display:grid;grid-template-columns:24px 1fr auto;gap:2px 12px;padding:13px 20px;border-top:1px solid var(--line)}
.checks li:first-child{border-top:0}
.checks .i{width:20px;height:20px;margin-top:2px}
.checks li>b{font-weight:600}
.checks .word{font-size:12px;font-weight:600;letter-spacing:.02em;padding-top:3px}
.checks p{grid-column:2/-1;max-width:75ch}
.checks .fix{color:var(--soft)}
.checks .fix b{color:var(--ink);font-weight:560}
dl{display:grid;grid-template-columns:minmax(140px,max-content) 1fr;gap:0;margin:0;padding:6px 20px}
dt,dd{margin:0;padding:7px 0}
dt{color:var(--soft);padding-right:24px}
.scroll{overflow-x:auto;overscroll-behavior-x:contain}
.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:9px 12px;border-bottom:1px solid var(--line);overflow-wrap:normal;max-width:420px}
td.long{overflow-wrap:anywhere;min-width:150px}
th:first-child,td:first-child{padding-left:20px}
th:last-child,td:last-child{padding-right:20px}
tbody tr:nth-child(even){background:var(--zebra)}
tbody tr:last-child td{border-bottom:0}
th{font-size:12.5px;font-weight:600;color:var(--soft);white-space:nowrap;padding-top:8px;padding-bottom:8px}
td.num,th.num{text-align:right}
td.time,td.state{white-space:nowrap}
td .mark{display:inline-flex;align-items:center;gap:5px;font-weight:520}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
th button{all:unset;cursor:pointer;display:inline-flex;align-items:center;gap:5px;border-radius:4px}
th button:hover{color:var(--ink)}
th button:focus-visible,input:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
th button::after{content:"";width:8px;height:8px;opacity:.35;background:currentColor;clip-path:polygon(50% 0,100% 42%,0 42%,0 58%,100% 58%,50% 100%,0 58%,0 42%)}
th[aria-sort] button{color:var(--ink)}
th[aria-sort] button::after{opacity:1}
th[aria-sort=ascending] button::after{clip-path:polygon(50% 15%,100% 75%,0 75%)}
th[aria-sort=descending] button::after{clip-path:polygon(50% 85%,100% 25%,0 25%)}
input{font:inherit;font-size:14px;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:5px 10px;width:220px;max-width:100%}
input::placeholder{color:var(--soft);opacity:1}
.chart{padding:14px 20px 10px}
.chart svg{display:block;width:100%;min-width:640px;height:auto}
.chart text{font-size:12px;fill:var(--soft)}
.chart .lane{fill:var(--ink);font-size:12.5px;font-weight:560}
.chart line{stroke:var(--line)}
.chart circle{fill:var(--dot);fill-opacity:.72}
.chart circle.ok{fill:var(--ok)}.chart circle.warning{fill:var(--warning)}.chart circle.skipped{fill:var(--soft)}
.chart path{fill:var(--problem)}
footer{font-size:12.5px;padding-top:4px;padding-bottom:40px}
.only-read{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:600px){
body{font-size:15px}
main,header,footer{padding-left:14px;padding-right:14px}
header{padding-top:24px}
h1{font-size:23px}
.head,.note,.none,.chart{padding-left:14px;padding-right:14px}
.head input{width:100%}
.checks li{grid-template-columns:22px 1fr;padding:12px 14px}
.checks .word{grid-column:2;grid-row:1;justify-self:end}
.checks li>b{grid-column:2;grid-row:1;padding-right:72px}
dl{display:block;padding:8px 14px}
dt{padding:6px 0 0;font-size:13px}
dd{padding:0 0 6px}
th:first-child,td:first-child{padding-left:14px;position:sticky;left:0;background:var(--card);max-width:46vw;z-index:1}
tbody tr:nth-child(even) td:first-child{background:var(--zebra)}
}
@page{margin:16mm 14mm}
@media print{
:root{--bg:#fff;--zebra:#fff;--line:#d5d8de}
body{font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main,header,footer{max-width:none;padding-left:0;padding-right:0}
header{padding-top:0}
section{border-radius:0;border-width:1px 0 0;margin:14pt 0;overflow:visible}
.head{padding:8pt 0 6pt;border-bottom-width:1px;break-after:avoid}
.head input,th button::after{display:none}
th button{display:contents}
.checks li,.note,.none,.chart,dl{padding-left:0;padding-right:0}
.checks li,tr,.chart,dt,dd{break-inside:avoid}
thead{display:table-header-group;break-inside:avoid}
table{font-size:8.5pt}
th,td{padding:4pt 5pt;min-width:0}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
code{font-size:7pt}
td.long{min-width:0}
.scroll{overflow:visible}
.chart svg{min-width:0}
}
`;
