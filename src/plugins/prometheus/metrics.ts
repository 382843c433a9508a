export const metrics = {
  prometheus: {
    help: 'Scraped metrics, with metric names as fields and labels as tags',
    tags: {
      url: 'Scraped address',
      le: 'Upper bound of a histogram bucket',
      quantile: 'Quantile of a summary, 0 to 1',
      '*': 'Labels of the metric',
    },
    fields: {},
    dynamic: { type: 'float', help: 'Value of the metric of that name' },
  },
} as const;
