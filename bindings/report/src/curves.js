// States of stations, stock and buffers, power, crews: pictures of what tables and curves of the run say.
import {axis, chart, colours, legend, palette} from "./charts.js";
import {clock, doublesOf, floatsOf, h, percent, readable} from "./dom.js";
import {plainTable, rowsOf, tableElement} from "./tables.js";
import {section} from "./section.js";

const stateColours = {working: "#009e73", setup: "#56b4e9", starved: "#c9ced6", blocked: "#d55e00", waiting_resource: "#e69f00", waiting_digital: "#8c564b", waiting_utility: "#b8a800", down: "#a3123b", maintenance: "#7c3aa8", off_shift: "#8d96a3"};
const most = 45, least = 0.1;  // stations in a picture; lots, where an axis of powers of ten begins

const table = (model, name) => model.tables.find((t) => t.name === name);

export function states(page) {
  const {model} = page, rows = rowsOf(table(model, "stations"));
  if (!rows.length) return null;
  const names = model.plant.states.filter((name) => rows.some((row) => row[name] > 0));
  const shown = () => rows.filter((row) => page.filter.keeps(row.station, row.group)).sort((a, b) => (b.utilisation || 0) - (a.utilisation || 0)).slice(0, most);
  return section("states", "Station states", h("p", {class: "note"}, `Share of server time in each state, mean of the replications; the busiest first${rows.length > most ? `, ${most} of ${rows.length} (the filter shows others)` : ""}.`),
    chart(page, {label: "stacked bars of the states of stations; the table is below", height: () => 70 + 19 * Math.max(3, shown().length), option: (c) => {
      const kept = shown();
      return {legend: legend(c), grid: {left: 8, right: 20, top: 34, bottom: 6, containLabel: true},
        tooltip: {trigger: "axis", axisPointer: {type: "shadow"}, formatter: (all) => `${all[0].name}\n` + all.filter((one) => one.value > 0).map((one) => `${one.seriesName}: ${percent(one.value)}`).join("\n")},
        xAxis: {type: "value", max: 1, ...axis(c, {axisLabel: {color: c.soft, formatter: (v) => percent(v, 0)}})},
        yAxis: {type: "category", inverse: true, data: kept.map((row) => row.station + (row.confidence === "estimate" ? " *" : "")), ...axis(c, {axisLabel: {color: c.ink, interval: 0, fontSize: 11}, axisTick: {show: false}})},
        series: names.map((name) => ({name: name.replaceAll("_", " "), type: "bar", stack: "all", barWidth: "72%", itemStyle: {color: stateColours[name]}, data: kept.map((row) => row[name] || 0)}))};
    }}), h("details", {}, h("summary", {}, "As a table"), tableElement(pick(table(model, "stations"), ["station", "group", "confidence", "servers", "utilisation", ...names, "oee", "failures"]), "shares of server time")));
}

/** Some columns of a table, with their half-widths. */
function pick(whole, names) {
  const at = whole.columns.map((column, c) => c).filter((c) => names.includes(whole.columns[c].name) || names.includes(whole.columns[c].name.replace(/_half_width$/, "")));
  return {...whole, columns: at.map((c) => whole.columns[c]), rows: whole.rows.map((row) => at.map((c) => row[c]))};
}

class Curves {
  constructor(model) {
    const {series, plant} = model;
    this.time = doublesOf(series.time_s);
    this.start = plant.start_s;
    this.get = (name) => (this[name + "_"] ??= floatsOf(series[name]));
    this.column = (name, k, width) => Array.from(this.time, (t, r) => [1000 * (this.start + t), this.get(name)[r * width + k]]);
  }
}
const curvesOf = (page) => (page.curves ??= new Curves(page.model));
const timeAxis = (c) => ({type: "time", ...axis(c, {axisLabel: {color: c.soft, fontSize: 11, hideOverlap: true, formatter: (ms) => clock(ms / 1000, false).replace(" 00:00", "")}, splitLine: {show: false}})});
const zoom = (c) => [{type: "inside"}, {type: "slider", height: 18, bottom: 4, borderColor: c.line, textStyle: {color: c.soft}, labelFormatter: (ms) => clock(ms / 1000, false)}];
const pointed = (unit) => ({trigger: "axis", formatter: (all) => `${clock(all[0].value[0] / 1000)}\n` + all.filter((one) => one.value[1] !== 0).slice(0, 14).map((one) => `${one.seriesName}: ${readable(one.value[1])} ${unit}`).join("\n")});
const warmup = (page, c) => page.model.result?.run.window_begin_s > 0 ? {silent: true, symbol: "none", lineStyle: {color: c.soft, type: "dashed"}, label: {color: c.soft, fontSize: 11, formatter: "window", position: "end"},
  data: [{xAxis: 1000 * (page.model.plant.start_s + page.model.result.run.window_begin_s)}]} : undefined;

