// 工作台: the figures as bars. A bar leads to the list behind it, as the numbers of the table below it do,
// which says the same to whoever does not see the drawing. Colours and type come from the tokens.
const drawn = JSON.parse(document.getElementById("drawn")?.textContent || "{}");
const look = getComputedStyle(document.documentElement);
const token = (name) => look.getPropertyValue(name).trim();
const PARTS = { done: "--green", scheduled: "--slate-mid", pending: "--line-strong", overdue: "--red" };
const INKS = { pending: "--ink" };
const ROW = 30;
const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function options({ names, parts }) {
  const text = { color: token("--ink-2"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };
  const highest = Math.max(...names.map((_, place) => parts.reduce((sum, part) => sum + part.values[place], 0)));
  return {
    animation: !still,
    textStyle: text,
    grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "value", show: false, max: highest || 1 },
    yAxis: {
      type: "category",
      inverse: true,
      data: names,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...text, width: 136, overflow: "break", lineHeight: 15 },
    },
    series: parts.map(({ name, tone, values }) => ({
      name,
      type: "bar",
      stack: "all",
      barWidth: 18,
      itemStyle: { color: token(PARTS[tone]), borderColor: token("--sheet"), borderWidth: 1 },
      emphasis: { itemStyle: { borderColor: token("--ink") } },
      label: {
        show: true,
        color: INKS[tone] ? token(INKS[tone]) : "#fff",
        fontSize: 12,
        // A part that is too narrow for its number keeps it to the table.
        formatter: ({ value }) => (value && value / highest > 0.07 ? String(value) : ""),
      },
      data: values,
    })),
  };
}

function key(parts) {
  const list = document.createElement("ul");
  list.className = "bar-key";
  for (const { name, tone } of parts) {
    const mark = document.createElement("i");
    mark.className = tone;
    const entry = document.createElement("li");
    entry.append(mark, name);
    list.append(entry);
  }
  return list;
}

for (const place of document.querySelectorAll("[data-chart]")) {
  const figures = drawn[place.dataset.chart];
  const table = place.parentElement.querySelector("[data-chart-table]");
  if (!figures || figures.names.length === 0 || !window.echarts) {
    continue;
  }
  place.hidden = false;
  table.open = false;
  const canvas = document.createElement("div");
  canvas.className = "chart-canvas";
  canvas.style.height = `${figures.names.length * ROW + 8}px`;
  place.append(key(figures.parts), canvas);
  const chart = window.echarts.init(canvas, null, { renderer: "canvas" });
  chart.setOption(options(figures));
  chart.on("click", ({ seriesIndex, dataIndex }) => {
    window.location.assign(figures.parts[seriesIndex].urls[dataIndex]);
  });
  new ResizeObserver(() => chart.resize()).observe(canvas);
}
