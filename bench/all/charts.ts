import type { Growth } from "../growth/part.ts";
import { bestRate } from "../matrix/best_rate.ts";
import type { MatrixRace } from "../matrix/part.ts";
import { formatRate } from "../report/format.ts";
import { importRival } from "../rivals/import_rival.ts";
import { YCSB_WORKLOADS } from "../ycsb/workloads.ts";

interface Chart {
  setOption(option: object): void;
  renderToSVGString(): string;
  dispose(): void;
}

interface ECharts {
  init(element: null, theme: null, options: object): Chart;
}

const WIDTH = 1_000;
const PANEL_HEIGHT = 260;
const TITLE_HEIGHT = 110;
/** The more different, the nearer to each other they stand. */
const COLORS = [
  "#c0392b",
  "#e67e22",
  "#2471a3",
  "#27ae60",
  "#8e44ad",
  "#7f8c8d",
  "#16a085",
  "#34495e",
  "#d4ac0d",
  "#af7ac5",
  "#5dade2",
  "#6e2c00",
  "#f1948a",
];

/** One panel for each runtime: the best of each store in each workload, calls a second, the higher the faster. */
export async function matrixChart(races: readonly MatrixRace[]): Promise<string> {
  const contenders = [...new Set(races.flatMap(({ rows }) => rows.map(({ contender }) => contender)))];
  const height = TITLE_HEIGHT + PANEL_HEIGHT * races.length;
  const grid = races.map((_, i) => ({
    left: 70,
    right: 20,
    top: TITLE_HEIGHT + PANEL_HEIGHT * i,
    height: PANEL_HEIGHT - 60,
  }));
  const series = races.flatMap(({ rows }, i) =>
    contenders.map((name) => ({
      name,
      type: "bar",
      xAxisIndex: i,
      yAxisIndex: i,
      barGap: "0%",
      data: YCSB_WORKLOADS.map((workload) => bestRate(rows, name, workload) || null),
    }))
  );
  return await toSvg(height, {
    title: { text: `YCSB, ${races[0].table.name}: calls a second`, left: "center", top: 5 },
    legend: legend(contenders),
    grid,
    xAxis: races.map(({ host }, i) => ({
      gridIndex: i,
      type: "category",
      data: [...YCSB_WORKLOADS],
      name: `${host.runtime} ${host.version}`,
      nameLocation: "middle",
      nameGap: 25,
    })),
    yAxis: races.map(({ rows }, i) =>
      rateAxis(i, rows.flatMap(({ rates }) => Object.values(rates).map(({ median }) => median)))
    ),
    series,
  });
}

/** A line for each store, from size to size. */
export async function growthChart({ title, axis, sizes, rates }: Growth): Promise<string> {
  return await toSvg(2 * PANEL_HEIGHT, {
    title: { text: `${title}: calls a second`, left: "center", top: 5 },
    legend: legend(Object.keys(rates)),
    grid: { left: 70, right: 30, top: TITLE_HEIGHT, bottom: 50 },
    xAxis: {
      type: "category",
      data: sizes.map((size) => size.toLocaleString("en")),
      name: axis,
      nameLocation: "middle",
      nameGap: 30,
    },
    yAxis: rateAxis(0, Object.values(rates).flat().filter((rate) => rate !== null)),
    series: Object.entries(rates).map(([name, data]) => ({ name, type: "line", data })),
  });
}

/** From the power of ten below the least rate. */
function rateAxis(gridIndex: number, rates: readonly number[]): object {
  const min = 10 ** Math.floor(Math.log10(Math.min(...rates)));
  return { gridIndex, type: "log", min, axisLabel: { formatter: formatRate } };
}

function legend(data: readonly string[]): object {
  return { top: 35, itemGap: 24, textStyle: { fontSize: 11 }, data };
}

async function toSvg(height: number, option: object): Promise<string> {
  const { init } = await importRival<ECharts>("echarts");
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  chart.setOption({ animation: false, color: COLORS, backgroundColor: "#fff", ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
