/** The look of all pages: system fonts, light and dark by the reader's setting, contrasts of at least 4.5 : 1. */
export const pageStyle = `
:root{color-scheme:light dark;--page:#fff;--panel:#f5f7f9;--text:#1b2430;--muted:#525c69;--line:#cfd6de;--accent:#1a5fb4;--on-accent:#fff;--focus:#1a5fb4;--stage:#15191e}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--panel:#161b22;--text:#e6edf3;--muted:#9da7b3;--line:#343c46;--accent:#79b0ff;--on-accent:#0d1117;--focus:#79b0ff;--stage:#000}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:1600px;margin:0 auto;padding:0 20px}
h1{font-size:1.35rem;line-height:1.3;margin:18px 0 4px;overflow-wrap:anywhere}
h2{font-size:1rem;margin:0 0 8px}
a{color:var(--accent)}
[hidden]{display:none!important}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
dl.facts{display:flex;flex-wrap:wrap;gap:2px 20px;margin:0 0 14px;color:var(--muted)}
dl.facts div{display:flex;gap:6px}
dl.facts dt::after{content:":"}
dl.facts dd{margin:0;color:var(--text);overflow-wrap:anywhere}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin:14px 0 0;padding:0}
nav a{display:inline-block;padding:3px 0;overflow-wrap:anywhere}
button,select,input{font:inherit;color:inherit}
button{background:var(--page);border:1px solid var(--line);border-radius:6px;padding:4px 12px;min-height:34px;min-width:34px;cursor:pointer}
button:hover{border-color:var(--muted)}
button[aria-pressed=true]{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
select{background:var(--page);border:1px solid var(--line);border-radius:6px;padding:4px 8px;min-height:34px;max-width:100%}
input[type=range]{width:100%;accent-color:var(--accent);margin:0;min-height:26px}
input[type=checkbox]{accent-color:var(--accent);width:17px;height:17px;margin:0;flex:none}
.numbers,output{font-variant-numeric:tabular-nums}
.swatch{width:18px;height:18px;border-radius:4px;border:1px solid var(--muted);display:block;flex:none}
.note{color:var(--muted);margin:0}
footer{color:var(--muted);padding-bottom:28px}
footer ul{padding-left:1.2em;margin:8px 0}
footer summary{cursor:pointer;color:var(--text)}
kbd{font:inherit;border:1px solid var(--line);border-bottom-width:2px;border-radius:4px;padding:0 5px;background:var(--panel);color:var(--text)}
`.trim();

/** The look of a viewer: the image beside its panel, or above it on a narrow screen. */
export const viewerStyle = `
.viewer{display:grid;grid-template-columns:minmax(0,1fr) 320px;gap:20px;align-items:start}
.stage{min-width:0}
.below{grid-column:1/-1;min-width:0}
.frame{position:relative;background:var(--stage);border-radius:8px;overflow:hidden;height:min(72vh,900px);min-height:300px}
.frame canvas{position:absolute;inset:0;width:100%;height:100%;display:block;touch-action:none;cursor:crosshair}
.frame canvas:focus-visible{outline-offset:-3px}
.frame .message{position:absolute;inset:0;display:grid;place-items:center;color:#e6edf3;padding:20px;text-align:center;margin:0}
.scale{position:absolute;left:14px;bottom:12px;pointer-events:none;color:#fff;font-size:13px;line-height:1.2;text-align:center;border-bottom:3px solid #fff;padding:0 0 3px;background:linear-gradient(#0000,#000a);text-shadow:0 0 3px #000,0 0 3px #000}
.tools{display:flex;flex-wrap:wrap;align-items:center;gap:8px 10px;margin:10px 0 0}
.tools .group{display:flex;align-items:center;gap:6px;flex-wrap:wrap}
.tools .slices{flex:1 1 260px;display:flex;align-items:center;gap:8px}
.tools output{min-width:4.2em;text-align:center}
.readout{margin:10px 0;min-height:1.5em;overflow-wrap:anywhere}
.views{display:flex;flex-wrap:wrap;gap:6px;margin:0 0 10px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:14px 16px;display:grid;gap:18px}
.panel fieldset{border:0;margin:0;padding:0;min-width:0;display:grid;gap:8px}
.panel legend{font-weight:600;padding:0;margin:0 0 6px}
.field{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 10px;align-items:center}
.field input[type=range]{grid-column:1/-1}
.row{display:flex;align-items:center;gap:8px;min-width:0}
.row label,.row .name{flex:1;min-width:0;overflow-wrap:anywhere}
.histogram{width:100%;height:44px;display:block;color:var(--muted)}
ul.legend{list-style:none;margin:0;padding:0;display:grid;gap:2px;max-height:340px;overflow:auto}
ul.legend label{display:grid;grid-template-columns:auto auto minmax(0,1fr) auto;gap:8px;align-items:center;padding:3px 2px;cursor:pointer}
ul.legend .name{overflow-wrap:anywhere}
ul.legend .count{color:var(--muted);text-align:right}
@media (max-width:860px){header,main,footer{padding:0 12px}.viewer{grid-template-columns:minmax(0,1fr)}.frame{height:62vh}}
`.trim();

