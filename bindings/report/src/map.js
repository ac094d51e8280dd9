// The plant on a page: lanes that fold, stations with how busy they are and what waits, ways; as elements, so that it prints and can be read out.
import {h, percent} from "./dom.js";
import {rowsOf} from "./tables.js";

const shades = [[0.2, "#feedde"], [0.5, "#fdbe85"], [0.75, "#fd8d3c"], [0.9, "#e6550d"], [Infinity, "#a63603"]];
export const shade = (share) => shades.find(([below]) => share < below)[1];

/** A path of cubic curves as points with the length up to each. */
function flatten(xy) {
  const points = [xy[0], xy[1]];
  for (let k = 2; k + 5 < xy.length; k += 6) {
    const [x0, y0] = points.slice(-2);
    for (let s = 1; s <= 6; ++s) {
      const t = s / 6, u = 1 - t, a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;
      points.push(a * x0 + b * xy[k] + c * xy[k + 2] + d * xy[k + 4], a * y0 + b * xy[k + 1] + c * xy[k + 3] + d * xy[k + 5]);
    }
  }
  return points;
}

export class Map_ {
  constructor(model, onStation) {
    this.model = model;
    this.map = model.map;
    this.onStation = onStation;
    this.folded = new Set();
    this.nodes = new Map(this.map.nodes.map((node) => [node.node, node]));
    this.rows = this.rowsOfLanes();
    const stations = new Map(rowsOf(model.tables.find((t) => t.name === "stations")).map((row) => [row.station, row]));
    this.mean = (name) => stations.get(name);
    this.mostQueue = Math.max(1, ...[...stations.values()].map((row) => row.mean_queue || 0));
    this.svg = h("svg", {viewBox: `0 0 ${this.map.width + 8} ${this.map.height + 8}`, role: "group", "aria-label": "process map: stations by group"});
    this.labels = new Map();
    this.draw();
  }
  /** Lanes that share a height fold together. */
  rowsOfLanes() {
    const rows = [];
    for (const lane of [...this.map.lanes].sort((a, b) => a.y - b.y)) {
      const row = rows.at(-1);
      if (row && lane.y < row.y + row.h) {
        row.h = Math.max(row.h, lane.y + lane.h - row.y);
        row.lanes.push(lane);
      } else rows.push({y: lane.y, h: lane.h, lanes: [lane]});
    }
    return rows;
  }
  /** Where a height of the layout stands now; what is in a folded row stands in the middle of its head. */
  y(at) {
    let up = 0;
    for (const row of this.rows) {
      if (!this.folded.has(row)) continue;
      if (at >= row.y + row.h) up += row.h - 26;
      else if (at > row.y) return row.y - up + 13;
    }
    return at - up;
  }
  height() {
    return this.y(this.map.height);
  }
  rowOf(node) {
    return this.rows.find((row) => node.y >= row.y && node.y <= row.y + row.h);
  }
  draw() {
    const {map} = this;
    this.ways = new Map();
    this.svg.replaceChildren();
    this.svg.setAttribute("viewBox", `-4 -4 ${map.width + 8} ${this.height() + 8}`);
    const lanes = this.rows.flatMap((row) => row.lanes.filter((lane) => lane.group).map((lane) => [row, lane]));
    for (const [row, lane] of lanes) this.svg.append(h("rect", {class: "lane", x: lane.x, y: this.y(lane.y), width: lane.w, height: this.folded.has(row) ? 26 : lane.h, rx: 8}));
    for (const way of map.ways) {
      if (this.hides(way.from, way.to)) continue;
      const xy = way.xy.map((value, k) => (k % 2 ? this.y(value) : value));
      this.ways.set(way.from * 65536 + way.to, {points: flatten(xy)});
      this.svg.append(h("path", {class: "way", d: `M${xy[0]},${xy[1]}` + curves(xy)}), arrow(xy));
    }
    for (const [row, lane] of lanes) this.drawHead(row, lane);
    this.labels.clear();
    for (const node of map.nodes) if (!this.folded.has(this.rowOf(node))) this.drawNode(node);
  }
  /** Within a folded row. */
  hides(from, to) {
    if (!this.folded.size) return false;
    const row = this.rowOf(this.nodes.get(from));
    return this.folded.has(row) && row === this.rowOf(this.nodes.get(to));
  }
  drawHead(row, lane) {
    const folded = this.folded.has(row);
    const fold = () => {
      folded ? this.folded.delete(row) : this.folded.add(row);
      this.draw();
      this.changed?.();
      this.svg.querySelector(`[data-lane="${CSS.escape(lane.group)}"]`)?.focus();
    };
    const inside = this.map.nodes.filter((node) => node.kind === "station" && node.x > lane.x && node.x < lane.x + lane.w && node.y > lane.y && node.y < lane.y + lane.h);
    const text = (folded ? "▸ " : "▾ ") + lane.group + (folded ? ` (${inside.length} stations)` : "");
    this.svg.append(h("g", {class: "lane-head", role: "button", tabindex: 0, "data-lane": lane.group, "aria-expanded": String(!folded), "aria-label": `group ${lane.group}, ${inside.length} stations`,
        onclick: fold, onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); fold(); } }},
        h("rect", {x: lane.x, y: this.y(lane.y), width: 14 + 7.8 * text.length, height: 24, class: "hit"}),
        h("text", {x: lane.x + 10, y: this.y(lane.y) + 17}, text)));
  }
  drawNode(node) {
    const x = node.x - node.w / 2, y = this.y(node.y) - node.h / 2;
    const isStation = node.kind === "station", row = isStation ? this.mean(node.name) : null;
    const bottleneck = this.model.result?.bottleneck.station === node.name;
    const group = h("g", {class: `node ${node.kind}${bottleneck ? " bottleneck" : ""}`, "data-node": node.node, tabindex: isStation ? 0 : null, role: isStation ? "button" : "img"});
    const open = () => this.onStation?.(node);
    if (isStation) {
      group.addEventListener("click", open);
      group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); open(); } });
    }
    group.append(h("rect", {x, y, width: node.w, height: node.h, rx: isStation ? 3 : node.h / 2}));
    const used = row?.utilisation ?? null;
    const text = (dy, content, name) => group.append(h("text", {x: node.x, y: y + dy, class: name}, content + " "));  // read out as the node's name, word by word
    const bar = h("rect", {class: "used", x: x + 4, y: y + node.h - 7, height: 4, width: 0}), queue = h("rect", {class: "queue", x: x + 4, y: y + node.h - 12, height: 3, width: 0});
    text(isStation ? 14 : node.h / 2 + 1, node.name, "name");
    if (isStation) {
      group.append(h("rect", {class: "track", x: x + 4, y: y + node.h - 7, width: node.w - 8, height: 4}), bar, queue);
      const second = h("text", {x: node.x, y: y + 27, class: "figure"}), third = h("text", {x: node.x, y: y + 40, class: "figure"});
      group.append(second);
      if (node.h > 50) group.append(third);
      this.labels.set(node.node, {group, second, third, bar, queue, width: node.w - 8, tall: node.h > 50});
    } else {
      const sink = this.model.plant.sinks.find((s) => s.name === node.name && node.kind === "sink");
      const second = h("text", {x: node.x, y: y + node.h / 2 + 13, class: "figure"}, sink ? (sink.tank ? "tank" : sink.role !== sink.name ? sink.role : "") : "");
      group.append(second);
      this.labels.set(node.node, {group, second});
      group.setAttribute("aria-label", `${node.kind} ${node.name}`);
    }
    this.svg.append(group);
    if (isStation) this.show(node.node, used, row?.mean_queue ?? 0, row?.mean_content ?? 0, false);
  }
  /** How busy a station is and what waits there: means, or of a moment. */
  show(node, used, queue, content, exact) {
    const label = this.labels.get(node);
    if (!label?.bar) return;
    const lots = (value) => (exact || value >= 99.95 ? value.toFixed(0) : String(Math.round(value * 10) / 10));
    label.second.textContent = `${used === null ? "-" : percent(used, 0)} used `;
    label.third.textContent = lots(queue) !== "0" ? `${lots(content)}, ${lots(queue)} wait` : `${lots(content)} lots`;
    if (!label.tall) label.second.textContent += `, ${lots(content)}`;
    const longest = Math.max(label.second.textContent.length, label.third.textContent.length) * 5.7;
    label.group.style.setProperty("--figure", `${Math.min(10.5, (10.5 * label.width) / longest).toFixed(1)}px`);
    label.bar.setAttribute("width", Math.max(0, Math.min(1, used || 0)) * label.width);
    label.bar.setAttribute("fill", shade(used || 0));
    label.queue.setAttribute("width", Math.min(1, Math.log1p(queue) / Math.log1p(Math.max(this.mostQueue, 10))) * label.width);
  }
  showMeans() {
    for (const node of this.map.nodes) {
      const row = node.kind === "station" ? this.mean(node.name) : null;
      if (row) this.show(node.node, row.utilisation, row.mean_queue ?? 0, row.mean_content ?? 0, false);
    }
  }
  /** Points of the way between two nodes; a straight line where none is drawn. */
  way(from, to) {
    if (this.hides(from, to)) return null;
    const key = from * 65536 + to;
    let way = this.ways.get(key);
    if (!way) {
      const a = this.nodes.get(from), b = this.nodes.get(to);
      if (!a || !b) return null;
      this.ways.set(key, (way = {points: [a.x, this.y(a.y), b.x, this.y(b.y)]}));
    }
    if (!way.length) {
      way.length = [0];
      for (let k = 2; k < way.points.length; k += 2) way.length.push(way.length.at(-1) + Math.hypot(way.points[k] - way.points[k - 2], way.points[k + 1] - way.points[k - 1]));
    }
    return way;
  }
}

function curves(xy) {
  let d = "";
  for (let k = 2; k + 5 < xy.length; k += 6) d += `C${xy.slice(k, k + 6).map((v) => v.toFixed(1)).join(" ")}`;
  return d;
}

/** At the end of a way, in the direction of its last stretch. */
function arrow(xy) {
  const n = xy.length;
  let x = xy[n - 2], y = xy[n - 1], k = n - 4;
  while (k > 0 && Math.hypot(x - xy[k], y - xy[k + 1]) < 0.5) k -= 2;
  const along = Math.hypot(x - xy[k], y - xy[k + 1]) || 1, dx = (x - xy[k]) / along, dy = (y - xy[k + 1]) / along;
  x += 6 * dx;  // the way itself ends where the head begins
  y += 6 * dy;
  return h("path", {class: "head", d: `M${x},${y}L${x - 6 * dx - 2.5 * dy},${y - 6 * dy + 2.5 * dx}L${x - 6 * dx + 2.5 * dy},${y - 6 * dy - 2.5 * dx}Z`});
}