export function stock(page) {
  const {model} = page;
  if (!model.series) return null;
  const {plant} = model, kpis = model.result?.kpis, buffers = rowsOf(table(model, "buffers"));
  const busy = [...buffers].sort((a, b) => (b.max_lots || 0) - (a.max_lots || 0));
  const select = h("select", {"aria-label": "station", onchange: () => line.redraw()}, [h("option", {value: ""}, "the whole plant"), ...busy.map((row) => h("option", {value: row.station}, row.station))]);
  const line = chart(page, {label: "lots over time, first replication", height: 300, option: (c) => {
    const curves = curvesOf(page), k = plant.stations.findIndex((s) => s.name === select.value);
    const data = k < 0 ? curves.column("wip", 0, 1) : curves.column("queue", k, plant.stations.length);
    const room = k >= 0 ? plant.stations[k].buffer : null;
    return {grid: {left: 12, right: 26, top: 24, bottom: 46, containLabel: true}, dataZoom: zoom(c), tooltip: pointed("lots"), xAxis: timeAxis(c), yAxis: {type: "value", name: "lots", ...axis(c)},
      series: [{name: k < 0 ? "in the plant" : `waiting for ${select.value}`, type: "line", showSymbol: false, itemStyle: {color: c.accent}, lineStyle: {width: 1.4, color: c.accent}, data, markLine: warmup(page, c),
        markPoint: {symbolSize: 8, symbol: "circle", itemStyle: {color: c.queue}, label: {color: c.ink, position: "top", formatter: ({value}) => "peak " + readable(value)}, data: [{type: "max"}]}},
      ...(room === null ? [] : [{name: "room", type: "line", showSymbol: false, lineStyle: {color: c.queue, type: "dashed", width: 1}, data: data.map(([t]) => [t, room])}])]};
  }});
  const shown = () => busy.filter((row) => row.max_lots > 0 && page.filter.keeps(row.station, page.filter.groupOf.get(row.station))).slice(0, 24);
  const bars = chart(page, {label: "buffers: mean, 95 % and most, of room; the table is below", height: () => 70 + 19 * Math.max(3, shown().length), option: (c) => {
    const kept = shown();
    const bar = (name, key, colour) => ({name, type: "custom", encode: {x: 0, y: 1}, itemStyle: {color: colour}, data: kept.map((row, k) => [Math.max(least, row[key] || 0), k]), renderItem: (_, api) => {
      const [x0, y] = api.coord([least, api.value(1)]), [x1] = api.coord([api.value(0), api.value(1)]);
      return {type: "rect", shape: {x: x0, y: y - 6, width: Math.max(0, x1 - x0), height: 12}, style: {fill: colour}};
    }});
    return {legend: legend(c), grid: {left: 8, right: 30, top: 34, bottom: 30, containLabel: true}, tooltip: {trigger: "item", formatter: ({data}) => {
      const row = kept[data[1]];
      return `${row.station}\nmean ${readable(row.mean_lots, row.mean_lots_half_width)} lots\n95 % ${readable(row.p95_lots, row.p95_lots_half_width)}\nmost ${readable(row.max_lots, row.max_lots_half_width)}\nroom ${row.room_lots ?? "without limit"}`;
    }}, xAxis: {type: "log", min: least, name: "lots", nameLocation: "middle", nameGap: 22, ...axis(c, {axisLabel: {color: c.soft, hideOverlap: true}})},
    yAxis: {type: "category", inverse: true, data: kept.map((row) => row.station), ...axis(c, {axisLabel: {color: c.ink, interval: 0, fontSize: 11}, axisTick: {show: false}})},
    series: [bar("most", "max_lots", "#b9cfe6"), bar("95 %", "p95_lots", "#6fa3d4"), bar("mean", "mean_lots", "#0b5cad"),
      {name: "room", type: "custom", encode: {x: 0, y: 1}, itemStyle: {color: c.queue}, data: kept.map((row, k) => [row.room_lots ?? null, k]).filter(([room]) => room !== null), renderItem: (_, api) => {
        const [x, y] = api.coord([api.value(0), api.value(1)]);
        return {type: "line", shape: {x1: x, x2: x, y1: y - 8, y2: y + 8}, style: {stroke: c.queue, lineWidth: 3}};
      }}]};
  }});
  return section("stock", "Stock and buffers",
    kpis ? h("p", {}, `${readable(kpis["plant.wip"]?.mean, kpis["plant.wip"]?.half_width)} lots in the plant, ${readable(kpis["plant.cycle_time"]?.mean, kpis["plant.cycle_time"]?.half_width)} h from birth to sink on average.`) : null,
    h("div", {class: "controls"}, h("label", {}, "Lots over time, first replication: ", select)), line, h("h3", {}, "Buffers"), h("p", {class: "note"}, "Logarithmic; a mark shows the room where there is a limit."), bars,
    ["stocks", "utilities", "tasks", "devices", "buffers", "tanks", "due"].filter((name) => table(model, name)).map((name) => h("details", {open: name === "stocks"}, h("summary", {}, "Table of " + name), tableElement(table(model, name)))));
}