/** The look of tables that can be sorted and filtered. */
export const tableStyle = `
.table-tools{display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center;margin:0 0 8px}
.table-tools label{display:flex;gap:8px;align-items:center}
.table-tools input{background:var(--page);border:1px solid var(--muted);border-radius:6px;padding:4px 8px;min-height:34px;min-width:0;width:100%;max-width:280px}
.table-scroll{overflow:auto;width:fit-content;max-width:100%;max-height:min(80vh,900px);border:1px solid var(--line);border-radius:8px}
.table-scroll table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
.table-scroll table th,.table-scroll table td{padding:5px 11px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
.table-scroll table tbody tr:last-child>*{border-bottom:0}
.table-scroll table .number{text-align:right}
.table-scroll table thead th{background:var(--panel);position:sticky;top:0;z-index:1}
.table-scroll table[data-sortable] thead th{padding:0}
.table-scroll table thead button{border:0;background:none;border-radius:0;width:100%;text-align:inherit;font-weight:600;padding:6px 11px}
.table-scroll table thead button::after{content:" \\2195";color:var(--muted)}
.table-scroll table th[aria-sort=ascending] button::after{content:" \\2191";color:inherit}
.table-scroll table th[aria-sort=descending] button::after{content:" \\2193";color:inherit}
.table-scroll tbody th{position:sticky;left:0;background:var(--page);font-weight:600}
@media (max-width:860px){.table-scroll tbody th{white-space:normal;overflow-wrap:break-word;min-width:6em;max-width:44vw}}
.share{color:var(--muted);font-size:.9em}
`.trim();

/** The look of reports: sections, pictures side by side, keys of colours. */
export const reportStyle = `
.part{margin:0 0 28px}
.part h2{font-size:1.1rem;margin:0 0 10px}
.part p{max-width:75ch}
.case{margin:0 0 20px}
.case h3{font-size:1rem;margin:0 0 6px;overflow-wrap:anywhere}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:4px 18px}
.gallery .case:has(figure+figure){grid-column:1/-1}
.gallery .figures:not(:has(figure+figure)){grid-template-columns:minmax(0,420px)}
.case .figures{display:grid;grid-template-columns:repeat(3,minmax(0,420px));gap:8px 14px;align-items:start}
.case figure img{width:100%}
.bars{display:block;max-width:100%;height:auto}
.bars rect{fill:var(--accent)}
.bars path{stroke:var(--muted)}
.bars text{fill:var(--muted);font-size:12px}
ul.plain{margin:10px 0;padding-left:1.2em;color:var(--muted)}
.figures{display:flex;flex-wrap:wrap;gap:14px;align-items:flex-start}
figure{margin:0;max-width:100%}
figure img{display:block;max-width:100%;height:auto;border-radius:6px;background:var(--stage)}
figcaption{color:var(--muted);font-size:.9rem;margin:4px 0 0;overflow-wrap:anywhere}
ul.key{list-style:none;display:flex;flex-wrap:wrap;gap:6px 18px;margin:0 0 12px;padding:0}
ul.key li{display:flex;gap:8px;align-items:center}
details>summary{cursor:pointer}
details{margin:12px 0}
details[open]>summary{margin-bottom:10px}
`.trim();
