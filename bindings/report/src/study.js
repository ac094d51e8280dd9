// Pictures of `sweep`, `select` and `optimise`: what each decision does, two responses against one another, how the search went.
import {axis, chart, forest, legend, palette, rowsAxis, valueAxis} from "./charts.js";
import {h, readable, unitText} from "./dom.js";
import {section} from "./section.js";
import {rowsOf} from "./tables.js";

const table = (model, name) => model.tables.find((one) => one.name === name);
export const studies = (model) => ["sweep", "select", "optimise"].includes(model.command);
/** Responses of a table of points: those that have a half-width. */
const responsesOf = (points) => (points ? points.columns.filter((column) => points.columns.some((other) => other.name === column.name + ".half_width")) : []);
const titled = (column) => column.name + (unitText(column.unit) ? ` [${unitText(column.unit)}]` : "");

export function studied(page) {
  const {model} = page;
  if (!studies(model)) return null;
  return section("overview", "What was found", effects(page), against(page), contenders(page), steps(page));
}

function effects(page) {
  const rows = rowsOf(table(page.model, "effects")).filter((row) => row.points > 0);
  return [...new Set(rows.map((row) => row.response))].map((response) => {
    const own = rows.filter((row) => row.response === response), unit = unitText(own[0].unit), decisions = [...new Set(own.map((row) => row.decision))];
    const name = (row) => `${row.decision}: ${row.level}`, error = (row) => 1.96 * (row.noise_error || 0);
    return [h("h3", {}, response), h("p", {class: "note"}, "Mean at each value of each decision, whatever the others are; bars are what the luck of the replications may do to it (95 %)."),
      chart(page, {label: `means of ${response} at each value; the table is below`, height: 60 + 22 * own.length, option: (c) => ({grid: {left: 8, right: 40, top: 8, bottom: 36, containLabel: true},
        tooltip: {trigger: "item", formatter: ({dataIndex}) => `${name(own[dataIndex])}\n${readable(own[dataIndex].mean, error(own[dataIndex]))} ${unit}`},
        xAxis: valueAxis(c, unit || response, {scale: true}), yAxis: rowsAxis(c, own.map(name)),
        series: [forest(c, own.map((row, k) => [k, row.mean - error(row), row.mean, row.mean + error(row)]), (k) => palette[decisions.indexOf(own[k].decision) % palette.length])]})})];
  });
}

/** The first two responses: of an optimisation the front, else all points. */
function against(page) {
  const best = table(page.model, "front"), points = best ?? table(page.model, "points"), [x, y] = responsesOf(points);
  if (!y || (best && best.rows.length < 2)) return null;
  const rows = rowsOf(points), rest = best ? rowsOf(table(page.model, "rivals")) : [];
  const decisions = points.columns.slice(1, points.columns.findIndex((column) => column.name === "replications"));
  const told = (row) => `${decisions.map((column) => `${column.name} ${readable(row[column.name])}`).join(", ")}\n${x.name} ${readable(row[x.name], row[x.name + ".half_width"])} ${unitText(x.unit)}\n${y.name} ${readable(row[y.name], row[y.name + ".half_width"])} ${unitText(y.unit)}`;
  const marks = (name, some, color, size) => ({name, type: "line", symbol: "circle", symbolSize: size, lineStyle: {opacity: 0}, itemStyle: {color}, data: some.map((row) => [row[x.name], row[y.name]])});
  return [h("h3", {}, best ? "The front" : `${x.name} against ${y.name}`), h("p", {class: "note"}, best ? "Points that no other beats in every objective, by replications that did not choose them; the others that were left at the end are grey." : "Each point of the study."),
    chart(page, {label: `${x.name} against ${y.name}; the tables are below`, height: 380, option: (c) => ({grid: {left: 50, right: 40, top: 30, bottom: 40, containLabel: true}, legend: legend(c),
      tooltip: {trigger: "item", formatter: ({seriesName, dataIndex}) => told(seriesName === "left at the end" ? rest[dataIndex] : rows[dataIndex])},
      xAxis: valueAxis(c, titled(x), {scale: true}), yAxis: {type: "value", scale: true, name: titled(y), nameLocation: "end", ...axis(c)},
      series: [...(rest.length ? [marks("left at the end", rest, palette[7], 6)] : []), marks(best ? "front" : "points", rows, palette[0], 8)]})})];
}

/** Of a selection, or of one objective: the points that were left, best first. */
function contenders(page) {
  const rivals = table(page.model, "rivals"), points = rivals ?? (page.model.command === "select" ? table(page.model, "points") : null), [response] = responsesOf(points);
  if (!response || (table(page.model, "front")?.rows.length ?? 1) > 1) return null;
  const decisions = points.columns.slice(1, points.columns.findIndex((column) => column.name === "replications"));
  const rows = rowsOf(points).filter((row) => row[response.name] !== null).slice(0, 30), name = (row) => decisions.map((column) => readable(row[column.name])).join(", ");
  const half = (row) => row[response.name + ".half_width"] || 0;
  return [h("h3", {}, rivals ? "Left at the end" : "Points"), h("p", {class: "note"}, `${decisions.map((column) => column.name).join(", ")}; with their intervals${rivals ? ", by replications that did not choose them" : ""}.`),
    chart(page, {label: `${response.name} of the points; the table is below`, height: 60 + 22 * rows.length, option: (c) => ({grid: {left: 8, right: 40, top: 8, bottom: 36, containLabel: true},
      tooltip: {trigger: "item", formatter: ({dataIndex}) => `${name(rows[dataIndex])}: ${readable(rows[dataIndex][response.name], half(rows[dataIndex]))} ${unitText(response.unit)}`},
      xAxis: valueAxis(c, titled(response), {scale: true}), yAxis: rowsAxis(c, rows.map(name)),
      series: [forest(c, rows.map((row, k) => [k, row[response.name] - half(row), row[response.name], row[response.name] + half(row)]))]})})];
}

function steps(page) {
  const rows = rowsOf(table(page.model, "steps"));
  if (rows.length < 2) return null;
  const phases = [...new Set(rows.map((row) => row.phase))];
  return [h("h3", {}, "How the search went"), h("p", {class: "note"}, "The objective of the best point so far, by the replications spent; it is that of luck that also chose, and so too good."),
    chart(page, {label: "objective of the best point so far; the table is below", height: 260, option: (c) => ({grid: {left: 50, right: 40, top: 40, bottom: 40, containLabel: true}, legend: legend(c), tooltip: {trigger: "item", formatter: ({data}) => `${readable(data[1])} after ${data[0]} replications`},
      xAxis: valueAxis(c, "replications"), yAxis: {type: "value", scale: true, ...axis(c)},
      series: phases.map((phase, k) => ({name: phase, type: "line", step: "end", symbolSize: 5, itemStyle: {color: palette[k % palette.length]}, data: rows.filter((row) => row.phase === phase).map((row) => [row.replications, row.objective])}))})})];
}