export function energy(page) {
  const {model} = page;
  if (!model.series) return null;
  const {plant} = model, n = plant.stations.length, auxiliaries = rowsOf(table(model, "auxiliaries"));
  if (!plant.stations.some((s) => s.power_W.some((w) => w > 0)) && !auxiliaries.length) return null;
  const groups = [...new Set(plant.stations.map((s) => s.group))];
  const kpis = model.result?.kpis || {};
  const sums = () => {
    const curves = curvesOf(page), power = curves.get("power_kW");
    return groups.map((group) => {
      const inside = plant.stations.map((s, k) => k).filter((k) => plant.stations[k].group === group && page.filter.keeps(plant.stations[k].name, group));
      const constant = auxiliaries.filter((a) => a.group === group && page.filter.keeps(a.auxiliary, group)).reduce((sum, a) => sum + a.power_W / 1000, 0);
      return {group: group || "no group", inside: inside.length + constant, values: Array.from(curves.time, (_, r) => inside.reduce((sum, k) => sum + power[r * n + k], constant))};
    }).filter((one) => one.inside && one.values.some((v) => v > 0));
  };
  const line = chart(page, {label: "electric power by group over time, first replication", height: 320, option: (c) => {
    const curves = curvesOf(page), all = sums();
    const total = Array.from(curves.time, (t, r) => [1000 * (curves.start + t), all.reduce((sum, one) => sum + one.values[r], 0)]);
    return {legend: legend(c), grid: {left: 12, right: 26, top: 40, bottom: 46, containLabel: true}, dataZoom: zoom(c), tooltip: pointed("kW"), xAxis: timeAxis(c), yAxis: {type: "value", name: "kW", ...axis(c)},
      series: [...all.map((one, k) => ({name: one.group, type: "line", stack: "power", showSymbol: false, areaStyle: {opacity: 0.7}, lineStyle: {width: 0}, itemStyle: {color: palette[k % palette.length]},
        data: Array.from(curves.time, (t, r) => [1000 * (curves.start + t), one.values[r]]), markLine: k === 0 ? warmup(page, c) : undefined})),
      {name: "in all", type: "line", showSymbol: false, lineStyle: {width: 1, color: c.ink}, itemStyle: {color: c.ink}, data: total,
        markPoint: {symbol: "circle", symbolSize: 8, itemStyle: {color: c.queue}, label: {color: c.ink, position: "top", formatter: ({value}) => `highest level ${readable(value)} kW`}, data: [{type: "max"}]}}]};
  }});
  const hours = chart(page, {label: "mean power by hour of the day, first replication", height: 240, option: (c) => {
    const curves = curvesOf(page), all = sums(), begin = model.result?.run.window_begin_s ?? 0;
    const mean = (one) => Array.from({length: 24}, (_, hour) => {
      let sum = 0, count = 0;
      curves.time.forEach((t, r) => { if (t >= begin && Math.floor(((curves.start + t) % 86400) / 3600) === hour) { sum += one.values[r]; ++count; } });
      return count ? sum / count : null;
    });
    return {grid: {left: 12, right: 20, top: 24, bottom: 30, containLabel: true}, tooltip: {trigger: "axis", axisPointer: {type: "shadow"}, formatter: (all_) => `${all_[0].name}:00\n` + all_.map((one) => `${one.seriesName}: ${readable(one.value)} kW`).join("\n")},
      xAxis: {type: "category", name: "hour of the day", nameLocation: "middle", nameGap: 24, data: Array.from({length: 24}, (_, k) => String(k)), ...axis(c)}, yAxis: {type: "value", name: "kW", ...axis(c)},
      series: all.map((one, k) => ({name: one.group, type: "bar", stack: "power", itemStyle: {color: palette[k % palette.length]}, data: mean(one)}))};
  }});
  const told = ["plant.electricity_per_year", "plant.power", "plant.peak_power"].filter((path) => kpis[path]?.mean !== undefined && kpis[path]?.mean !== null);
  return section("energy", "Energy", told.length ? h("p", {}, told.map((path) => `${{"plant.electricity_per_year": "electricity", "plant.power": "mean power", "plant.peak_power": "peak"}[path]} ${readable(kpis[path].mean, kpis[path].half_width)} ${kpis[path].unit}${kpis[path].estimate ? " *" : ""}`).join(", ") + ".") : null,
    h("p", {class: "note"}, "Curves: by the states of servers and constant loads, levels at regular times; what a job uses on top is in the figures, not in the curves."), line, h("h3", {}, "By hour of the day"), hours,
    ["electricity", "auxiliaries"].filter((name) => table(model, name)).map((name) => h("details", {}, h("summary", {}, "Table of " + name), tableElement(table(model, name)))));
}

