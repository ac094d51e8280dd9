// Rules with margins, what factors are uncertain, variants against their base, reliefs: values with intervals.
import {axis, chart, forest} from "./charts.js";
import {h, percent, readable, star} from "./dom.js";
import {plainTable, rowsOf, tableElement} from "./tables.js";
import {section} from "./section.js";
import {gains} from "./first.js";

const table = (model, name) => model.tables.find((t) => t.name === name);

export function compliance(page) {
  const {model} = page, rows = rowsOf(table(model, "compliance"));
  if (!rows.length) return null;
  const colour = (row, c) => ({pass: "#00805c", fail: "#c2271b"}[row.verdict] || c.queue);
  const label = (row) => `${row.rule}${row.estimate ? " *" : ""} (${row.bound} ${percent(row.target)}, ${row.from})`;
  const shown = rows.filter((row) => row.value !== null);
  return section("compliance", "Compliance", h("p", {class: "note"}, "How far each value is on the right side of its target, in points, with the interval of the replications; left of zero it is missed. ", star(), " the rule, or how it is counted here, is an estimate."),
    chart(page, {label: "margins of the rules with intervals; the table is below", height: 60 + 22 * shown.length, option: (c) => ({grid: {left: 8, right: 30, top: 8, bottom: 34, containLabel: true},
      tooltip: {trigger: "item", formatter: ({dataIndex}) => { const row = shown[dataIndex]; return `${row.rule}: ${readable(100 * row.value, 100 * row.half_width)} %, ${row.bound} ${percent(row.target)}\nmargin ${readable(row.margin, 100 * row.half_width)} points: ${row.verdict}`; }},
      xAxis: {type: "value", name: "margin [points]", nameLocation: "middle", nameGap: 22, ...axis(c)},
      yAxis: {type: "category", inverse: true, data: shown.map(label), ...axis(c, {axisLabel: {color: c.ink, interval: 0, fontSize: 11}, axisTick: {show: false}, axisLine: {onZero: false, lineStyle: {color: c.edge}}})},
      series: [{...forest(c, shown.map((row, k) => [k, row.margin - 100 * (row.half_width || 0), row.margin, row.margin + 100 * (row.half_width || 0)]), (k) => colour(shown[k], c)),
        markLine: {silent: true, symbol: "none", label: {show: false}, lineStyle: {color: c.ink, type: "solid", width: 1}, data: [{xAxis: 0}]}}]})}),
    plainTable("rules", ["Rule", "value %", "target", "from", "margin [points]", "verdict"], rows.map((row) => ({key: row.rule, cells: [h("span", {title: row.doc || ""}, row.rule, row.estimate ? star() : null), readable(100 * row.value, 100 * row.half_width), `${row.bound} ${percent(row.target)}`, row.from + (row.coming ? " (coming)" : ""), readable(row.margin, 100 * row.half_width), row.verdict]}))));
}

export function uncertainty(page) {
  const {model} = page, rows = rowsOf(table(model, "uncertainty"));
  if (!rows.length) return null;
  const units = [...new Set(rows.map((row) => row.unit))];
  const select = h("select", {"aria-label": "functional unit", onchange: () => picture.redraw()}, units.map((unit) => h("option", {value: unit}, unit)));
  const kept = () => rows.filter((row) => row.unit === select.value && row.low !== null && row.high !== null && row.low !== row.high).sort((a, b) => b.high - b.low - (a.high - a.low)).slice(0, 20);
  const picture = chart(page, {label: "carbon per tonne with each factor at its low and high; the table is below", height: () => 70 + 22 * Math.max(2, kept().length), option: (c) => {
    const shown = kept(), mean = model.result?.kpis[`per.${select.value}.carbon`]?.mean;
    return {grid: {left: 8, right: 30, top: 20, bottom: 34, containLabel: true}, tooltip: {trigger: "item", formatter: ({dataIndex}) => { const row = shown[dataIndex]; return `${row.factor}: ${readable(row.low)} to ${readable(row.high)} kg CO2e/t`; }},
      xAxis: {type: "value", scale: true, name: "kg CO2e per tonne of " + select.value, nameLocation: "middle", nameGap: 22, ...axis(c)},
      yAxis: {type: "category", inverse: true, data: shown.map((row) => (row.factor === "all" ? "all drawn together, 95 %" : row.factor)), ...axis(c, {axisLabel: {color: c.ink, interval: 0, fontSize: 11}, axisTick: {show: false}, axisLine: {onZero: false, lineStyle: {color: c.edge}}})},
      series: [{type: "custom", encode: {x: [1, 2], y: 0}, data: shown.map((row, k) => [k, row.low, row.high]), renderItem: (_, api) => {
        const [x0, y] = api.coord([api.value(1), api.value(0)]), [x1] = api.coord([api.value(2), api.value(0)]);
        return {type: "rect", shape: {x: Math.min(x0, x1), y: y - 7, width: Math.max(1, Math.abs(x1 - x0)), height: 14}, style: {fill: shown[api.value(0)].factor === "all" ? c.queue : c.accent}};
      }, markLine: mean ? {silent: true, symbol: "none", lineStyle: {color: c.ink, type: "solid", width: 1}, label: {color: c.ink, position: "start", formatter: readable(mean)}, data: [{xAxis: mean}]} : undefined}]};
  }});
  return section("uncertainty", "Uncertainty of factors", h("p", {class: "note"}, "Carbon per tonne with each emission factor between its low and high, one at a time, and all drawn together; factors without low and high count as certain."),
    h("div", {class: "controls"}, h("label", {}, "Per tonne of ", select)), picture, h("details", {}, h("summary", {}, "As a table"), tableElement(table(model, "uncertainty"))));
}

