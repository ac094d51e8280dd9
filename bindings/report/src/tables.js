// Tables of the program: head with units, meanings on hovering, intervals beside their figures; filtered by what is asked for.
import {clock, h, readable, star} from "./dom.js";

/** Rows as objects. */
export const rowsOf = (table) => table ? table.rows.map((row) => Object.fromEntries(table.columns.map((column, c) => [column.name, row[c]]))) : [];

const shown = (column, value, half) => {
  if (value === null || value === undefined || value === "") return "";
  if (column.type === "number") return readable(value, half);
  if (column.type === "flag") return value ? "yes" : "no";
  return String(value);
};

/** Columns of half-widths stand with their figures, and columns of nothing are left out. */
export function tableElement(table, caption) {
  const names = table.columns.map((column) => column.name);
  const half = names.map((name) => (names.includes(name + "_half_width") ? names.indexOf(name + "_half_width") : -1));
  const visible = names.map((name, c) => c).filter((c) => !names[c].endsWith("_half_width") &&
    table.rows.some((row) => row[c] !== null && row[c] !== "" && row[c] !== undefined) &&
    !(table.columns[c].type === "number" && table.rows.every((row) => !row[c])));
  const marks = names.indexOf("confidence");
  const numeric = (c) => ["number", "integer"].includes(table.columns[c].type);
  const head = h("tr", {}, visible.map((c) => h("th", {scope: "col", title: table.columns[c].doc || null, class: numeric(c) ? "number" : null},
    names[c].replaceAll("_", " "), table.columns[c].unit && table.columns[c].unit !== "1" ? h("span", {class: "unit"}, " [" + table.columns[c].unit + "]") : null)));
  const body = table.rows.map((row) => h("tr", {"data-key": keyOf(table, row)}, visible.map((c, k) => {
    const text = shown(table.columns[c], row[c], half[c] >= 0 ? row[half[c]] : undefined);
    const mark = k === 0 && marks >= 0 && row[marks] === "estimate" ? star() : null;
    return k === 0 ? h("th", {scope: "row"}, text, mark) : h("td", {class: numeric(c) ? "number" : null}, text);
  })));
  return h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": caption || table.name}, h("table", {"data-table": table.name},
    caption ? h("caption", {}, caption) : null, h("thead", {}, head), h("tbody", {}, body)));
}

/** What a filter looks for in a row: the names of stations, sinks, groups and the like in it. */
function keyOf(table, row) {
  return table.columns.map((column, c) => (column.type === "text" && ["station", "sink", "group", "unit", "tank", "stock", "place", "auxiliary"].includes(column.name) ? row[c] : null))
    .filter(Boolean).join("\n") || null;
}

/** A table from rows of cells (text or elements). */
export function plainTable(name, heads, rows, caption) {
  return h("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": caption || name}, h("table", {"data-table": name}, caption ? h("caption", {}, caption) : null,
    h("thead", {}, h("tr", {}, heads.map((text, c) => h("th", {scope: "col", class: c ? "number" : null}, text)))),
    h("tbody", {}, rows.map(({key, cells}) => h("tr", {"data-key": key}, cells.map((cell, c) => (c ? h("td", {class: "number"}, cell) : h("th", {scope: "row"}, cell))))))));
}

export {clock};
