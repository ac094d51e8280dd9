// Pictures of `validate`: distances against baselines, figures of the log against simulated ones; of a line its events window by window.
import {axis, chart, legend, mark, palette, rowsAxis, valueAxis} from "./charts.js";
import {h, percent, readable} from "./dom.js";
import {section} from "./section.js";

const named = (rows) => Object.entries(rows || {}).map(([name, row]) => ({name, ...row}));
export const predicts = (model) => model.command === "validate" && Boolean(model.json?.figures || model.json?.windows);

export function predicted(page) {
  const {json} = page.model;
  if (!predicts(page.model)) return null;
  return section("overview", "Prediction", json.windows ? [agreement(page, json), made(page, json)] : [distances(page, named(json.metrics)), figures(page, named(json.figures))]);
}

/** All by what would just pass: the larger of the better baseline and 1.25 times the noise floor. */
function distances(page, rows) {
  const least = (row) => Math.min(...[row.replay, row.bootstrap].filter((value) => value !== null)), limit = (row) => Math.max(least(row), 1.25 * (row.noise_floor ?? 0));
  const shown = rows.filter((row) => limit(row) > 0 && Number.isFinite(limit(row)));
  if (!shown.length) return null;
  const kinds = [["simulation", "simulation", palette[0]], ["replay", "past, moved", palette[1]], ["bootstrap", "past, drawn", palette[3]], ["noise_floor", "noise floor", palette[7]]];
  const unit = (row) => (row.name === "NGD" ? "" : " h");
  return [h("h3", {}, "How far it is from the log"), h("p", {class: "note"}, "Distances between the predicted log and the real one, beside two baselines (cases of the past, moved by weeks or drawn) and the noise floor (simulations among themselves), each as a share of what would just pass: ",
    "left of the line is as good as the better baseline, or as noise. Whiskers: two standard errors; a simulation passes if its whisker ends left of the line. ", shown.map((row) => `${row.name} ${row.passes ? "passes" : "fails"}`).join(", "), "."),
  chart(page, {label: "distances of simulation and baselines; the table is below", height: 96 + 64 * shown.length, option: (c) => ({grid: {left: 8, right: 40, top: 46, bottom: 36, containLabel: true}, legend: legend(c, {data: kinds.map(([, name]) => name)}),
    tooltip: {trigger: "item", formatter: ({seriesIndex, dataIndex}) => { const row = shown[dataIndex], [key, name] = kinds[seriesIndex] ?? kinds[0]; return `${row.name}, ${name}: ${readable(row[key])}${unit(row)}${key === "simulation" ? ` ± ${readable(2 * row.standard_error)}` : ""}\npasses up to ${readable(limit(row))}${unit(row)}`; }},
    xAxis: valueAxis(c, "share of what would just pass"), yAxis: rowsAxis(c, shown.map((row) => row.name)),
    series: [...kinds.map(([key, name, color], k) => ({name, type: "bar", barMaxWidth: 12, itemStyle: {color}, data: shown.map((row) => row[key] / limit(row)), markLine: k ? undefined : mark(c, 1, "passes")})),
      {type: "custom", silent: true, encode: {x: [1, 2], y: 0}, data: shown.map((row, k) => [k, (row.simulation - 2 * row.standard_error) / limit(row), (row.simulation + 2 * row.standard_error) / limit(row)]), renderItem: (_, api) => {
        const [x0, y] = api.coord([Math.max(0, api.value(1)), api.value(0)]), [x1] = api.coord([api.value(2), api.value(0)]), width = api.size([0, 1])[1], at = y - bar(width) * 1.5;
        const style = {stroke: c.ink, lineWidth: 1.5}, line = (x1_, y1, x2, y2) => ({type: "line", shape: {x1: x1_, y1, x2, y2}, style});
        return {type: "group", children: [line(x0, at, x1, at), line(x0, at - 3, x0, at + 3), line(x1, at - 3, x1, at + 3)]};
      }}]})})];
}
/** Distance of bars of four in a row of this height, as ECharts spaces them. */
const bar = (height) => Math.min(12, (height * 0.8) / (4 + 3 * 0.3)) * 1.3;

