// What stands below the first screen, part by part; each is left out where the model has nothing for it.
import {h} from "./dom.js";
import {Replay} from "./replay.js";
import {tableElement} from "./tables.js";

export const section = (id, title, ...children) => h("section", {id, "aria-labelledby": id + "-title"}, h("h2", {id: id + "-title"}, title), ...children);

export function sections(page) {
  return [map(page), tables(page), words(page)];
}

function map(page) {
  const {model} = page;
  if (!model.map) return model.no_map ? section("map", "Process map", h("p", {}, "There is no map: " + model.no_map + ".")) : null;
  const replay = new Replay(model);
  page.replay = replay;
  page.filtered = [...(page.filtered || []), () => {
    for (const node of model.map.nodes) replay.map.labels.get(node.node)?.group.classList.toggle("dim", !page.keeps(node.name, page.groupOf.get(node.name)));
  }];
  return section("map", model.moves ? "Process map and replay" : "Process map", h("p", {class: "note"}, "Bars: share of servers at work (below) and lots waiting (above, logarithmic). A double frame: what limits the plant. ",
    "Click a group to fold it, a station for its states", model.moves ? ", a moving lot for its history; the replay is of the first replication." : "."), replay.element);
}

function tables({model}) {
  if (!model.tables.length) return null;
  return section("tables", "All tables", model.tables.map((table) =>
    h("details", {}, h("summary", {}, h("b", {}, table.name), ": " + table.doc), tableElement(table, table.doc))));
}

function words({model}) {
  if (!model.words?.length) return null;
  return section("glossary", "Glossary", h("dl", {class: "words"}, model.words.flatMap((word) => [h("dt", {}, word.name),
    h("dd", {}, word.doc, h("details", {}, h("summary", {}, "more"), h("pre", {}, word.text)))])));
}
