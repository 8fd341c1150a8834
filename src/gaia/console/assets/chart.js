// What something cost over time, drawn from the table below, which says the same: without script there is the table.
"use strict";
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const day = 86400;

  const read = (table) => {
    const rows = [...table.querySelectorAll("tr[data-at]")].reverse();
    const at = rows.map((row) => Date.parse(row.dataset.at) / 1000);
    const amounts = rows.map((row) => (row.dataset.amount === undefined ? null : Number(row.dataset.amount)));
    at.push(Math.max(Date.now() / 1000, at.at(-1) + 60)); // what was true last is true until now
    amounts.push(amounts.at(-1));
    return { at, amounts, currency: rows.find((row) => row.dataset.currency)?.dataset.currency || "USD" };
  };

  const draw = (box) => {
    const { at, amounts, currency } = read(document.getElementById(box.dataset.chart));
    if (!amounts.some((one) => one !== null)) return;
    const money = new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: 2 });
    const span = at.at(-1) - at[0];
    const when = new Intl.DateTimeFormat("en", span > 3 * day ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    box.hidden = false;
    box.replaceChildren();
    const font = "12px system-ui, sans-serif";
    const axis = { stroke: colour("--soft"), font, grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const most = Math.max(...amounts.filter((one) => one !== null));
    new uPlot(
      {
        width: box.clientWidth,
        height: 240,
        padding: [16, 8, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: true }, y: { range: [0, most ? most * 1.15 : 1] } },
        axes: [
          { ...axis, grid: { show: false }, size: 32, space: 90, values: (_, splits) => splits.map((one) => when.format(one * 1000)) },
          { ...axis, size: 72, values: (_, splits) => splits.map((one) => money.format(one)) },
        ],
        series: [
          {},
          {
            stroke: colour("--accent"),
            width: 2,
            fill: colour("--accent-soft"),
            paths: uPlot.paths.stepped({ align: 1 }),
            points: { show: (_, __, first) => first === 0, size: 7, fill: colour("--surface"), filter: () => at.map((_, index) => index).slice(0, -1) },
          },
        ],
      },
      [at, amounts],
      box,
    );
  };

  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", drawAll);
  let waits = 0;
  addEventListener("resize", () => {
    clearTimeout(waits);
    waits = setTimeout(drawAll, 150);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
