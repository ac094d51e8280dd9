// Pictures by ECharts, drawn when they come near, in the colours of the page; each says in words what it shows.
import * as echarts from "echarts/core";
import {BarChart, CustomChart, LineChart, SankeyChart} from "echarts/charts";
import {DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, MarkPointComponent, TooltipComponent} from "echarts/components";
import {SVGRenderer} from "echarts/renderers";
import {h} from "./dom.js";

echarts.use([BarChart, CustomChart, LineChart, SankeyChart, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, MarkPointComponent, TooltipComponent, SVGRenderer]);

export function colours() {
  const style = getComputedStyle(document.documentElement), of = (name) => style.getPropertyValue(name).trim();
  return {ink: of("--ink"), soft: of("--soft"), line: of("--line"), card: of("--card"), accent: of("--accent"), queue: of("--queue"), edge: of("--edge")};
}
/** By name: what a picture measures its texts with must be what shows them. */
const font = () => getComputedStyle(document.body).fontFamily;
// Okabe & Ito (2008), told apart by the colour-blind; the greys are for what is not at work.
export const palette = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#7f7f7f", "#44aa99", "#aa4499"];

/**
 * @param label what it shows, for those who do not see it
 * @param option made anew whenever colours or the filter change
 */
export function chart(page, {label, height = 320, option}) {
  const element = h("div", {class: "chart", role: "img", "aria-label": label, style: `height:${typeof height === "function" ? height() : height}px`});
  let drawn = null;
  const draw = () => {
    if (typeof height === "function") element.style.height = height() + "px";
    drawn ??= echarts.init(element, null, {renderer: "svg"});
    drawn.resize();
    const c = colours(), said = option(c);
    drawn.setOption({animation: false, textStyle: {color: c.ink, fontFamily: font()}, color: palette, ...said,
      tooltip: {renderMode: "richText", confine: true, backgroundColor: c.card, borderColor: c.edge, textStyle: {color: c.ink, fontSize: 12}, ...said.tooltip}}, true);
    scale();
  };
  /** So that it shrinks with the paper. */
  const scale = () => {
    const svg = element.querySelector("svg");
    svg?.setAttribute("viewBox", `0 0 ${drawn.getWidth()} ${drawn.getHeight()}`);
  };
  page.onDraw(element, () => {
    draw();
    new ResizeObserver(() => {
      if (matchMedia("print").matches) return;
      drawn.resize();
      scale();
    }).observe(element);
  });
  const again = () => { if (drawn) draw(); };
  page.redraw.push(again);
  page.filtered.push(again);
  element.redraw = again;
  return element;
}

export const axis = (c, more = {}) => ({axisLabel: {color: c.soft}, axisLine: {lineStyle: {color: c.edge}}, splitLine: {lineStyle: {color: c.line}}, nameTextStyle: {color: c.soft}, ...more});
export const legend = (c, more = {}) => ({icon: "roundRect", itemWidth: 14, itemHeight: 10, textStyle: {color: c.ink}, pageTextStyle: {color: c.ink}, type: "scroll", top: 0, ...more});

/** Horizontal marks with an interval: custom series of [row, low, value, high]. */
export const forest = (c, rows, colour) => ({type: "custom", encode: {x: [1, 2, 3], y: 0}, data: rows, renderItem: (_, api) => {
  const row = api.value(0), [x0, y] = api.coord([api.value(1), row]), [x1] = api.coord([api.value(2), row]), [x2] = api.coord([api.value(3), row]);
  const stroke = colour ? colour(row) : c.accent, style = {stroke, lineWidth: 2, fill: stroke};
  return {type: "group", children: [{type: "line", shape: {x1: x0, y1: y, x2: x2, y2: y}, style}, {type: "line", shape: {x1: x0, y1: y - 4, x2: x0, y2: y + 4}, style}, {type: "line", shape: {x1: x2, y1: y - 4, x2: x2, y2: y + 4}, style},
    {type: "circle", shape: {cx: x1, cy: y, r: 4}, style}]};
}});

/** Categories from top to bottom. */
export const rowsAxis = (c, names, more = {}) => ({type: "category", inverse: true, data: names, ...axis(c, {axisLabel: {color: c.ink, interval: 0, fontSize: 11, width: 300, overflow: "truncate", ...more}, axisTick: {show: false}, axisLine: {onZero: false, lineStyle: {color: c.edge}}})});
export const valueAxis = (c, name, more = {}) => ({type: "value", name, nameLocation: "middle", nameGap: 22, ...axis(c), ...more});
/** A line across all rows. */
export const mark = (c, at, text) => ({silent: true, symbol: "none", label: text ? {color: c.ink, position: "start", formatter: text} : {show: false}, lineStyle: {color: c.ink, type: "solid", width: 1}, data: [{xAxis: at}]});
