/** A notification as plain text, for terminals, commands and the text part of a mail. */
import { oneLine } from '../message-text.ts';
import type { ContextTable, Link, Notification } from '../notification.ts';

import { messageOf, moreText, type AlertDetails, type AlertLine } from './message.ts';

/** No newline at the end. */
export function plainText(notification: Notification): string {
  const message = messageOf(notification);
  const { title, overview, details, links } = message;
  const more = moreText(message);
  const lines = [...overview.map(lineText), ...(overview.length > 0 && more !== undefined ? [more] : [])];
  return [
    title,
    ...(lines.length > 0 ? [lines.join('\n')] : []),
    ...details.map((one) => detailsText(one)),
    ...(overview.length === 0 && more !== undefined ? [more] : []),
    ...(links.length > 0 ? [linksText(links)] : []),
  ].join('\n\n');
}

export function lineText({ mark, state, about, value, id }: AlertLine): string {
  return `${[`${mark} ${state}:`, about, value].filter(Boolean).join(' ')} [${id}]`;
}

function detailsText({ heading, description, facts, trend, tables, links, acts }: AlertDetails): string {
  return [
    ...(heading === undefined ? [] : [heading]),
    ...facts.map(([name, value]) => `${name}: ${value}`),
    ...(description === undefined ? [] : [`Details: ${oneLine(description)}`]),
    ...(trend === undefined ? [] : [`Trend: ${trend.bars} ${trend.text}`]),
    ...(links.length + acts.length === 0 ? [] : [linksText([...acts, ...links])]),
    ...tables.map(tableText),
  ].join('\n');
}

function linksText(links: readonly Link[]): string {
  return links.map(({ title, url }) => `${title}: ${oneLine(url)}`).join('\n');
}

/** A table with its title and aligned columns, or why it is empty. */
export function tableText({ title: given, columns, rows, note }: ContextTable): string {
  const title = oneLine(given);
  if (rows.length === 0) return `${title}: ${note ?? 'nothing'}`;
  const all = [columns, ...rows].map((row) => row.map(oneLine));
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const body = all.slice(1).map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
  return [`${title}:`, ...body.map((line) => line.trimEnd())].join('\n');
}
