/** What the agent captured when the alert fired. */
import type { JSX } from 'preact';

import type { ListedAlertInfo } from '../../api/answers.ts';

import type { ShownAlert } from './shown.ts';

type Table = ListedAlertInfo['alert']['context'][number];

export function Captured({ shown: { listed } }: { shown: ShownAlert }): JSX.Element | null {
  const tables = listed?.alert.context ?? [];
  if (tables.length === 0) return null;
  return (
    <section class="card">
      <div class="ch">
        <h2>Captured when it fired</h2>
      </div>
      {tables.map((table) => (
        <Context key={table.title} table={table} />
      ))}
    </section>
  );
}

function Context({ table: { title, columns, rows, note } }: { table: Table }): JSX.Element {
  return (
    <div class="captured">
      <table>
        <caption class="mut s">{title}</caption>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={column} scope="col" class={index === 0 ? '' : 'n'}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, index) => (
                <td key={index} class={index === 0 ? '' : 'n'} title={cell}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {note !== undefined && <p class="mut s noted">{note}</p>}
    </div>
  );
}
