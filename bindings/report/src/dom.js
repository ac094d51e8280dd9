// Elements, numbers as the program writes them, and the mark of an estimate; text only ever becomes text, never markup.
export function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "rect", "text", "line", "circle"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

const grouped = (value, decimals) => value.toLocaleString("en-US", {minimumFractionDigits: decimals, maximumFractionDigits: decimals});
const decimalsFor = (value, digits) => Math.min(9, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)))));
const extreme = (value) => Math.abs(value) >= 1e12 || (value !== 0 && Math.abs(value) < 1e-4);

/** Four digits; with a half-width two digits of it: as readable() of the program. */
export function readable(value, halfWidth) {
  if (value === null || value === undefined || Number.isNaN(value)) return "-";
  if (Number.isFinite(halfWidth) && halfWidth !== 0 && halfWidth !== null && !extreme(halfWidth)) {
    const decimals = decimalsFor(halfWidth, 2);
    return grouped(value, decimals) + " ± " + grouped(halfWidth, decimals);
  }
  if (value === 0) return "0";
  return extreme(value) ? value.toPrecision(3) : grouped(value, decimalsFor(value, 4));
}

export const percent = (share, digits = 1) => (share === null || share === undefined || Number.isNaN(share) ? "-" : (100 * share).toFixed(digits) + " %");
export const unitText = (unit) => (unit === "1" || !unit ? "" : unit.startsWith("1/") ? "lots" + unit.slice(1) : unit);

/** A figure of the result with its interval, unit and evidence mark; what it is called in result.json is told on hovering. */
export function figure(path, kpi, withUnit = true) {
  if (!kpi || kpi.mean === null) return h("span", {class: "none"}, "-");
  const unit = withUnit ? unitText(kpi.unit) : "";
  return h("span", {class: "figure", title: `${path}: ${kpi.mean} ${kpi.unit}, half-width ${kpi.half_width}, n ${kpi.n}`, "data-path": path, "data-value": String(kpi.mean)},
    readable(kpi.mean, kpi.half_width), unit ? " " : "", unit ? h("span", {class: "unit"}, unit) : null, kpi.estimate ? star() : null);
}
export const star = () => h("abbr", {class: "estimate", title: "rests on estimates", "aria-label": "estimate"}, " *");

export const clock = (seconds, withYear = true) => {
  const text = new Date(Math.round(seconds) * 1000).toISOString();
  return (withYear ? text.slice(0, 10) : text.slice(5, 10)) + " " + text.slice(11, 16);
};
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
export const weekday = (seconds) => weekdays[new Date(seconds * 1000).getUTCDay()];
export function duration(seconds) {
  if (seconds < 90) return `${seconds.toFixed(0)} s`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(0)} min`;
  return seconds < 172800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86400).toFixed(1)} d`;
}

export function bytesOf(text) {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; ++k) bytes[k] = raw.charCodeAt(k);
  return bytes;
}
export const floatsOf = (text) => new Float32Array(bytesOf(text).buffer);
export const doublesOf = (text) => new Float64Array(bytesOf(text).buffer);
