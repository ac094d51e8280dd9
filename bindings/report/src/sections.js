// What stands below the first screen, part by part; each is left out where the model has nothing for it.
import {h} from "./dom.js";
import {tableElement} from "./tables.js";

export const section = (id, title, ...children) => h("section", {id, "aria-labelledby": id + "-title"}, h("h2", {id: id + "-title"}, title), ...children);

export function sections(page) {
  return [tables(page), words(page)];
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