function figures(page, all) {
  const rows = all.filter((row) => row.log);
  if (!rows.length) return null;
  const share = (row, value) => 100 * (value / row.log - 1), colour = (row) => (row.equivalent ? "#00805c" : row.unacceptable ? "#c2271b" : null);
  return [h("h3", {}, "What it says and what was"), h("p", {class: "note"}, "Figures of the simulation less those of the log, as a share of the log's. Thin: 95 % of the replications; thick: the mean with its 90 % interval; grey: what was declared acceptable beforehand."),
    chart(page, {label: "errors of figures with intervals; the table is below", height: 60 + 28 * rows.length, option: (c) => ({grid: {left: 8, right: 40, top: 8, bottom: 36, containLabel: true},
      tooltip: {trigger: "item", formatter: ({dataIndex}) => { const row = rows[dataIndex], unit = row.unit ? " " + row.unit : ""; return `${row.name}: log ${readable(row.log)}${unit}\n95 % of the replications ${readable(row.low)} to ${readable(row.high)}${unit}\nerror ${percent(row.error / row.log)} [${percent(row.error_low / row.log)}, ${percent(row.error_high / row.log)}], acceptable ${percent(row.acceptable)}: ${row.equivalent ? "equivalent" : row.unacceptable ? "too far" : "undecided"}`; }},
      xAxis: valueAxis(c, "simulation less log [% of the log]"), yAxis: rowsAxis(c, rows.map((row) => row.name + (row.unit ? ` [${row.unit}]` : ""))),
      series: [{type: "custom", encode: {x: [1, 2, 3, 4, 6], y: 0}, data: rows.map((row, k) => [k, share(row, row.low), share(row, row.high), (100 * row.error_low) / row.log, (100 * row.error_high) / row.log, (100 * row.error) / row.log, 100 * row.acceptable]), renderItem: (_, api) => {
        const row = api.value(0), x = (value) => api.coord([value, row])[0], y = api.coord([0, row])[1], stroke = colour(rows[row]) || c.accent;
        const line = (a, b, lineWidth) => ({type: "line", shape: {x1: x(api.value(a)), y1: y, x2: x(api.value(b)), y2: y}, style: {stroke, lineWidth}});
        return {type: "group", children: [{type: "rect", shape: {x: x(-api.value(6)), y: y - 10, width: x(api.value(6)) - x(-api.value(6)), height: 20}, style: {fill: c.line}}, line(1, 2, 1.5), line(3, 4, 6), {type: "circle", shape: {cx: x(api.value(5)), cy: y, r: 5}, style: {fill: stroke, stroke: c.card}}]};
      }, markLine: mark(c, 0)}]})})];
}

function agreement(page, json) {
  const names = Object.keys(json.windows[0]?.stations || {}), begins = json.windows.map((window) => window.begin);
  const series = [["all", json.windows.map((window) => window.agreement)], ...names.map((name) => [name, json.windows.map((window) => window.stations[name] ?? null)])];
  return [h("h3", {}, "Events in common"), h("p", {class: "note"}, `Share of the events that log and twin have in common, window by window from the state of the log; ${percent(json.agreement)} in all.`),
    chart(page, {label: "agreement window by window; the table is below", height: 320, option: (c) => ({grid: {left: 8, right: 20, top: 40, bottom: 30, containLabel: true}, legend: legend(c), tooltip: {trigger: "axis", valueFormatter: (value) => percent(value)},
      xAxis: {type: "category", data: begins, ...axis(c)}, yAxis: {type: "value", min: 0, max: 1, ...axis(c, {axisLabel: {color: c.soft, formatter: (value) => percent(value, 0)}})},
      series: series.map(([name, data], k) => ({name, type: "line", data, symbolSize: 5, lineStyle: {width: k ? 1.2 : 3}, ...(k ? {} : {itemStyle: {color: c.ink}})}))})})];
}

function made(page, json) {
  const rows = json.windows;
  return [h("h3", {}, "Parts made"), h("p", {class: "note"}, `Window by window; in all ${readable(json.made.log)} in the log, ${readable(json.made.twin)} by the twin (mean of its simulations).`),
    chart(page, {label: "parts made in each window, log and twin; the table is below", height: 260, option: (c) => ({grid: {left: 8, right: 20, top: 40, bottom: 30, containLabel: true}, legend: legend(c), tooltip: {trigger: "axis"},
      xAxis: {type: "category", data: rows.map((window) => window.begin), ...axis(c)}, yAxis: {type: "value", ...axis(c)},
      series: [["log", palette[7]], ["twin", palette[0]]].map(([name, color]) => ({name, type: "bar", itemStyle: {color}, data: rows.map((window) => window.made[name])}))})})];
}
