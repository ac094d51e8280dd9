// The map with the replay of a part of the first replication on it: play, pause, scrub, speed; stations and lots tell what they were.
import {clock, duration, h, percent, readable, weekday} from "./dom.js";
import {Events} from "./events.js";
import {Map_} from "./map.js";

const speeds = [[60, "1 min/s"], [600, "10 min/s"], [3600, "1 h/s"], [21600, "6 h/s"], [86400, "1 d/s"]];
const travel_s = 0.8;  // of the viewer's time that a move takes on the screen

export class Replay {
  constructor(model) {
    this.model = model;
    this.map = new Map_(model, (node) => this.openStation(node));
    this.map.changed = () => { this.fit(); this.refresh(true); };
    this.has = Boolean(model.moves);
    this.working = model.plant.states.indexOf("working");
    this.setup = model.plant.states.indexOf("setup");
    this.tick = 0;
    this.speed = 3600;
    this.playing = false;
    this.live = false;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.build();
  }
  /** Read when they are first needed: the page shows itself before. */
  get events() {
    const stations = this.model.plant.stations.length;
    return (this.read ??= new Events(this.model.moves, stations, stations + this.model.plant.sinks.length, this.model.plant.states.length));
  }
  get length() {
    return (this.model.moves.end_s - this.model.moves.begin_s) / this.model.moves.tick_s;
  }
  build() {
    this.canvas = h("canvas", {class: "lots", "aria-hidden": "true"});
    this.stage = h("div", {class: "stage"}, this.map.svg, this.canvas);
    this.panel = h("div", {class: "panel", "aria-live": "polite", hidden: true});
    this.element = h("div", {class: "replay"}, this.has ? this.controls() : null, this.stage, this.panel);
    if (!this.has) return;
    this.element.addEventListener("keydown", (event) => {
      if (event.key === " " && !["BUTTON", "INPUT", "SELECT", "SUMMARY"].includes(event.target.tagName) && event.target.getAttribute("role") !== "button") {
        event.preventDefault();
        this.playing ? this.pause() : this.play();
      }
    });
    this.stage.addEventListener("click", (event) => this.pick(event));
    new ResizeObserver(() => { this.fit(); this.refresh(true); }).observe(this.stage);
  }
  controls() {
    this.button = h("button", {type: "button", class: "play", onclick: () => (this.playing ? this.pause() : this.play())}, "▶ Play");
    this.slider = h("input", {type: "range", min: 0, max: Math.floor(this.length), step: 60000, value: 0, "aria-label": "time of the replay", class: "time",
      oninput: () => { this.seek(Number(this.slider.value)); }});
    this.now = h("output", {class: "now"}, "means of the window");
    const select = h("select", {"aria-label": "speed", onchange: () => { this.speed = Number(select.value); }},
      speeds.map(([value, text]) => h("option", {value, selected: value === this.speed}, text)));
    const means = h("button", {type: "button", onclick: () => this.means()}, "Means");
    const id = h("input", {type: "search", placeholder: "lot", "aria-label": "identity of a lot", class: "lot-id", size: 16,
      onchange: () => { const lot = this.events.find(id.value.trim().toLowerCase()); lot >= 0 ? this.openLot(lot) : this.say([h("p", {}, "No lot of this identity was there in this time.")]); }});
    return h("div", {class: "controls", role: "group", "aria-label": "replay"}, this.button, this.slider, this.now, select, means, id);
  }
  fit() {
    const box = this.map.svg.getBoundingClientRect(), ratio = devicePixelRatio || 1;
    this.scale = (box.width / (this.model.map.width + 8)) * ratio;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
  }
  seconds(tick) {
    return this.model.plant.start_s + this.model.moves.begin_s + tick * this.model.moves.tick_s;
  }
  play() {
    this.playing = true;
    this.live = true;
    this.button.textContent = "❚❚ Pause";
    if (this.tick >= this.length) this.tick = 0;
    this.last = null;
    if (this.still.matches) {
      this.timer = setInterval(() => this.step(1), 1000);
    } else {
      const frame = (now) => {
        if (!this.playing) return;
        if (this.last !== null) this.step(Math.min(0.1, (now - this.last) / 1000));
        this.last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    }
  }
  pause() {
    this.playing = false;
    clearInterval(this.timer);
    this.button.textContent = "▶ Play";
    this.refresh(true);
  }
  step(seconds) {
    this.tick = Math.min(this.length, this.tick + (seconds * this.speed) / this.model.moves.tick_s);
    this.slider.value = this.tick;
    this.refresh(false);
    if (this.tick >= this.length) this.pause();
  }
  seek(tick) {
    this.live = true;
    this.tick = Math.max(0, Math.min(this.length, tick));
    this.slider.value = this.tick;
    this.refresh(true);
  }
  means() {
    if (this.playing) this.pause();
    this.live = false;
    this.now.textContent = "means of the window";
    this.map.showMeans();
    for (const {node, kind} of this.model.map.nodes) if (kind === "sink") this.map.labels.get(node)?.second.replaceChildren(this.model.plant.sinks[node - this.model.plant.stations.length].role);
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
  /** Counts and lots of this moment; texts at most eight times a second, unless they must be exact. */
  refresh(exact) {
    if (!this.live) return;
    this.drawLots();
    const now = performance.now();
    if (!exact && now - (this.written || 0) < 125) return;
    this.written = now;
    this.now.textContent = `${weekday(this.seconds(this.tick))} ${clock(this.seconds(this.tick))}`;
    this.slider.setAttribute("aria-valuetext", this.now.textContent);
    const {content, queue} = this.events.at(this.tick), servers = this.events.serversAt(this.tick), n = this.events.n_states;
    for (const {node, kind} of this.model.map.nodes) {
      if (kind === "station") {
        let all = 0;
        for (let s = 0; s < n; ++s) all += servers[node * n + s];
        this.map.show(node, all ? (servers[node * n + this.working] + servers[node * n + this.setup]) / all : null, queue[node], content[node], true);
      } else if (kind === "sink") {
        const label = this.map.labels.get(node);
        if (label) label.second.textContent = `${content[node]} came`;
      }
    }
    if (this.shown) this.shown();
  }
  /** Lots that have just left for their next place are on their way there. */
  drawLots() {
    const context = this.canvas.getContext("2d"), style = getComputedStyle(this.stage);
    if (!this.scale) this.fit();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.still.matches) return 0;
    context.setTransform(this.scale, 0, 0, this.scale, 4 * this.scale, 4 * this.scale);
    context.fillStyle = style.getPropertyValue("--lot");
    const span = (travel_s * this.speed) / this.model.moves.tick_s, {places} = this.events;
    const [first, end] = this.events.between(this.tick - span, this.tick);
    this.moving = [];
    const most = Math.max(first, end - 12000);
    context.beginPath();
    for (let r = most; r < end; ++r) {
      if (places.what[r] === 0) continue;
      const to = (places.what[r] - 1) >> 1, before = this.events.before[r];
      const from = before >= 0 ? (places.what[before] > 0 ? (places.what[before] - 1) >> 1 : -1) : this.sourceOf(to);
      if (from < 0 || from === to) continue;
      const way = this.map.way(from, to);
      if (!way) continue;
      const [x, y] = along(way, (this.tick - places.time[r]) / span);
      context.moveTo(x + 3, y);
      context.arc(x, y, 3, 0, 2 * Math.PI);
      this.moving.push(x, y, places.who[r]);
    }
    context.fill();
    if (this.lot !== undefined) this.markLot(context, style);
    return this.moving.length / 3;
  }
  markLot(context, style) {
    context.fillStyle = style.getPropertyValue("--queue");
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 3;
    for (let k = 0; k < this.moving.length; k += 3)
      if (this.moving[k + 2] === this.lot) {
        context.beginPath();
        context.arc(this.moving[k], this.moving[k + 1], 6, 0, 2 * Math.PI);
        context.fill();
        return;
      }
    const records = this.events.history(this.lot).filter((r) => this.events.places.time[r] <= this.tick);
    const what = records.length ? this.events.places.what[records.at(-1)] : 0;
    const node = what > 0 ? this.map.nodes.get((what - 1) >> 1) : null;
    if (node) context.strokeRect(node.x - node.w / 2 - 4, this.map.y(node.y) - node.h / 2 - 4, node.w + 8, node.h + 8);
  }
  sourceOf(node) {
    if (!this.feeds) this.feeds = new Map(this.model.map.ways.filter((w) => this.map.nodes.get(w.from)?.kind === "source").map((w) => [w.to, w.from]));
    return this.feeds.get(node) ?? -1;
  }
  /** The lot under the pointer, if any. */
  pick(event) {
    if (!this.moving?.length) return;
    const box = this.canvas.getBoundingClientRect(), ratio = devicePixelRatio || 1;
    const x = ((event.clientX - box.left) * ratio) / this.scale - 4, y = ((event.clientY - box.top) * ratio) / this.scale - 4;
    let best = 10, lot;
    for (let k = 0; k < this.moving.length; k += 3) {
      const away = Math.hypot(this.moving[k] - x, this.moving[k + 1] - y);
      if (away < best) [best, lot] = [away, this.moving[k + 2]];
    }
    if (lot !== undefined) {
      event.stopPropagation();
      this.openLot(lot);
    }
  }
  say(children) {
    this.panel.hidden = false;
    this.panel.replaceChildren(h("button", {type: "button", class: "close", "aria-label": "close", onclick: () => { this.panel.hidden = true; this.shown = null; this.lot = undefined; this.refresh(true); }}, "×"), ...children);
  }
  openStation(node) {
    this.lot = undefined;
    const row = this.map.mean(node.name), {states} = this.model.plant, station = this.model.plant.stations[node.node];
    const means = row ? h("dl", {class: "figures"}, [["used", percent(row.utilisation)], ["lots", readable(row.mean_content, row.mean_content_half_width)], ["waiting", readable(row.mean_queue, row.mean_queue_half_width)],
      ["most waiting", readable(row.queue_max, row.queue_max_half_width)], ["jobs per hour", readable(row.throughput_per_h, row.throughput_per_h_half_width)], ["mean wait", row.waiting_s === null ? "-" : duration(row.waiting_s)]]
      .flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])) : null;
    const moment = h("div", {});
    this.say([h("h3", {}, node.name), h("p", {class: "note"}, [station.unit, station.group, station.servers === null ? "" : `${station.servers} server${station.servers === 1 ? "" : "s"}`].filter(Boolean).join(", ")),
      h("div", {class: "columns"}, h("div", {}, h("h4", {}, "Means of the window"), means), moment)]);
    const n = this.model.plant.states.length;
    this.shown = () => {
      if (this.playing && performance.now() - (this.told || 0) < 500) return;
      this.told = performance.now();
      const servers = this.events.serversAt(this.tick), sum = this.events.timeInStates(node.node, this.tick), all = sum.reduce((a, b) => a + b, 0) || 1;
      const lots = this.events.lotsAt(node.node, this.tick, 12);
      moment.replaceChildren(h("h4", {}, `At ${clock(this.seconds(this.tick))}`),
        h("table", {"data-table": "states"}, h("thead", {}, h("tr", {}, ["state", "servers now", "of the time played"].map((text) => h("th", {scope: "col"}, text)))),
          h("tbody", {}, states.map((name, s) => (sum[s] > 0 || servers[node.node * n + s] > 0 ? h("tr", {}, h("th", {scope: "row"}, name.replaceAll("_", " ")), h("td", {class: "number"}, String(servers[node.node * n + s])),
            h("td", {class: "number"}, percent(sum[s] / all))) : null)))),
        lots.length ? h("p", {}, "Lots here: ", lots.map((lot) => [h("button", {type: "button", class: "lot", onclick: () => this.openLot(lot)}, `${this.events.kind(lot)} ${this.events.id(lot).slice(-6)}`), " "])) : h("p", {}, "No lot is here."));
    };
    if (this.live) this.shown();
  }
  openLot(lot) {
    this.lot = lot;
    this.live = true;
    const list = h("div", {});
    this.say([list]);
    this.shown = null;
    const {places} = this.events;
    const name = (what) => (what === 0 ? "is used up, or has left" : `${(what - 1) & 1 ? "is taken into work at" : "comes to"} ${this.map.nodes.get((what - 1) >> 1)?.name ?? "?"}`);
    const link = (other) => [h("button", {type: "button", class: "lot", onclick: () => this.openLot(other)}, `${this.events.kind(other)} ${this.events.id(other).slice(-6)}`), " "];
    const records = this.events.history(lot), born = records.length && places.time[records[0]] === 0;
    const rows = records.map((r) => h("li", {class: places.time[r] > this.tick ? "ahead" : null}, h("button", {type: "button", class: "lot", onclick: () => { this.seek(places.time[r]); this.openLot(lot); }}, clock(this.seconds(places.time[r]))), " " + name(places.what[r])));
    const made = this.events.ancestors.get(lot), became = this.events.children.get(lot);
    list.replaceChildren(h("h3", {}, `${this.events.kind(lot) || "lot"} ${this.events.id(lot)}`), h("p", {class: "note"}, this.events.kg[lot] > 0 ? `${readable(this.events.kg[lot])} kg` : "", born ? ", was there when the replay begins" : ""),
      made ? h("p", {}, "made of ", made.map(link)) : null, became ? h("p", {}, "became ", became.slice(0, 12).map(link), became.length > 12 ? `and ${became.length - 12} more` : "") : null, h("ol", {class: "history"}, rows),
      h("p", {class: "note"}, "What is still ahead of the moment shown is in grey."));
    this.refresh(true);
  }
}

function along(way, share) {
  const {points, length} = way, at = Math.max(0, Math.min(1, share)) * length.at(-1);
  let low = 0, high = length.length - 1;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (length[middle] <= at) low = middle;
    else high = middle;
  }
  const part = length[high] > length[low] ? (at - length[low]) / (length[high] - length[low]) : 0;
  return [points[2 * low] + part * (points[2 * high] - points[2 * low]), points[2 * low + 1] + part * (points[2 * high + 1] - points[2 * low + 1])];
}
