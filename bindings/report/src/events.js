// What was recorded of lots and servers, as typed arrays; who is where at a time follows from it by binary search and a few steps.
import {bytesOf, floatsOf} from "./dom.js";

/** Records of three integers each, 7 bits a byte. */
function decode(text, n) {
  const bytes = bytesOf(text), time = new Float64Array(n), who = new Uint32Array(n), what = new Uint32Array(n);
  let at = 0, now = 0;
  const next = () => {
    let value = 0, factor = 1;
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  };
  for (let r = 0; r < n; ++r) {
    time[r] = now += next();
    who[r] = next();
    what[r] = next();
  }
  return {time, who, what, n};
}

/** Number of records up to and with this time. */
function upTo(time, at) {
  let low = 0, high = time.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time[middle] <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const every = 4096;  // records between two sets of counts that are kept

export class Events {
  /** @param moves of the model @param stations, nodes numbers of them; nodes from `stations` on are sinks */
  constructor(moves, stations, nodes, states) {
    this.moves = moves;
    this.stations = stations;
    this.nodes = nodes;
    this.n_states = states;
    this.begin = moves.begin_s;
    this.length = (moves.end_s - moves.begin_s) / moves.tick_s;  // ticks
    this.places = decode(moves.places, moves.n_places);
    this.states = decode(moves.states, moves.n_states);
    this.kinds = bytesOf(moves.kinds);
    this.kg = floatsOf(moves.kg);
    this.ids = bytesOf(moves.ids);
    this.ancestors = new Map(moves.ancestors.map(([lot, ...of]) => [lot, of]));
    this.children = new Map();
    for (const [lot, of] of this.ancestors) for (const one of of) this.children.has(one) ? this.children.get(one).push(lot) : this.children.set(one, [lot]);
    const {who, n} = this.places;
    this.before = new Int32Array(n).fill(-1);  // record of the same lot before this one
    const last = new Int32Array(this.kinds.length).fill(-1);
    for (let r = 0; r < n; ++r) {
      this.before[r] = last[who[r]];
      last[who[r]] = r;
    }
    this.last = last;
    this.counts = {at: 0, content: new Int32Array(nodes), queue: new Int32Array(nodes)};
    this.kept = [this.copy()];
    while (this.counts.at < n) {
      this.advance(Math.min(n, this.counts.at + every));
      this.kept.push(this.copy());
    }
    this.servers = {at: 0, number: Float64Array.from(moves.servers)};
    this.keptServers = [Float64Array.from(moves.servers)];
    while (this.servers.at < this.states.n) {
      this.advanceServers(Math.min(this.states.n, this.servers.at + every));
      this.keptServers.push(Float64Array.from(this.servers.number));
    }
  }
  copy() {
    return {content: this.counts.content.slice(), queue: this.counts.queue.slice()};
  }
  advance(to) {
    const {content, queue} = this.counts, {what} = this.places;
    for (let r = this.counts.at; r < to; ++r) {
      const before = this.before[r] < 0 ? 0 : what[this.before[r]], now = what[r];
      if (before > 0) {
        const node = (before - 1) >> 1;
        if (node < this.stations) {  // at a sink all that came are counted
          --content[node];
          if (!((before - 1) & 1)) --queue[node];
        }
      }
      if (now > 0) {
        const node = (now - 1) >> 1;
        ++content[node];
        if (!((now - 1) & 1)) ++queue[node];
      }
    }
    this.counts.at = to;
  }
  advanceServers(to) {
    const {who, what} = this.states, number = this.servers.number, n = this.n_states;
    for (let r = this.servers.at; r < to; ++r) {
      const from = Math.floor(what[r] / n), base = who[r] * n;
      if (from < n) --number[base + from];
      ++number[base + (what[r] % n)];
    }
    this.servers.at = to;
  }
  /** Lots in each station (in each sink: that have come) and in its buffer, after all that happened up to this tick. */
  at(tick) {
    const to = upTo(this.places.time, tick);
    if (to < this.counts.at || to - this.counts.at > every) {
      const k = Math.floor(to / every);
      this.counts = {at: Math.min(k * every, this.places.n), content: this.kept[k].content.slice(), queue: this.kept[k].queue.slice()};
    }
    this.advance(to);
    return this.counts;
  }
  /** Servers in each state, stations x states. */
  serversAt(tick) {
    const to = upTo(this.states.time, tick);
    if (to < this.servers.at || to - this.servers.at > every) {
      const k = Math.floor(to / every);
      this.servers = {at: Math.min(k * every, this.states.n), number: Float64Array.from(this.keptServers[k])};
    }
    this.advanceServers(to);
    return this.servers.number;
  }
  /** Time in each state of a station's servers up to a tick [server ticks]. */
  timeInStates(station, tick) {
    const n = this.n_states, number = Float64Array.from(this.moves.servers.slice(station * n, station * n + n)), sum = new Float64Array(n);
    const {time, who, what} = this.states;
    let last = 0;
    const add = (until) => {
      for (let s = 0; s < n; ++s) sum[s] += number[s] * (until - last);
      last = until;
    };
    for (let r = 0; r < this.states.n && time[r] <= tick; ++r) {
      if (who[r] !== station) continue;
      add(time[r]);
      const from = Math.floor(what[r] / n);
      if (from < n) --number[from];
      ++number[what[r] % n];
    }
    add(tick);
    return sum;
  }
  /** Records of a lot, in order. */
  history(lot) {
    const all = [];
    for (let r = this.last[lot]; r >= 0; r = this.before[r]) all.push(r);
    return all.reverse();
  }
  /** The last record's `what` of a lot up to this tick; undefined: it has not come. */
  whatAt(lot, tick) {
    let r = this.last[lot];
    while (r >= 0 && this.places.time[r] > tick) r = this.before[r];
    return r < 0 ? undefined : this.places.what[r];
  }
  /** Lots with this in their identity or, of such a kind, in the plant at this tick; at most so many, and how many there are. */
  search(text, tick, most) {
    const all = [], kinds = this.moves.kind_names.map((name) => name.toLowerCase().includes(text)), hex = /^[0-9a-f]+$/.test(text);
    let of = 0;
    for (let lot = 0; lot < this.kinds.length; ++lot) {
      const fits = (kinds[this.kinds[lot]] && this.isInside(lot, tick)) || (hex && this.identities[lot].includes(text));
      if (fits && ++of <= most) all.push(lot);
    }
    return {all, of};
  }
  isInside(lot, tick) {
    const what = this.whatAt(lot, tick);
    return what > 0 && (what - 1) >> 1 < this.stations;
  }
  /** Lots in a station now, the longest there first, at most so many. */
  lotsAt(node, tick, most) {
    const to = upTo(this.places.time, tick), latest = new Map();
    for (let r = to - 1; r >= 0 && latest.size < 1e6; --r) {
      const lot = this.places.who[r];
      if (!latest.has(lot)) latest.set(lot, r);
    }
    const here = [];
    for (const [lot, r] of latest) if (this.places.what[r] > 0 && (this.places.what[r] - 1) >> 1 === node) here.push([r, lot]);
    return here.sort((a, b) => a[0] - b[0]).slice(0, most).map(([, lot]) => lot);
  }
  /** First and last number + 1 of the records in (from, to]. */
  between(from, to) {
    return [upTo(this.places.time, from), upTo(this.places.time, to)];
  }
  id(lot) {
    let text = "";
    for (let k = 7; k >= 0; --k) text += this.ids[8 * lot + k].toString(16).padStart(2, "0");
    return text;
  }
  /** Identities of all lots, written once. */
  get identities() {
    return (this.written ??= Array.from(this.kinds, (_, lot) => this.id(lot)));
  }
  find(id) {
    return this.identities.indexOf(id);
  }
  kind(lot) {
    return this.moves.kind_names[this.kinds[lot]] ?? "";
  }
}
