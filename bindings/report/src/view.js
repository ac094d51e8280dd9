// A map with what a replay shows on it: counts of stations, lots on their way; stations and lots tell what they were.
import {clock, duration, h, percent, readable, star, weekday} from "./dom.js";
import {Events} from "./events.js";
import {Footprints} from "./footprints.js";
import {Map_} from "./map.js";

const travel_s = 0.8;  // of the viewer's time that a move takes on the screen
const most_found = 40;

export class View {
  /** @param model of a run, or one of those compared @param player whose time it shows; null: there is nothing to play */
  constructor(model, player) {
    this.model = model;
    this.player = player;
    this.map = new Map_(model, (node) => this.openStation(node));
    this.map.changed = () => { this.fit(); this.refresh(true); };
    this.working = model.plant.states.indexOf("working");
    this.setup = model.plant.states.indexOf("setup");
    this.canvas = h("canvas", {class: "lots", "aria-hidden": "true"});
    this.stage = h("div", {class: "stage"}, this.map.svg, this.canvas);
    this.panel = h("div", {class: "panel", "aria-live": "polite", hidden: true});
    this.element = h("div", {class: "view"}, this.stage, this.panel);
    if (!player) return;
    this.stage.addEventListener("click", (event) => this.pick(event));
    this.resized = new ResizeObserver(() => { this.fit(); this.refresh(true); });
    this.resized.observe(this.stage);
  }
  /** Read when they are first needed: the page shows itself before. */
  get events() {
    const stations = this.model.plant.stations.length;
    return (this.read ??= new Events(this.model.moves, stations, stations + this.model.plant.sinks.length, this.model.plant.states.length));
  }
  get footprints() {
    return (this.weighed ??= new Footprints(this.model.footprints));
  }
  get tick() {
    return Math.min(this.player.tick, this.length);
  }
  get length() {
    return (this.model.moves.end_s - this.model.moves.begin_s) / this.model.moves.tick_s;
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
  when(tick) {
    return `${weekday(this.seconds(tick))} ${clock(this.seconds(tick))}`;
  }
  means() {
    this.map.showMeans();
    for (const {node, kind} of this.model.map.nodes) if (kind === "sink") this.map.labels.get(node)?.second.replaceChildren(this.model.plant.sinks[node - this.model.plant.stations.length].role);
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }
  /** Counts and lots of this moment; texts at most eight times a second, unless they must be exact. */
  refresh(exact) {
    if (!this.player.live) return;
    this.drawLots();
    const now = performance.now();
    if (!exact && now - (this.written || 0) < 125) return;
    this.written = now;
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
  /** Lots that have just left for their next place are on their way there. @returns how many */
  drawLots() {
    const context = this.canvas.getContext("2d"), style = getComputedStyle(this.stage);
    if (!this.scale) this.fit();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.moving = [];
    context.setTransform(this.scale, 0, 0, this.scale, 4 * this.scale, 4 * this.scale);
    if (!this.player.still.matches) this.drawMoves(context, style);
    if (this.lot !== undefined) this.markLot(context, style);
    return this.moving.length / 3;
  }
  drawMoves(context, style) {
    context.fillStyle = style.getPropertyValue("--lot");
    const span = (travel_s * this.player.speed) / this.model.moves.tick_s, {places} = this.events;
    const [first, end] = this.events.between(this.tick - span, this.tick);
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
  }
  /** The lot that is told of: on its way, else a frame around where it is. */
  markLot(context, style) {
    context.fillStyle = style.getPropertyValue("--queue");
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 4;
    for (let k = 0; k < this.moving.length; k += 3)
      if (this.moving[k + 2] === this.lot) {
        context.beginPath();
        context.arc(this.moving[k], this.moving[k + 1], 7, 0, 2 * Math.PI);
        context.fill();
        return;
      }
    const what = this.events.whatAt(this.lot, this.tick);
    const node = what > 0 ? this.map.nodes.get((what - 1) >> 1) : null;
    if (node) context.strokeRect(node.x - node.w / 2 - 5, this.map.y(node.y) - node.h / 2 - 5, node.w + 10, node.h + 10);
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
    this.panel.scrollTop = 0;
  }
  nodeName(node) {
    return this.map.nodes.get(node)?.name ?? "?";
  }
  link(lot) {
    return [h("button", {type: "button", class: "lot", onclick: () => this.openLot(lot)}, `${this.events.kind(lot)} ${this.events.id(lot).slice(-6)}`), " "];
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
      if (this.player.playing && performance.now() - (this.told || 0) < 500) return;
      this.told = performance.now();
      const servers = this.events.serversAt(this.tick), sum = this.events.timeInStates(node.node, this.tick), all = sum.reduce((a, b) => a + b, 0) || 1;
      const lots = this.events.lotsAt(node.node, this.tick, 12);
      moment.replaceChildren(h("h4", {}, `At ${clock(this.seconds(this.tick))}`),
        h("table", {"data-table": "states"}, h("thead", {}, h("tr", {}, ["state", "servers now", "of the time played"].map((text) => h("th", {scope: "col"}, text)))),
          h("tbody", {}, states.map((name, s) => (sum[s] > 0 || servers[node.node * n + s] > 0 ? h("tr", {}, h("th", {scope: "row"}, name.replaceAll("_", " ")), h("td", {class: "number"}, String(servers[node.node * n + s])),
            h("td", {class: "number"}, percent(sum[s] / all))) : null)))),
        lots.length ? h("p", {}, "Lots here: ", lots.map((lot) => this.link(lot))) : h("p", {}, "No lot is here."));
    };
    if (this.player?.live) this.shown();
  }
  /** Lots by a part of their identity, or by their kind: those that are in the plant at this moment. */
  find(text) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return;
    this.player.live = true;
    const exact = this.events.find(wanted);
    if (exact >= 0) return this.openLot(exact);
    const {all, of} = this.events.search(wanted, this.tick, most_found);
    if (all.length === 1) return this.openLot(all[0]);
    this.lot = undefined;
    this.shown = null;
    const kinds = this.model.moves.kind_names.filter(Boolean);
    this.say([h("h3", {}, `Lots: ${text.trim()}`),
      all.length ? [h("p", {class: "note"}, of > all.length ? `The first ${all.length} of ${of}.` : `${of} lots.`, " Where they are at ", clock(this.seconds(this.tick)), ":"),
        h("ul", {class: "found"}, all.map((lot) => h("li", {}, h("button", {type: "button", class: "lot", onclick: () => this.openLot(lot)}, `${this.events.kind(lot)} ${this.events.id(lot)}`), " ", this.whereabouts(lot))))]
        : h("p", {}, "No lot with this in its identity was in the plant in the time that is replayed, and no lot of such a kind is in it at this moment."),
      h("p", {class: "note"}, "An identity has 16 digits, any part of it will do, as in the table of lots that leave or of `retwin carbon --table batteries`. ", kinds.length ? `Kinds: ${kinds.join(", ")}.` : "")].flat());
  }
  /** Where a lot is at this moment, in words. */
  whereabouts(lot) {
    const what = this.events.whatAt(lot, this.tick);
    if (what === undefined) return "has not come yet";
    if (what === 0) return this.end(lot).words;
    return `${(what - 1) & 1 ? "in work at" : "waiting at"} ${this.nodeName((what - 1) >> 1)}`;
  }
  /** How a lot ends, as far as the replay tells: when [tick], and in words; null: it is still there then. */
  end(lot) {
    const {places} = this.events, records = this.events.history(lot), last = records.at(-1);
    if (last === undefined || places.what[last] !== 0) return null;
    const before = records.length > 1 ? (places.what[records.at(-2)] - 1) >> 1 : -1;
    const at_sink = before >= this.model.plant.stations.length;
    return {tick: places.time[last], words: before < 0 ? "is gone" : at_sink ? `has left by ${this.nodeName(before)}` : `was used up at ${this.nodeName(before)}`};
  }
  /** What a record of a lot says, in words; null: the one before has said it. */
  step(records, k) {
    const {what} = this.events.places, stations = this.model.plant.stations.length, of = (r) => (what[r] - 1) >> 1;
    if (what[records[k]] > 0) return of(records[k]) >= stations ? `leaves by ${this.nodeName(of(records[k]))}` : `${(what[records[k]] - 1) & 1 ? "is taken into work at" : "comes to"} ${this.nodeName(of(records[k]))}`;
    const before = k > 0 ? of(records[k - 1]) : -1;
    return before >= stations ? null : before < 0 ? "is gone" : `is used up at ${this.nodeName(before)}`;
  }
  openLot(lot) {
    this.lot = lot;
    this.player.live = true;
    this.shown = null;
    const {places} = this.events;
    const records = this.events.history(lot), born = records.length && places.time[records[0]] === 0;
    const made = this.events.ancestors.get(lot), became = this.events.children.get(lot), end = this.end(lot);
    const now = h("p", {class: "where"});
    const steps = records.map((r, k) => ({at: places.time[r], text: this.step(records, k)})).filter(({text}) => text)
      .map(({at, text}) => ({at, item: h("li", {}, h("button", {type: "button", class: "lot", onclick: () => this.player.seek(at)}, clock(this.seconds(at))), " " + text)}));
    this.say([h("h3", {}, `${this.events.kind(lot) || "lot"} ${this.events.id(lot)}`),
      h("p", {class: "note"}, [this.events.kg[lot] > 0 ? `${readable(this.events.kg[lot])} kg` : "", born ? "was there when the replay begins" : ""].filter(Boolean).join(", ")), now,
      h("div", {class: "columns"}, h("div", {}, h("h4", {}, "Its way"), h("ol", {class: "history"}, steps.map(({item}) => item)), h("p", {class: "note"}, "What is still ahead of the moment shown is in grey."),
        made ? h("p", {}, "Made of ", made.map((one) => this.link(one))) : null, became ? h("p", {}, "Became ", became.slice(0, 12).map((one) => this.link(one)), became.length > 12 ? `and ${became.length - 12} more` : "") : null), this.footprint(lot))]);
    this.shown = () => {
      const later = end && end.tick > this.tick ? `; it ${end.words.startsWith("has left") ? "leaves" : "is used up"} on ${this.when(end.tick)}${end.words.replace(/^(has left|was used up)/, "")}` : end ? "" : "; it is still in the plant when the replay ends";
      now.replaceChildren(h("b", {}, `On ${this.when(this.tick)}: `), this.whereabouts(lot) + later + ".");
      for (const {at, item} of steps) item.classList.toggle("ahead", at > this.tick);
    };
    this.player.refresh(true);
  }
  /** What a lot has caused and bears, as `retwin carbon` says of the same run; or why nothing is told. */
  footprint(lot) {
    const title = h("h4", {}, "Footprint");
    if (!this.model.footprints) return this.model.no_footprints ? h("div", {}, title, h("p", {class: "note"}, `There is none: ${this.model.no_footprints}.`)) : null;
    const rows = this.footprints.of(lot), mark = () => (this.model.footprints.estimate ? star() : null);
    const until = `${clock(this.model.plant.start_s + this.model.footprints.until_s)}, the end of the run`;
    const words = {caused: (row) => row.open > 0.001 ? `Its matter has caused so far, until ${until} (${percent(row.open)} of it are still in the plant: not final)` : "Its matter has caused in all since it came (final)",
      since: (row) => `It was there before. Its matter has caused since the run began, ${row.open > 0.001 ? `until ${until} (${percent(row.open)} of it are still in the plant: not final)` : "all that it will (final)"}`,
      borne: () => "It bore when it left (final)", carried: () => `It bears until ${until} (it is still in the plant: not final)`};
    const shown = rows.map((row) => h("div", {class: "footprint", "data-of": row.of}, h("p", {}, words[row.of](row), ": ", h("b", {class: "sum", "data-value": String(row.sum)}, readable(row.sum)), h("span", {class: "unit"}, " kg CO2e"), mark(),
      this.events.kg[lot] > 0 && row.of === "caused" ? h("span", {class: "note"}, ` (${readable(row.sum / this.events.kg[lot])} per kg)`) : null),
      h("ul", {}, row.scopes.filter(({scope, kg}) => scope > 0 && kg !== 0).map(({scope, kg}) => h("li", {}, `scope ${scope}: ${readable(kg)} kg`)),
        row.credit ? h("li", {}, `credits, never netted: ${readable(row.credit)} kg`) : null),
      row.stages.length ? h("p", {class: "note"}, "By stage: ", row.stages.map(({stage, share}) => `${stage} ${share < 0.005 ? "< 1" : (100 * share).toFixed(0)} %`).join(", ")) : null));
    const from = this.model.footprints.begin_s > 0 ? h("p", {class: "note"}, `Counted from ${clock(this.model.plant.start_s + this.model.footprints.begin_s)} on: the run goes on from a state.`) : null;
    return h("div", {}, title, from, shown.length ? shown : h("p", {class: "note"}, "None of its own: it neither came from outside nor left within the run, and is no longer there. What it was burdened with is borne by what was made of it."));
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
