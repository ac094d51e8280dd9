// The first screen: what is made, what limits it, what it emits and costs, what to be warned of.
import {figure, h, percent, star} from "./dom.js";
import {plainTable, rowsOf} from "./tables.js";

export function firstScreen(model) {
  if (!model.result) return null;
  const {kpis, bottleneck, warnings} = model.result;
  return h("section", {id: "overview", class: "first", "aria-labelledby": "overview-title"}, h("h2", {id: "overview-title"}, "Overview"),
    h("div", {class: "cards"}, h("div", {}, made(model, kpis), told(model, warnings)), h("div", {}, limits(model, bottleneck), intensities(model, kpis))));
}

// What people ask, and the part of the page that answers it; "lot" is the search of the replay.
const questions = [["overview", "What is made, and how much? What does it emit and cost?"], ["relief", "What would help, and by how much?"], ["map", "Where does it jam? What happens in a week?"],
  ["lot", "Where is this lot, when does it leave, what has it caused?"], ["flows", "What goes where, and what emits?"], ["states", "What do stations do, and wait for?"], ["stock", "What is in stock, and how full do buffers get?"],
  ["energy", "When is the peak of power?"], ["crews", "Are there enough people?"], ["compliance", "Which rules are kept?"], ["uncertainty", "How far can factors be off?"], ["glossary", "What does a word mean?"]];
/** @param parts of the page */
export function asked(page, parts) {
  const there = new Set(parts.map((part) => part.id));
  const link = (id) => id === "lot" ? (page.replay?.has ? {href: "#map", onclick: () => setTimeout(() => page.replay.element.querySelector(".lot-id").focus())} : null) : there.has(id) ? {href: "#" + id} : null;
  const rows = questions.map(([id, text]) => [link(id), text]).filter(([to]) => to);
  const words = page.model.verdict ? null : h("li", {}, "What would help, and by how much? ", h("span", {class: "note"}, "Run with ", h("code", {}, "--verdict"), "."));
  return card("Questions", h("ul", {class: "asked"}, rows.map(([to, text]) => h("li", {}, h("a", to, text))), words));
}

const card = (title, ...children) => h("div", {class: "card"}, h("h3", {}, title), ...children);

function made(model, kpis) {
  const rank = {product: 0, waste: 2, emission: 3, internal: 4};
  const rows = [];
  const sinks = [...model.plant.sinks].sort((a, b) => (rank[a.role] ?? 1) - (rank[b.role] ?? 1));
  let role = null;
  for (const sink of sinks) {
    const at = `sinks.${sink.name}.`;
    if (!(kpis[at + "lots"]?.mean > 0)) continue;
    const mass = kpis[at + "mass_rate"]?.mean > 0 ? "per_year" : "lots_per_year";
    if (sink.role !== role) rows.push({cells: [h("span", {class: "role"}, (role = sink.role)), "", ""]});
    rows.push({key: sink.name, cells: [sink.name, figure(at + mass, kpis[at + mass]), figure(at + "throughput", kpis[at + "throughput"])]});
  }
  for (const {name} of model.plant.sources)
    if (kpis[`sources.${name}.lost_share`]?.mean > 0)
      rows.push({cells: [`${name}: lost at the gate`, percent(kpis[`sources.${name}.lost_share`].mean), ""]});
  return card("What is made", rows.length ? plainTable("made", ["", "per year", "lots"], rows) : h("p", {}, "Nothing reached a sink in the window."));
}

function limits(model, bottleneck) {
  const verdict = model.verdict;
  if (verdict) return card("What limits it, proven by relief", h("p", {class: verdict.verdict.length > 240 ? null : "verdict"}, verdict.verdict), gains(verdict, 8));
  const suspects = bottleneck.suspects.slice(0, 5);
  return card("What limits it", h("p", {class: "verdict"}, bottleneck.verdict), bottleneck.agree ? null : h("p", {}, bottleneck.disagreement),
    suspects.length ? h("ol", {}, suspects.map((s) => h("li", {}, h("code", {}, s.path), ": " + s.why))) : null,
    h("p", {class: "note"}, "A suspicion from one run; ", h("code", {}, "--verdict"), " measures what relief brings."));
}

