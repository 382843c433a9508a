/** Grafana's dark theme. */
export const THEME = {
  page: '#111217',
  panel: '#181b1f',
  border: '#24262b',
  text: '#ccccdc',
  strong: '#ffffff',
  weak: '#9d9fab',
  grid: '#2a2d33',
  link: '#6e9fff',
};

const NAMED = {
  green: '#73bf69',
  orange: '#ff9830',
  red: '#f2495c',
  blue: '#5794f2',
};

const PALETTE = [
  ...['#73bf69', '#fade2a', '#5794f2', '#ff9830', '#f2495c', '#b877d9', '#8ab8ff', '#ffa6b0', '#96d98d', '#ffcb7d'],
  ...['#37872d', '#e0b400', '#1f60c4', '#fa6400', '#c4162a', '#8f3bb8', '#c0d8ff', '#ff7383', '#c8f2c2', '#deb6f2'],
];

export const seriesColor = (index) => PALETTE[index % PALETTE.length];

export const color = (name) => NAMED[name] ?? name;

/** The colour of the highest step that the value reaches. */
export function thresholdColor({ steps = [] } = {}, value) {
  const reached = steps.filter((step) => step.value === null || value >= step.value);
  return color(reached.at(-1)?.color ?? 'green');
}
