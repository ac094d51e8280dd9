// What flows: mass between stations, carbon from activities, money by kind; a diagram with a switch, and what stands behind it as a table.
import {chart} from "./charts.js";
import {h, readable} from "./dom.js";
import {plainTable, rowsOf} from "./tables.js";
import {section} from "./section.js";

/** Without circles, which such a diagram cannot show: ways back are left out and told of. */
function withoutCircles(links) {
  const next = new Map(), kept = [], back = [];
  const reaches = (from, to) => {
    const open = [from], seen = new Set(open);
    while (open.length) {
      const at = open.pop();
      if (at === to) return true;
      for (const one of next.get(at) || []) if (!seen.has(one)) { seen.add(one); open.push(one); }
    }
    return false;
  };
  for (const link of [...links].sort((a, b) => b.value - a.value)) {
    if (link.source === link.target || reaches(link.target, link.source)) back.push(link);
    else {
      kept.push(link);
      next.has(link.source) ? next.get(link.source).push(link.target) : next.set(link.source, [link.target]);
    }
  }
  return {kept, back};
}

const nameOf = (plant, node) => node < plant.stations.length ? plant.stations[node].name : node < plant.stations.length + plant.sinks.length ? plant.sinks[node - plant.stations.length].name
  : plant.sources[node - plant.stations.length - plant.sinks.length]?.name ?? "?";

function mass(model) {
  const {begin_s, end_s} = {begin_s: model.result.run.window_begin_s, end_s: model.result.run.window_end_s};
  const kg = model.flows.some((flow) => flow[3] > 0);
  const scale = kg ? 3.6 / (end_s - begin_s) : 3600 / (end_s - begin_s);
  const links = model.flows.map(([from, to, lots, mass]) => ({source: nameOf(model.plant, from), target: nameOf(model.plant, to), value: (kg ? mass : lots) * scale})).filter((link) => link.value > 0);
  return {unit: kg ? "t/h" : "lots/h", links, note: "What arrived there from where, first replication, in the window. What tanks give back is not among it."};
}

function carbon(model, unit) {
  const {kpis} = model.result, at = `per.${unit}.carbon.`;
  const scope = new Map(rowsOf(model.tables.find((t) => t.name === "factors")).map((row) => [row.factor, row.scope]));
  const links = [], sums = new Map();
  for (const [path, kpi] of Object.entries(kpis)) {
    if (!path.startsWith(at) || path.startsWith(at + "scope") || !(kpi.mean > 0)) continue;
    const factor = path.slice(at.length), to = "scope " + (scope.get(factor) ?? "?");
    links.push({source: factor + (kpi.estimate ? " *" : ""), target: to, value: kpi.mean, half: kpi.half_width});
  }
  for (const n of [1, 2, 3]) {
    const kpi = kpis[at + "scope" + n];
    if (kpi?.mean > 0 && links.some((link) => link.target === "scope " + n)) sums.set("scope " + n, kpi);
  }
  for (const [name, kpi] of sums) links.push({source: name, target: `a tonne of ${unit}`, value: kpi.mean, half: kpi.half_width});
  return {unit: "kg CO2e/t", links, note: `Emissions per tonne of ${unit}, mean of the replications; * rests on estimates.`};
}

function money(model) {
  const links = [];
  for (const row of rowsOf(model.tables.find((t) => t.name === "cost"))) {
    const mark = row.estimate ? " *" : "";
    if (row.revenue > 0) links.push({source: row.price + mark, target: "revenue", value: row.revenue / 1e6, half: row.half_width / 1e6});
    if (row.cost > 0) links.push({source: row.kind, target: row.price + mark, value: row.cost / 1e6, half: row.half_width / 1e6});
  }
  const kinds = new Map();
  for (const link of links) if (link.target !== "revenue") kinds.set(link.source, (kinds.get(link.source) || 0) + link.value);
  for (const [kind, value] of kinds) links.push({source: "cost", target: kind, value});
  return {unit: "million CNY/a", links, note: "Revenue by price on the left, cost by kind and price; they do not balance: the difference is the margin. * rests on estimates."};
}

export function flows(page) {
  const {model} = page;
  if (!model.result) return null;
  const kinds = [];
  if (model.flows?.length) kinds.push(["Mass", () => mass(model)]);
  for (const unit of model.plant.units) if (model.result.kpis[`per.${unit.name}.carbon`]?.mean > 0) kinds.push([`Carbon: ${unit.name}`, () => carbon(model, unit.name)]);
  if (model.tables.some((t) => t.name === "cost")) kinds.push(["Money", () => money(model)]);
  if (!kinds.length) return null;
  let shown = kinds[0][1]();
  const note = h("p", {class: "note"}), table = h("details");
  const picture = chart(page, {label: "Sankey diagram of flows; the same as a table below it", height: () => Math.max(340, Math.min(900, 22 * new Set(shown.links.flatMap((l) => [l.source, l.target])).size)),
    option: (c) => {
      const {kept} = withoutCircles(shown.links.filter((link) => page.filter.keeps(link.source, link.target, page.filter.groupOf.get(link.source), page.filter.groupOf.get(link.target))));
      return {tooltip: {formatter: ({data, name, value}) => data.source ? `${data.source} → ${data.target}: ${readable(data.value, data.half)} ${shown.unit}` : `${name}: ${readable(value)} ${shown.unit}`},
        series: [{type: "sankey", left: 10, right: 150, top: 8, bottom: 8, nodeGap: 13, nodeWidth: 10, draggable: false, emphasis: {focus: "adjacency"}, layoutIterations: 48,
          label: {color: c.ink, fontSize: 11}, labelLayout: {hideOverlap: true}, lineStyle: {color: "source", opacity: 0.35}, data: [...new Set(kept.flatMap((l) => [l.source, l.target]))].map((name) => ({name})), links: kept}]};
    }});
  const show = () => {
    const {back} = withoutCircles(shown.links);
    note.textContent = shown.note + (back.length ? ` Ways back, not in the picture: ${back.slice(0, 12).map((l) => `${l.source} → ${l.target} ${readable(l.value)} ${shown.unit}`).join(", ")}${back.length > 12 ? ` and ${back.length - 12} more (table)` : ""}.` : "");
    table.replaceChildren(h("summary", {}, "As a table"), plainTable("flow", ["From", "to", shown.unit], [...shown.links].sort((a, b) => b.value - a.value).map((l) => ({key: l.source + "\n" + l.target, cells: [l.source, l.target, readable(l.value, l.half)]}))));
    picture.redraw();
  };
  const buttons = kinds.map(([name, make], k) => h("button", {type: "button", "aria-pressed": String(k === 0), onclick: (event) => {
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button === event.currentTarget)));
    shown = make();
    show();
  }}, name));
  show();
  return section("flows", "Flows", h("div", {class: "controls", role: "group", "aria-label": "what flows"}, buttons), picture, note, table);
}
