// The replay of a part of first replications: play, pause, scrub, speed; one clock for one map, or for two beside each other.
import {h} from "./dom.js";
import {View} from "./view.js";

const speeds = [[60, "1 min/s"], [600, "10 min/s"], [3600, "1 h/s"], [21600, "6 h/s"], [86400, "1 d/s"]];

export class Replay {
  /** @param models those that can be shown, each with its plant, map and moves @param beside how many of them at once: the first ones, until others are chosen */
  constructor(models, beside = 1) {
    this.models = models;
    this.has = models.every((model) => model.moves);
    this.tick = 0;
    this.speed = 3600;
    this.playing = false;
    this.live = false;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.made = new Map();
    this.stages = h("div", {class: beside > 1 ? "beside" : null});
    this.element = h("div", {class: "replay"}, this.has ? this.controls(beside) : null, this.stages);
    this.show(models.slice(0, beside).map((_, k) => k));
    if (this.has) this.element.addEventListener("keydown", (event) => this.key(event));
  }
  /** Views of these models, left to right; what one has read is kept. */
  show(numbers) {
    this.views = numbers.map((number, place) => {
      const key = `${number} ${place}`;
      if (!this.made.has(key)) this.made.set(key, new View(this.models[number], this.has ? this : null));
      return this.made.get(key);
    });
    this.stages.replaceChildren(...this.views.map((view, place) => numbers.length > 1 ? h("div", {class: "one", role: "group", "aria-label": view.model.title}, h("h3", {}, view.model.title), view.element) : view.element));
    if (!this.has) return;
    this.slider.max = Math.floor(this.length);
    this.live ? this.seek(this.tick) : this.means();
  }
  /** As far as all that are shown go. */
  get length() {
    return Math.min(...this.views.map((view) => view.length));
  }
  key(event) {
    if (event.key === " " && !["BUTTON", "INPUT", "SELECT", "SUMMARY"].includes(event.target.tagName) && event.target.getAttribute("role") !== "button") {
      event.preventDefault();
      this.playing ? this.pause() : this.play();
    }
  }
  controls(beside) {
    this.button = h("button", {type: "button", class: "play", onclick: () => (this.playing ? this.pause() : this.play())}, "▶ Play");
    this.slider = h("input", {type: "range", min: 0, step: 60000, value: 0, "aria-label": "time of the replay", class: "time",
      oninput: () => { this.seek(Number(this.slider.value)); }});
    this.now = h("output", {class: "now"}, "means of the window");
    const select = h("select", {"aria-label": "speed", onchange: () => { this.speed = Number(select.value); }},
      speeds.map(([value, text]) => h("option", {value, selected: value === this.speed}, text)));
    const means = h("button", {type: "button", onclick: () => this.means()}, "Means");
    const text = h("input", {type: "search", placeholder: "number or kind", class: "lot-id", size: 14});
    const find = h("form", {class: "find", role: "search", onsubmit: (event) => { event.preventDefault(); this.find(text.value); }}, h("label", {}, "Find a lot ", text), " ", h("button", {type: "submit"}, "Find"));
    const chosen = beside > 1 ? h("div", {class: "controls"}, ["left", "right"].map((side, place) => this.choice(side, place))) : null;
    return h("div", {role: "group", "aria-label": "replay"}, chosen, h("div", {class: "controls"}, this.button, this.slider, this.now, select, means, find));
  }
  /** Which of the models stands at a place. */
  choice(side, place) {
    this.choices ??= [];
    const select = h("select", {onchange: () => this.show(this.choices.map((one) => Number(one.value)))},
      this.models.map((model, k) => h("option", {value: k, selected: k === place}, model.title)));
    this.choices[place] = select;
    return h("label", {}, `On the ${side} `, select);
  }
  find(text) {
    this.views.forEach((view) => view.find(text));
    this.refresh(true);
    this.views[0].panel.scrollIntoView({block: "nearest"});
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
    this.tick = Math.min(this.length, this.tick + (seconds * this.speed) / this.views[0].model.moves.tick_s);
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
    this.views.forEach((view) => view.means());
  }
  refresh(exact) {
    if (!this.live) return;
    this.now.textContent = this.views[0].when(this.tick);
    this.slider.setAttribute("aria-valuetext", this.now.textContent);
    this.views.forEach((view) => view.refresh(exact));
  }
}
