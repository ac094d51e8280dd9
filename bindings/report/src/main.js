// Builds the page from the model; what is far down is drawn when it comes near.
import {h} from "./dom.js";
import {asked, firstScreen} from "./first.js";
import {sections} from "./sections.js";
import {Filter} from "./filter.js";

const model = JSON.parse(document.getElementById("model").textContent);
document.getElementById("model").remove();
document.title = `${model.title} - retwin ${model.command}`;

const later = [];  // {element, draw}: charts that wait until they are near
export const page = {model, onDraw: (element, draw) => later.push({element, draw}), redraw: [], filtered: [], filter: new Filter(model)};

function themeSwitch() {
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const button = h("button", {type: "button", id: "theme", onclick: () => { root.dataset.theme = dark() ? "light" : "dark"; show(); }});
  const show = () => {
    button.textContent = dark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `switch to ${dark() ? "light" : "dark"} colours`);
    page.redraw.forEach((draw) => draw());
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
  return button;
}

const filter = h("input", {type: "search", id: "filter", placeholder: "station, group or product", "aria-label": "show only what belongs to this station, group or product", list: "names"});
const names = model.plant ? [...new Set([...model.plant.stations.flatMap((s) => [s.name, s.group]), ...model.plant.sinks.map((s) => s.name)])].filter(Boolean).sort() : [];
const parts = [firstScreen(model), ...sections(page)].filter(Boolean);
if (model.result) parts[0].querySelector(".cards > div:last-child").append(asked(page, parts));
const nav = h("nav", {"aria-label": "parts of the report"}, h("ul", {}, parts.map((part) => h("li", {}, h("a", {href: "#" + part.id}, part.querySelector("h2").textContent)))));
document.body.prepend(
  h("header", {}, h("div", {class: "head"}, h("div", {}, h("h1", {}, model.title), h("p", {class: "subtitle"}, model.heading)),
    h("div", {class: "tools"}, model.plant ? [filter, h("datalist", {id: "names"}, names.map((name) => h("option", {value: name})))] : [], themeSwitch())), nav),
  h("main", {}, parts),
  h("footer", {}, `retwin ${model.version}`, model.result ? `, scenario ${model.result.scenario.hash.slice(0, 16)}` : "", ". This page holds all its data and asks nothing of a network."));
page.filter.watch(page, filter);

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) drawNow(entry.target);
}, {rootMargin: "600px"});
function drawNow(element) {
  seen.unobserve(element);
  const at = later.findIndex((one) => one.element === element);
  if (at >= 0) later.splice(at, 1)[0].draw();
}
later.forEach(({element}) => seen.observe(element));
addEventListener("beforeprint", () => [...later].forEach(({element}) => drawNow(element)));
window.retwin = {model, page, replay: page.replay, drawAll: () => [...later].forEach(({element}) => drawNow(element))};
requestAnimationFrame(() => setTimeout(() => performance.mark("first-frame")));
