/** The list of alerts, as long as a part of the page shows it. */
import type { AlertsAnswer } from '../../api/answers.ts';
import { useAsked, type Asked } from '../../store/asked.ts';
import { alertsNews } from '../../store/live.ts';

/** The stream says what changed; before it has, the agent is asked once. */
export function useAlerts(): Asked<AlertsAnswer> {
  const news = alertsNews.value as AlertsAnswer | undefined;
  const asked = useAsked<AlertsAnswer>(news === undefined ? 'alerts' : undefined);
  return news === undefined ? asked : { ...asked, answer: news, error: undefined };
}