export function crews(page) {
  const {model} = page, kpis = model.result?.kpis, {pools} = model.plant || {pools: []};
  if (!pools.length || !kpis) return null;
  const value = (pool, key) => kpis[`resources.${pool.name}.${key}`];
  const told = pools.filter((pool) => value(pool, "offered"));
  if (!told.length) return null;
  const bars = chart(page, {label: "crews: units at work of those on duty; the table is below", height: 60 + 26 * told.length, option: (c) => ({legend: legend(c), grid: {left: 8, right: 30, top: 30, bottom: 8, containLabel: true},
    tooltip: {trigger: "axis", axisPointer: {type: "shadow"}, formatter: (all) => all[0].name + "\n" + all.map((one) => `${one.seriesName}: ${readable(one.value)}`).join("\n")}, xAxis: {type: "value", ...axis(c)},
    yAxis: {type: "category", inverse: true, data: told.map((pool) => pool.name), ...axis(c, {axisLabel: {color: c.ink, interval: 0}, axisTick: {show: false}})},
    series: [{name: "on duty, mean", type: "bar", barGap: "-100%", barWidth: "60%", itemStyle: {color: "#b9cfe6"}, data: told.map((pool) => value(pool, "offered").mean)},
      {name: "at work, mean", type: "bar", barWidth: "60%", itemStyle: {color: "#0b5cad"}, data: told.map((pool) => value(pool, "taken").mean)}]})});
  const select = h("select", {"aria-label": "crew", onchange: () => line.redraw()}, pools.map((pool, k) => h("option", {value: k}, pool.name)));
  const line = model.series ? chart(page, {label: "one crew over time, first replication", height: 260, option: (c) => {
    const curves = curvesOf(page), k = Number(select.value);
    return {legend: legend(c), grid: {left: 12, right: 26, top: 34, bottom: 46, containLabel: true}, dataZoom: zoom(c).map((one) => ({...one, startValue: 0, end: Math.min(100, 100 * 14 * 86400 / (curves.time.at(-1) || 1))})), tooltip: pointed("units"), xAxis: timeAxis(c), yAxis: {type: "value", ...axis(c)},
      series: [["on duty", "on_duty", "#8fb3d9"], ["at work", "taken", c.accent]].map(([name, key, colour]) => ({name, type: "line", step: "end", showSymbol: false, itemStyle: {color: colour}, lineStyle: {width: 1.4, color: colour}, areaStyle: {opacity: 0.25}, data: curves.column(key, k, pools.length)}))};
  }}) : null;
  const cell = (kpi, scale = 1) => kpi ? readable(scale * kpi.mean, scale * kpi.half_width) : "-";
  return section("crews", "Crews and other resources", bars, plainTable("crews", ["Resource", "utilisation %", "on duty", "at work"], told.map((pool) => ({key: pool.name, cells: [pool.name, cell(value(pool, "utilisation"), 100), cell(value(pool, "offered")), cell(value(pool, "taken"))]}))),
    line ? [h("div", {class: "controls"}, h("label", {}, "Over time, first replication: ", select)), line] : null);
}
export {colours};
