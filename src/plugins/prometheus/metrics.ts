export const metrics = {
  prometheus: {
    help: 'What was scraped; the fields are named as the metrics, the tags as their labels',
    tags: {
      url: 'Address that was scraped',
      le: 'Upper bound of the bucket of a histogram',
      quantile: 'Share of the observations, 0 to 1, of a summary',
      '*': 'Labels',
    },
    fields: {},
    dynamic: { type: 'float', help: 'Value of the metric of that name' },
  },
} as const;
