// Pictures of `carbon`: emissions by stage and scope, the largest activities, footprints over lots; of one lot its activities, and what it is made of.
import {chart, legend, palette, rowsAxis, valueAxis} from "./charts.js";
import {h, percent, readable} from "./dom.js";
import {section} from "./section.js";
import {rowsOf} from "./tables.js";

const most = 25;
const of = (model, name) => rowsOf(model.tables.find((table) => table.name === name));
export const emits = (model) => model.command === "carbon" && ["activities", "items", "background"].some((name) => of(model, name).length);

export function emitted(page) {
  const {model} = page;
  if (!emits(model)) return null;
  return section("overview", "What emits", of(model, "activities").length ? [stages(page), largest(page), spread(page)] : null, items(page), origins(page), background(page));
}

const starred = (row, text) => text + (row.estimate ? " *" : "");
const part = (title, note, ...pictures) => [h("h3", {}, title), h("p", {class: "note"}, note), ...pictures];

/** Horizontal bars. @param rows of {name, value, told} */
function bars(page, label, unit, rows) {
  return chart(page, {label: label + "; the tables are below", height: 60 + 22 * rows.length, option: (c) => ({grid: {left: 8, right: 40, top: 8, bottom: 36, containLabel: true},
    tooltip: {trigger: "item", formatter: ({dataIndex}) => `${rows[dataIndex].name}: ${readable(rows[dataIndex].value)} ${unit}${rows[dataIndex].told ? "\n" + rows[dataIndex].told : ""}`},
    xAxis: valueAxis(c, unit), yAxis: rowsAxis(c, rows.map((row) => row.name)), series: [{type: "bar", barMaxWidth: 16, data: rows.map(({value}) => ({value, itemStyle: {color: value < 0 ? "#009e73" : c.accent}}))}]})});
}

function stages(page) {
  const rows = of(page.model, "activities"), sums = new Map();
  for (const row of rows) {
    const stage = row.stage || "no stage", kind = row.carbon < 0 ? "credits" : "scope " + row.scope;
    if (!sums.has(stage)) sums.set(stage, new Map());
    sums.get(stage).set(kind, (sums.get(stage).get(kind) || 0) + row.carbon / 1000);
  }
  const emissions = (by) => [...by].reduce((all, [kind, t]) => all + (kind === "credits" ? 0 : t), 0);
  const shown = [...sums].sort((a, b) => emissions(b[1]) - emissions(a[1])), kinds = [...new Set(shown.flatMap(([, by]) => [...by.keys()]))].sort();
  const all = shown.reduce((sum, [, by]) => sum + emissions(by), 0), colour = {"scope 1": palette[5], "scope 2": palette[1], "scope 3": palette[0], credits: palette[2]};
  return part("By stage and scope", `${readable(all)} t CO2e in the whole run, ${shown.map(([stage, by]) => `${stage} ${percent(emissions(by) / all, 0)}`).slice(0, 4).join(", ")}. Credits are avoided elsewhere and never netted.`,
    chart(page, {label: "emissions by stage and scope, stacked; the tables are below", height: 90 + 26 * shown.length, option: (c) => ({grid: {left: 8, right: 60, top: 30, bottom: 36, containLabel: true}, legend: legend(c),
      tooltip: {trigger: "item", formatter: ({seriesName, name, value}) => `${name}, ${seriesName}: ${readable(value)} t CO2e`}, xAxis: valueAxis(c, "t CO2e"), yAxis: rowsAxis(c, shown.map(([stage]) => stage)),
      series: kinds.map((kind) => ({name: kind, type: "bar", stack: "all", barMaxWidth: 18, itemStyle: {color: colour[kind]}, data: shown.map(([, by]) => by.get(kind) || 0)}))})}));
}

