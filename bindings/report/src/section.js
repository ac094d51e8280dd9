// A part of the page with its heading.
import {h} from "./dom.js";

export const section = (id, title, ...children) => h("section", {id, "aria-labelledby": id + "-title"}, h("h2", {id: id + "-title"}, title), ...children);
