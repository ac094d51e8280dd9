// What stands below the first screen, part by part; each is left out where the model has nothing for it.
import {compared, compliance, parts, relieved, uncertainty} from "./accounts.js";
import {crews, energy, states, stock} from "./curves.js";
import {emits, emitted} from "./carbon.js";
import {h} from "./dom.js";
import {flows} from "./flows.js";
import {predicts, predicted} from "./prediction.js";
import {Replay} from "./replay.js";
import {section} from "./section.js";
import {studied, studies} from "./study.js";
import {tableElement} from "./tables.js";

export function sections(page) {
  return [compared, emitted, predicted, studied, relieved, said, map, flows, states, stock, energy, crews, compliance, uncertainty, parts, tables, words].map((make) => make(page));
}

/** The report of the command as it stands on a terminal. */
function said({model}) {
  return model.text ? section(["compare", "bottleneck"].includes(model.command) || emits(model) || predicts(model) || studies(model) ? "text" : "overview", "Report", h("pre", {class: "report", tabindex: 0}, model.text)) : null;
}

function map(page) {
  const {model} = page;
  if (model.replays) return sideBySide(page);
  if (!model.map) return model.no_map ? section("map", "Process map", h("p", {}, "There is no map: " + model.no_map + ".")) : null;
  page.replay = new Replay([model]);
  const [{map}] = page.replay.views;
  page.filtered.push(() => {
    for (const node of model.map.nodes) map.labels.get(node.node)?.group.classList.toggle("dim", !page.filter.keeps(node.name, page.filter.groupOf.get(node.name)));
  });
  return section("map", model.moves ? "Process map and replay" : "Process map", h("p", {class: "note"}, "Bars: share of servers at work (below) and lots waiting (above, logarithmic). Thick frame: what limits the plant, or would first. ",
    "Click a group to fold it, a station for its states", model.moves ? ", a moving lot for its way and its footprint; \"Find a lot\" knows numbers and kinds. The replay is of the first replication." : "."), page.replay.element);
}

/** Scenarios that are compared, the base on the left. */
function sideBySide(page) {
  const models = page.model.replays.map((one, _, all) => (one.same_as === undefined ? one : {...all[one.same_as], title: one.title}));
  const without = models.find((one) => !one.map);
  if (without) return section("map", "Side by side", h("p", {}, "There is no map: " + without.no_map + "."));
  page.replay = new Replay(models, 2);
  return section("map", "Side by side", h("p", {class: "note"}, "The first replication of two scenarios with the same luck, by one clock. Bars: share of servers at work (below) and lots waiting (above, logarithmic). ",
    "Click a group to fold it, a station for its states, a moving lot for its way."), page.replay.element);
}

/** Made when they are opened: some are long. */
function tables(page) {
  const {tables} = page.model;
  if (!tables.length) return null;
  return section("tables", "All tables", tables.map((table) => {
    const rest = table.of > table.rows.length ? ` (the first ${table.rows.length} of ${table.of} rows; --table ${table.name} has all)` : "";
    const details = h("details", {ontoggle: () => {
      if (details.open && details.children.length === 1) details.append(tableElement(table, table.doc));
      page.filter.rows();
    }}, h("summary", {}, h("b", {}, table.name), ": " + table.doc + rest));
    return details;
  }));
}

function words({model}) {
  if (!model.words?.length) return null;
  return section("glossary", "Glossary", h("dl", {class: "words"}, model.words.flatMap((word) => [h("dt", {}, word.name),
    h("dd", {}, word.doc, h("details", {}, h("summary", {}, "more about " + word.name), h("pre", {}, word.text)))])));
}