/** From the largest to the sum. */
function largest(page) {
  const rows = of(page.model, "activities").filter((row) => row.carbon > 0), first = rows.slice(0, 15), rest = rows.slice(15);
  const sum = (some) => some.reduce((all, row) => all + row.carbon / 1000, 0), all = sum(rows);
  const steps = first.map((row) => ({name: starred(row, `${row.place}: ${row.factor}`), t: row.carbon / 1000, told: `scope ${row.scope}, ${percent(row.share)} of all`}));
  if (rest.length) steps.push({name: `${rest.length} more`, t: sum(rest), told: ""});
  let begin = 0;
  const placed = steps.map((step) => ({...step, begin, end: (begin += step.t)}));
  placed.push({name: "all emissions", begin: 0, end: all, t: all, told: "", whole: true});
  return part("The largest activities", "What uses how much of what, times its factor: one after another until all is there. * rests on an estimate.",
    chart(page, {label: "waterfall of the largest activities; the tables are below", height: 60 + 22 * placed.length, option: (c) => ({grid: {left: 8, right: 40, top: 8, bottom: 36, containLabel: true},
      tooltip: {trigger: "item", formatter: ({dataIndex}) => `${placed[dataIndex].name}: ${readable(placed[dataIndex].t)} t CO2e\n${placed[dataIndex].told}`},
      xAxis: valueAxis(c, "t CO2e"), yAxis: rowsAxis(c, placed.map(({name}) => name)),
      series: [{type: "custom", encode: {x: [1, 2], y: 0}, data: placed.map((step, k) => [k, step.begin, step.end]), renderItem: (_, api) => {
        const [x0, y] = api.coord([api.value(1), api.value(0)]), [x1] = api.coord([api.value(2), api.value(0)]);
        return {type: "rect", shape: {x: x0, y: y - 7, width: Math.max(1, x1 - x0), height: 14}, style: {fill: placed[api.value(0)].whole ? c.soft : c.accent}};
      }}]})}));
}

function spread(page) {
  const rows = of(page.model, "spread");
  const picture = (unit) => {
    const shown = rows.filter((row) => row.unit === unit && row.p95 > 0).slice(0, 40);
    if (!shown.length) return null;
    return chart(page, {label: `footprints over lots in ${unit} as boxes; the tables are below`, height: 60 + 24 * shown.length, option: (c) => ({grid: {left: 8, right: 40, top: 8, bottom: 36, containLabel: true},
      tooltip: {trigger: "item", formatter: ({dataIndex}) => { const row = shown[dataIndex]; return `${row.name}: half of ${row.lots} lots ${readable(row.p25)} to ${readable(row.p75)}, median ${readable(row.p50)}, 90 of 100 ${readable(row.p5)} to ${readable(row.p95)} ${unit}`; }},
      xAxis: valueAxis(c, unit), yAxis: rowsAxis(c, shown.map((row) => `${row.name}, ${row.side} (${row.lots})`)),
      series: [{type: "custom", encode: {x: [1, 2, 3, 4, 5], y: 0}, data: shown.map((row, k) => [k, row.p5, row.p25, row.p50, row.p75, row.p95]), renderItem: (_, api) => {
        const y = api.coord([api.value(1), api.value(0)])[1], [p5, p25, p50, p75, p95] = [1, 2, 3, 4, 5].map((k) => api.coord([api.value(k), api.value(0)])[0]);
        const colour = shown[api.value(0)].side === "caused by" ? c.accent : c.queue, line = (x1, y1, x2, y2, stroke, lineWidth) => ({type: "line", shape: {x1, y1, x2, y2}, style: {stroke, lineWidth}});
        return {type: "group", children: [line(p5, y, p95, y, colour, 1.5), line(p5, y - 4, p5, y + 4, colour, 1.5), line(p95, y - 4, p95, y + 4, colour, 1.5),
          {type: "rect", shape: {x: p25, y: y - 6, width: Math.max(1, p75 - p25), height: 12}, style: {fill: colour}}, line(p50, y - 6, p50, y + 6, c.card, 2)]};
      }}]})});
  };
  return rows.length ? part("How footprints are spread", "Lots from outside that are gone, by kind, and lots at sinks: the box holds the middle half, its line is the median, the whiskers hold 90 of 100.", [...new Set(rows.map((row) => row.unit))].map(picture)) : null;
}

function items(page) {
  const rows = of(page.model, "items").slice(0, most);
  return rows.length ? part("Of this lot, activity by activity", "What its matter caused, or what it bears.", bars(page, "activities of the lot", "kg CO2e",
    rows.map((row) => ({name: `${row.place}: ${row.flow}`, value: row.carbon, told: percent(row.share) + " of all"})))) : null;
}

function origins(page) {
  const rows = of(page.model, "origins").slice(0, most);
  return rows.length ? part("What it is made of", `The ${rows.length} largest parts that came from outside.`, bars(page, "lots that it is made of", "kg",
    rows.map((row) => ({name: `${row.kind || "lot"} ${row.lot}`, value: row.mass, told: percent(row.share) + " of the mass"})))) : null;
}

function background(page) {
  const rows = of(page.model, "processes"), kg = Object.keys(rows[0] || {}).find((name) => ["carbon", "kg_CO2e", "kg"].includes(name));
  return kg ? part("In the background system", "The largest processes.", bars(page, "processes of the background", "kg CO2e", rows.slice(0, most).map((row) => ({name: String(Object.values(row)[0]), value: row[kg]})))) : null;
}