/** Variants of `compare`: headline changes with intervals. */
export function compared(page) {
  const {model} = page, rows = rowsOf(table(model, "figures"));
  if (model.command !== "compare" || !rows.length) return null;
  const headline = rows.filter((row) => row.headline), shown = (headline.length ? headline : rows).filter((row) => row.change !== null).slice(0, 40);
  const many = new Set(shown.map((row) => row.variant)).size > 1;
  const label = (row) => (many ? row.variant + ": " : "") + (row.path);
  return section("overview", "Comparison", h("p", {class: "note"}, "Change against the base, pair by pair with the same luck, with confidence intervals; headline figures are tested together."),
    chart(page, {label: "changes of headline figures with intervals; the table is below", height: 60 + 24 * shown.length, option: (c) => ({grid: {left: 8, right: 30, top: 8, bottom: 36, containLabel: true},
      tooltip: {trigger: "item", formatter: ({dataIndex}) => `${label(shown[dataIndex])}: ${percent(shown[dataIndex].change, 2)} [${percent(shown[dataIndex].change_low, 2)}, ${percent(shown[dataIndex].change_high, 2)}]`},
      xAxis: {type: "value", name: "change [%]", nameLocation: "middle", nameGap: 22, ...axis(c)},
      yAxis: {type: "category", inverse: true, data: shown.map(label), ...axis(c, {axisLabel: {color: c.ink, interval: 0, fontSize: 11}, axisTick: {show: false}, axisLine: {onZero: false, lineStyle: {color: c.edge}}})},
      series: [{...forest(c, shown.map((row, k) => [k, 100 * row.change_low, 100 * row.change, 100 * row.change_high]), (k) => (shown[k].change_low > 0 || shown[k].change_high < 0 ? c.accent : c.soft)),
        markLine: {silent: true, symbol: "none", label: {show: false}, lineStyle: {color: c.ink, type: "solid", width: 1}, data: [{xAxis: 0}]}}]})}),
    ["changes", "gate", "claims"].filter((name) => table(model, name)).map((name) => h("details", {open: true}, h("summary", {}, "Table of " + name), tableElement(table(model, name)))));
}

/** Reliefs of `bottleneck`. */
export function relieved(page) {
  const {model} = page, verdict = model.verdict;
  if (!verdict) return null;
  const rows = verdict.gains.filter((g) => g.gain !== null);
  const word = {all: "all candidates", set: "sufficient set", without: "the set without", step: "", pair: "both", demand: ""};
  const label = (g) => [word[g.role] ?? g.role, g.role === "all" || g.role === "set" ? "" : g.relief].filter(Boolean).join(" ");
  return section(model.result ? "relief" : "overview", "What limits it, proven by relief", h("p", {class: verdict.verdict.length > 240 ? null : "verdict"}, verdict.verdict), rows.length ? chart(page, {label: "gains of reliefs with intervals; the table is below", height: 60 + 24 * rows.length, option: (c) => ({grid: {left: 8, right: 30, top: 8, bottom: 36, containLabel: true},
    tooltip: {trigger: "item", formatter: ({dataIndex}) => `${label(rows[dataIndex])}: ${percent(rows[dataIndex].gain)} [${percent(rows[dataIndex].gain_low)}, ${percent(rows[dataIndex].gain_high)}]`},
    xAxis: {type: "value", name: `gain of ${verdict.objective} [%]`, nameLocation: "middle", nameGap: 22, ...axis(c)},
    yAxis: {type: "category", inverse: true, data: rows.map(label), ...axis(c, {axisLabel: {color: c.ink, interval: 0, fontSize: 11, width: 420, overflow: "truncate"}, axisTick: {show: false}, axisLine: {onZero: false, lineStyle: {color: c.edge}}})},
    series: [{...forest(c, rows.map((g, k) => [k, 100 * g.gain_low, 100 * g.gain, 100 * g.gain_high]), (k) => (rows[k].gain_low > 0 ? c.accent : c.soft)),
      markLine: {silent: true, symbol: "none", label: {show: false}, lineStyle: {color: c.ink, type: "solid", width: 1}, data: [{xAxis: 0}]}}]})}) : null, gains(verdict));
}

/** What a command gives as JSON: its parts that are rows, by name or one after another, as tables. */
export function parts(page) {
  const {model} = page;
  if (!model.json) return null;
  const isRow = (value) => value && typeof value === "object" && !Array.isArray(value);
  const all = Object.entries(model.json).map(([name, value]) => {
    const rows = Array.isArray(value) ? value.filter(isRow).map((row, k) => ({"": k + 1, ...row})) : isRow(value) && Object.values(value).every(isRow) ? Object.entries(value).map(([key, row]) => ({"": key, ...row})) : [];
    if (!rows.length) return null;
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) => rows.every((row) => !isRow(row[key]) && !Array.isArray(row[key])));
    const text = (value) => (typeof value === "boolean" ? (value ? "yes" : "no") : typeof value === "number" ? (Number.isInteger(value) ? value.toLocaleString("en-US") : readable(value)) : value === null || value === undefined ? "" : String(value));
    return h("details", {open: rows.length < 30}, h("summary", {}, name.replaceAll("_", " ")), plainTable(name, names.map((key) => key.replaceAll("_", " ")), rows.map((row) => ({cells: names.map((key) => text(row[key]))}))));
  }).filter(Boolean);
  return all.length ? section("parts", "Tables", all) : null;
}