/** Gains of steps and of the sufficient set, with intervals. */
export function gains(verdict, most = 1000) {
  const interval = (g) => {
    const [value, low, high, scale] = g.gain === null ? [g.absolute, g.absolute_low, g.absolute_high, 1] : [g.gain, g.gain_low, g.gain_high, 100];
    if (value === null) return g.error || "-";
    const unit = g.gain === null ? " " + verdict.unit : " %";
    return `${value >= 0 ? "+" : ""}${(scale * value).toFixed(1)}${unit} [${(scale * low).toFixed(1)}, ${(scale * high).toFixed(1)}]`;
  };
  const word = {all: "all candidates", set: "sufficient set", without: "set without", step: "one step", pair: "two steps", demand: "demand"};
  const rows = verdict.gains.filter((g) => g.role !== "without" && (most === 1000 || g.role !== "step" || g.gain_low > 0)).slice(0, most).map((g) => ({cells: [g.relief || "", word[g.role] || g.role, interval(g)]}));
  return plainTable("gains", ["Relief", "", `gain of ${verdict.objective}`], rows);
}

function intensities(model, kpis) {
  const units = model.plant.units;
  const keys = [["electricity", "electricity"], ["carbon", "carbon"], ["carbon.scope1", "scope 1"], ["carbon.scope2", "scope 2"], ["carbon.scope3", "scope 3"], ["cost", "cost"],
    ["revenue", "revenue"], ["margin", "margin"]].filter(([key]) => units.some((u) => kpis[`per.${u.name}.${key}`]));
  const plant = ["plant.electricity_per_year", "plant.power", "plant.peak_power", "plant.carbon_per_year", "money.cost", "money.revenue", "money.margin"].filter((path) => kpis[path]);
  const name = {"plant.electricity_per_year": "electricity", "plant.power": "mean power", "plant.peak_power": "peak power", "plant.carbon_per_year": "carbon", "money.cost": "cost", "money.revenue": "revenue", "money.margin": "margin"};
  const unitOf = (key) => kpis[`per.${units.find((u) => kpis[`per.${u.name}.${key}`]).name}.${key}`].unit;
  const rows = keys.map(([key, text]) => ({cells: [h("span", {}, text, h("span", {class: "unit"}, ` [${unitOf(key)}]`)), ...units.map((u) => figure(`per.${u.name}.${key}`, kpis[`per.${u.name}.${key}`], false))]}));
  return card("Energy, carbon, cost", h("dl", {class: "figures"}, plant.flatMap((path) => [h("dt", {}, name[path]), h("dd", {}, figure(path, kpis[path]))])),
    rows.length ? plainTable("intensities", ["per tonne of", ...units.map((u) => h("span", {title: u.doc}, u.name))], rows) : null,
    rows.length ? h("ul", {class: "note"}, units.filter((u) => u.doc).map((u) => h("li", {}, h("b", {}, u.name), ": " + u.doc))) : null);
}

function told(model, warnings) {
  const missed = rowsOf(model.tables.find((t) => t.name === "compliance")).filter((r) => r.verdict !== "pass" && !r.coming);
  const names = [...new Set(missed.map((r) => `${r.rule}: ${r.verdict}`))];
  return card("Warnings", warnings.length + names.length === 0 ? h("p", {}, "None.") : null,
    names.length ? h("ul", {}, names.map((text) => h("li", {}, "rule " + text))) : null,
    h("ul", {}, warnings.map((w) => h("li", {}, h("code", {}, w.code), " ", w.path ? h("code", {}, w.path) : "", w.path ? ": " : "", w.message))),
    h("p", {class: "note"}, star(), " rests on estimates, as the files say. ± at " + 100 * model.result.run.confidence + " % confidence" +
      (model.result.run.replications < 2 ? "; of one replication no interval is known." : `, ${model.result.run.replications} replications.`)));
}
